"""The four vendors as the simulation has them: stores, accounts, members, played worlds."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from adapters.rbi import ADAPTER as RBI
from adapters.rbi.sandbox import RbiSandbox
from adapters.rbi.world import Code, sample_world
from adapters.spendgo import ADAPTER as SPENDGO
from adapters.spoonity import ADAPTER as SPOONITY
from adapters.spoton import ADAPTER as SPOTON
from gateway.core.adapter import Adapter
from gateway.core.sandbox import Sandbox
from gateway.engine.routing import Plan, Route, Store
from tests.simulation.wire import StormyWire
from tests.virtual import VirtualClock

VISIT_TTL_SECONDS = 300.0
"""Short, so that a story sees the end of what a dead till left behind."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One vendor account and the store it serves, as primary unless it follows another there."""

    vendor: str
    adapter: Adapter
    store: str
    timezone: str
    currency: str
    site: dict[str, Any]
    credentials: dict[str, Any]
    members: tuple[dict[str, Any] | None, ...] = (None,)
    follows: str | None = None
    sandbox: Callable[[], Sandbox] | None = None

    def can(self, operation: str) -> bool:
        """Tell whether its vendor knows an operation."""
        return operation in self.adapter.operations


def crowded_rbi() -> Sandbox:
    """RBI with codes enough for a whole story: Dana's, each with the drink picked."""
    world = sample_world()
    dana = world.codes["481920"].guest_id
    rich = {name: replace(guest, points=100_000) for name, guest in world.guests.items()}
    codes = {code: Code(guest_id=dana, picked=("inc-drink",)) for code in CODES}
    return RbiSandbox(world=replace(world, guests=rich, codes=codes))


CODES = tuple(str(number) for number in range(600_000, 600_040))
"""What guests show at the till, one after the other: the first call uses a code up."""

DANA = "0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c10"

SPOTON_US = Account(
    vendor="spoton-us",
    adapter=SPOTON,
    store="0061",
    timezone="America/Chicago",
    currency="USD",
    site={
        "location_id": "BL-AAAA-BBBB-CCCC",
        "menu_id": "menu-main",
        "source_name": "Acme POS",
        "provider_name": "Acme Pay",
        "scopes": ("order:orders:write", "reporting:orders:read"),
    },
    credentials={"client_id": "spoton-id", "client_secret": "spoton-secret"},
)

ACCOUNTS = (
    Account(
        vendor="spoonity-ca",
        adapter=SPOONITY,
        store="0042",
        timezone="America/Toronto",
        currency="CAD",
        site={},
        credentials={"api_key": "key-0042"},
        members=(
            {"kind": "email", "value": "ana@example.test"},
            {"kind": "email", "value": "brandin@spoonity.com"},
            {"kind": "phone", "value": "5550100"},
            None,
        ),
    ),
    Account(
        vendor="spendgo-us",
        adapter=SPENDGO,
        store="0077",
        timezone="America/New_York",
        currency="USD",
        site={"account_id": "90001", "store_code": "0077"},
        credentials={
            "api_key": "spendgo-key",
            "secret": "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=",
        },
        members=(
            {"kind": "phone", "value": "4155550123", "consent": {"enrol": True}},
            {"kind": "phone", "value": "4155550199", "consent": {"enrol": True}},
            None,
        ),
    ),
    SPOTON_US,
    Account(
        vendor="rbi-de",
        adapter=RBI,
        store="20177",
        timezone="Europe/Berlin",
        currency="EUR",
        site={"region": "DE", "store_id": "20177", "send_unclaimed": True},
        credentials={"api_key": "rbi-key-de"},
        members=(*({"kind": "vendor_id", "value": DANA},) * 2, None),
        sandbox=crowded_rbi,
    ),
)

FOLLOWER = replace(
    SPOTON_US, vendor="spoton-0077", store="0077", timezone="America/New_York", follows="spendgo-us"
)
"""A kitchen that hears of every order of a store whose members are Spendgo's."""


def site_of(account: Account) -> Any:
    """The store as the account's flows see it."""
    return account.adapter.site.model_validate(
        {
            "store": account.store,
            "timezone": account.timezone,
            "currency": account.currency,
            "phone_country_code": "1",
            **account.site,
        }
    )


def route_of(account: Account) -> Route:
    """What leads a store's orders to an account."""
    return Route(
        vendor=account.vendor,
        adapter=account.adapter.name,
        role="primary" if account.follows is None else "follower",
        site=site_of(account),
    )


def plan_of(accounts: tuple[Account, ...], **store: Any) -> Plan:
    """Each primary account's store, with its followers."""
    stores = {
        account.store: Store(
            **{
                "code": account.store,
                "timezone": account.timezone,
                "currency": account.currency,
                "visit_ttl_seconds": VISIT_TTL_SECONDS,
                "routes": tuple(
                    route_of(one) for one in accounts if account.vendor in (one.vendor, one.follows)
                ),
                **store,
            }
        )
        for account in accounts
        if account.follows is None
    }
    return Plan(
        stores=stores, adapters={account.adapter.name: account.adapter for account in accounts}
    )


def wire_of(accounts: tuple[Account, ...], clock: VirtualClock) -> StormyWire:
    """A wire with every account's vendor played at its end."""
    sandboxes: dict[str, Sandbox] = {
        account.vendor: (account.sandbox or account.adapter.sandbox)() for account in accounts
    }
    return StormyWire(
        sandboxes=sandboxes,
        adapters={account.adapter.name: account.adapter for account in accounts},
        credentials={
            account.vendor: account.adapter.credentials.model_validate(account.credentials)
            for account in accounts
        },
        clock=clock,
        adapter_of={account.vendor: account.adapter.name for account in accounts},
        sites={account.vendor: site_of(account) for account in accounts},
    )
