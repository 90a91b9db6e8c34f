"""Which vendors would get an order, why, and the first thing each would be told."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gateway.app.finding import find_adapters
from gateway.cli.checking import loaded
from gateway.cli.first_request import FirstRequest, first_request
from gateway.cli.order_file import NoOrder, read_order_file
from gateway.cli.speech import USAGE, console, fail, say_json, table
from gateway.core.order import Order
from gateway.core.reading import BadInput, read_order, refuse_cards
from gateway.engine.routing import Route, Store, known_of
from gateway.settings import Settings
from gateway.settings.faults import listed, nearest


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One route and whether it takes the order; `why` says what decided, `source` where."""

    vendor: str
    adapter: str
    role: str
    taken: bool
    why: str
    source: str
    first: FirstRequest | None = None


def report(path: Path, config: Path, *, store: str, wire: bool, as_json: bool) -> None:
    """Show where an order would go; nothing is sent."""
    try:
        said = read_order_file(path)
    except NoOrder as error:
        fail(str(error), USAGE)
    settings = loaded(config)
    stores, code = settings.plan.stores, store or said.store
    if code not in stores:
        found = f"no store {code!r} is configured" if code else f"{path} names no store"
        fail(f"--store: {found}, allowed: {listed(stores)}{nearest(code, stores)}", USAGE)
    order = _checked(path, said.order)
    choices = list(choose(settings, stores[code], said.order_id, order, wire=wire))
    if as_json:
        say_json({"store": code, "routes": [asdict(choice) for choice in choices]})
    else:
        _show(code, choices, wire=wire)


def choose(
    settings: Settings, store: Store, order_id: str, order: Order, *, wire: bool
) -> Iterator[Choice]:
    """Try every route of a store, in the order in which they are written."""
    known = known_of(order, order.member)
    if order.visit_id is not None and order.member is None:
        known["member"] = None
    adapters = find_adapters()
    for route in store.routes:
        excluded = route.when.excluded_by(known)
        first = None
        if wire and excluded is None:
            link, credentials = settings.account(route.vendor, store.code)
            first = first_request(
                order_id, order, route, adapters[route.adapter], link, credentials
            )
        yield Choice(
            vendor=route.vendor,
            adapter=route.adapter,
            role=route.role,
            taken=excluded is None,
            why=excluded or _why(route, known),
            source=route.source,
            first=first,
        )


def _why(route: Route, known: dict[str, str | None]) -> str:
    """Name the conditions that let the order pass."""
    met = [
        f"{name} is {'not known before its visit' if value is None else value}"
        for name, value in known.items()
        if getattr(route.when, name) is not None
    ]
    return " and ".join(met) or "the route takes every order"


def _checked(path: Path, value: dict[str, Any]) -> Order:
    try:
        refuse_cards(value)
        return read_order(value)
    except BadInput as error:
        wrong = "\n".join(f"  {fault.path}: {fault.message}" for fault in error.faults)
        fail(f"{path} holds no order the gateway takes: {error.code}\n{wrong}", USAGE)


def _show(code: str, choices: list[Choice], *, wire: bool) -> None:
    out = console()
    taking = [choice.vendor for choice in choices if choice.taken]
    out.print(f"Store {code}: the order goes to {listed(taking)}.")
    shown = table("", "vendor", "role", "because", "decided in")
    for choice in choices:
        mark = "gets it" if choice.taken else "does not"
        shown.add_row(mark, choice.vendor, choice.role, choice.why, choice.source)
    out.print(shown)
    for choice in choices if wire else ():
        if choice.first is not None:
            out.print(f"{choice.vendor}:\n{choice.first.text}", soft_wrap=True)
