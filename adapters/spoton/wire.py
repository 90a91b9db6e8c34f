"""Our words and SpotOn's, side by side: one small function per thing."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote as escaped

from pydantic import Field, ValidationError

from adapters.spoton import basket, members
from adapters.spoton.settings import SpotonSite
from gateway.core.errors import OrderRefused
from gateway.core.frozen import Frozen, Id, Text, Word
from gateway.core.money import plain
from gateway.core.operation import Quote, Submit
from gateway.core.order import Order, ServiceMode

DISPLAY_LENGTH = 12
"""SpotOn's longest display_id; a receipt number differs most at its end."""

FULFILLMENT: dict[ServiceMode, str] = {
    "eat_in": "DINE_IN",
    "table_service": "DINE_IN",
    "takeout": "PICKUP",
    "drive_thru": "PICKUP",
    "curbside": "PICKUP",
    "pickup": "PICKUP",
    "delivery": "DELIVERY",
}


class Address(Frozen):
    """Where to deliver, in SpotOn's own field names."""

    address_line_1: Word
    address_line_2: Word | None = None
    city: Word
    state: Word
    zip: Word
    country: Word | None = None


class Extras(Frozen):
    """What the till says to SpotOn alone, in `extensions.spoton`; notes go by line_id."""

    table_number: Word | None = None
    delivery_address: Address | None = None
    notes: dict[Id, Text] = Field(default_factory=dict)


def cart(ask: Quote | Submit, site: SpotonSite) -> dict[str, Any]:
    """Say an order without its payments: what propose prices and submit repeats unchanged."""
    order = ask.order
    _refuse_what_has_no_word(order)
    extras = _extras(order)
    body = {
        "external_reference_id": f"{site.store}-{ask.order_id}-{order.revision}",
        "menu_id": site.menu_id,
        "source": {"name": site.source_name},
        "display_id": order.receipt_number[-DISPLAY_LENGTH:],
        "placed_at": instant(order.opened_at),
        "line_items": basket.lines(order, extras.notes, site),
        "customer": members.customer(members.captured(ask.visit, order.member)),
        "fulfillment": fulfillment(order, extras, site),
        "discounts": basket.discounts(order),
        "fees": basket.fees(order),
    }
    return {key: value for key, value in body.items() if value}


def settlement(order: Order, site: SpotonSite) -> dict[str, Any]:
    """Say that an order is paid: its state, totals and payments."""
    return {
        "state": closed(site),
        "totals": basket.sums(order),
        "payments": basket.payments(order, site),
    }


def closed(site: SpotonSite) -> str:
    """Say that an order is paid in full: SpotOn takes no other (dossier 4.1)."""
    return site.enum("ORDER_STATE", "CLOSED")


def proposal(cart: dict[str, Any], order: Order, site: SpotonSite) -> dict[str, Any]:
    """Say a cart that is to be priced."""
    said = dict(cart)
    if site.send_state_on_propose:
        said["state"] = closed(site)
    if site.send_payments_on_propose:
        said["payments"] = basket.payments(order, site)
    return _wrapped(said, site)


def submission(
    cart: dict[str, Any], paid: dict[str, Any], signature: Any, site: SpotonSite
) -> dict[str, Any]:
    """Say a paid order; the signature goes back exactly as it came."""
    signed = {} if signature is None else {"signature": signature}
    return _wrapped({**cart, **paid, **signed}, site)


def path(template: str, site: SpotonSite, order_id: str = "") -> str:
    """Fill a configured path, percent-escaped."""
    return template.replace("{location_id}", escaped(site.location_id, safe="")).replace(
        "{order_id}", escaped(order_id, safe="")
    )


def instant(moment: datetime) -> str:
    """Spell a time as RFC 3339 UTC, without fractions of a second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fulfillment(order: Order, extras: Extras, site: SpotonSite) -> dict[str, Any]:
    """Say how and when the guest gets the order."""
    kind = FULFILLMENT[order.service_mode]
    said: dict[str, Any] = {"type": site.enum("FULFILLMENT_TYPE", kind)}
    if order.requested_for is None:
        said["schedule_type"] = site.enum("SCHEDULE_TYPE", "ASAP")
    else:
        said["schedule_type"] = site.enum("SCHEDULE_TYPE", "SCHEDULED")
        said[promised(order)] = instant(order.requested_for)
    if extras.table_number is not None:
        said[site.key_table] = extras.table_number
    if extras.delivery_address is not None:
        said[site.key_delivery_address] = extras.delivery_address.model_dump(exclude_none=True)
    return said


def promised(order: Order) -> str:
    """Name the time a scheduled order is about."""
    return "estimated_delivery_at" if order.service_mode == "delivery" else "estimated_ready_at"


def _refuse_what_has_no_word(order: Order) -> None:
    if order.currency != "USD":
        raise OrderRefused(
            f"SpotOn takes US dollars and says no currency; this order is in {order.currency}",
            path="currency",
        )
    if order.rounding:
        raise OrderRefused(
            f"SpotOn has no field for rounding; this order is rounded by {plain(order.rounding)}",
            path="rounding",
        )


def _extras(order: Order) -> Extras:
    try:
        return Extras.model_validate(order.extension("spoton"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in ("extensions", "spoton", *first["loc"]))
        raise OrderRefused(f"{place}: {first['msg']}", path=place) from None


def _wrapped(body: dict[str, Any], site: SpotonSite) -> dict[str, Any]:
    return {site.request_wrapper: body} if site.request_wrapper else body
