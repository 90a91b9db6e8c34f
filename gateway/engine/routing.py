"""Which vendors get this order, and why: pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Literal, get_args

from gateway.core.adapter import Adapter, Site
from gateway.core.order import Channel, Member, MemberKind, Order, ServiceMode
from gateway.engine.rows import Role

NO_MEMBER = "none"
ANY_OTHER = "any other"


@dataclass(frozen=True, kw_only=True)
class When:
    """What an order must be for a route to take it; None is anything."""

    channel: frozenset[str] | None = None
    service_mode: frozenset[str] | None = None
    till: frozenset[str] | None = None
    member: frozenset[str] | None = None

    def excluded_by(self, known: Mapping[str, str | None]) -> str | None:
        """Name the first condition that what is known contradicts; unknown contradicts nothing."""
        for name in ("channel", "service_mode", "till", "member"):
            allowed: frozenset[str] | None = getattr(self, name)
            value = known.get(name)
            if allowed is not None and value is not None and value not in allowed:
                return f"{name} is {value}, the route takes {', '.join(sorted(allowed))}"
        return None


@dataclass(frozen=True, kw_only=True)
class Route:
    """The rule that sends a store's orders to a vendor; `source` is where it is configured."""

    vendor: str
    adapter: str
    role: Role
    when: When = When()
    site: Site
    settle_delay_seconds: float = 0
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Store:
    """A store as the engine knows it; times in seconds."""

    code: str
    name: str = ""
    timezone: str
    currency: str
    locale: str = "en"
    phone_region: str | None = None
    wait_seconds: float = 3.0
    visit_ttl_seconds: float = 1800.0
    on_park: Literal["continue", "stop_lane"] = "continue"
    offline_reward: Literal["queue", "refuse"] = "refuse"
    offline: Mapping[tuple[str, str], str] = field(default_factory=dict)
    max_age_seconds: Mapping[tuple[str, str], float] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()

    def route_to(self, vendor: str) -> Route | None:
        """The first route to a vendor."""
        return next((route for route in self.routes if route.vendor == vendor), None)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every store and every adapter; swapped as a whole when the configuration changes."""

    stores: Mapping[str, Store]
    adapters: Mapping[str, Adapter]


def known_of(order: Order, member: Member | None) -> dict[str, str | None]:
    """What routes test, of an order; `member` is the order's own or its visit's."""
    return {
        "channel": order.channel,
        "service_mode": order.service_mode,
        "till": order.till,
        "member": member.kind if member else NO_MEMBER,
    }


def matching(store: Store, known: Mapping[str, str | None]) -> tuple[Route, ...]:
    """Every route that takes it, the primary one first."""
    taken = [route for route in store.routes if route.when.excluded_by(known) is None]
    return tuple(sorted(taken, key=lambda route: route.role != "primary"))


def primary(store: Store, known: Mapping[str, str | None]) -> Route | None:
    """The route whose answer the cashier gets."""
    return next((route for route in matching(store, known) if route.role == "primary"), None)


def faults(store: Store) -> Iterator[str]:
    """Find every kind of order that has no primary route, or more than one; at most one a count."""
    reported: set[int] = set()
    for known in _every_kind(store):
        primaries = [r for r in matching(store, known) if r.role == "primary"]
        if len(primaries) == 1 or len(primaries) in reported:
            continue
        reported.add(len(primaries))
        kind = ", ".join(f"{name} {value}" for name, value in known.items())
        if primaries:
            rivals = " and ".join(route.source or route.vendor for route in primaries)
            yield f"an order with {kind} has {len(primaries)} primary routes: {rivals}"
        else:
            yield f"an order with {kind} has no primary route"


def _every_kind(store: Store) -> Iterator[dict[str, str | None]]:
    tills = {till for route in store.routes for till in route.when.till or ()} | {ANY_OTHER}
    kinds = product(
        get_args(Channel), get_args(ServiceMode), sorted(tills), [NO_MEMBER, *get_args(MemberKind)]
    )
    for channel, service_mode, till, member in kinds:
        yield {"channel": channel, "service_mode": service_mode, "till": till, "member": member}
