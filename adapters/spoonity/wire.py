"""Our words and Spoonity's, side by side: one small function per thing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from adapters.spoonity import basket
from adapters.spoonity.members import card_number
from adapters.spoonity.settings import TILL_DIGITS, SpoonitySite
from gateway.core.errors import OrderRefused
from gateway.core.flow import Pairs
from gateway.core.operation import Load, Pay, VendorVisit
from gateway.core.order import Cashier, Member, Order

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ticket(
    order: Order, member: Member, visit: VendorVisit | None, site: SpoonitySite
) -> dict[str, Any]:
    """Say a finished order (dossier 3.5); never with a field `amount` (T13)."""
    _refuse_currency(order.currency, site)
    if order.extension("spoonity"):
        raise OrderRefused("Spoonity takes no extensions", path="extensions.spoonity")
    return {
        "card_number": card_number(member, site),
        "till": till(order.till, site),
        "receipt_number": order.receipt_number,
        "subtotal": basket.money(basket.subtotal(order, site), "subtotal"),
        "taxes": [],
        "total": basket.money(order.total, "total"),
        "payment_method": basket.payment_method(order, site),
        "date": date(order.closed_at or order.opened_at, site),
        "cashier": cashier(order.cashier, order.till),
        "line_items": basket.lines(order, visit, site),
        site.discounts_field: basket.discounts(order, visit, site),
    }


def gift_card(
    payment: Pay | Load, amount: Decimal, at: datetime, site: SpoonitySite
) -> dict[str, Any]:
    """Say a movement of stored value: negative takes, positive adds (dossier 3.6, T14)."""
    _refuse_currency(payment.currency, site)
    return {
        "card_number": card_number(payment.member, site),
        "till": till(payment.till, site),
        "receipt_number": payment.receipt_number or payment.payment_id,
        "amount": basket.money(amount, "amount"),
        "date": date(at, site),
        "cashier": cashier(payment.cashier, payment.till),
    }


def loyalty_pay(payment: Pay, site: SpoonitySite) -> dict[str, Any]:
    """Say a payment with points, in currency units (dossier 3.7, T3)."""
    _refuse_currency(payment.currency, site)
    negative = site.loyalty_pay_request_sign == "negative"
    amount = -payment.amount if negative else payment.amount
    return {
        "card_number": card_number(payment.member, site),
        "amount": basket.money(amount, "amount"),
    }


def void_receipt(reference: str, site: SpoonitySite) -> str | int:
    """Say Spoonity's own reference in a void; one that is no number stays text (T8, T12)."""
    as_number = site.void_receipt_type == "number" and reference.isascii() and reference.isdigit()
    return int(reference) if as_number else reference


def deletion(name: str, value: str | int, site: SpoonitySite) -> tuple[Any, Pairs]:
    """Put the one field of a DELETE into its body, its query, or both (T10)."""
    body = {name: value} if site.delete_params_in != "query" else None
    query = ((name, str(value)),) if site.delete_params_in != "body" else ()
    return body, query


def till(name: str, site: SpoonitySite) -> int:
    """Number a till: as mapped, else by the digits of its name."""
    if name in site.till_map:
        return site.till_map[name]
    digits = "".join(char for char in name if char.isascii() and char.isdigit())
    if not 0 < len(digits) <= TILL_DIGITS:
        raise OrderRefused(
            f"till {name} has {len(digits)} digits in its name, Spoonity wants a number of 1 to "
            f"{TILL_DIGITS}: give it one in the route's till_map",
            path="till",
        )
    return int(digits)


def date(at: datetime, site: SpoonitySite) -> int:
    """Say a time in Unix seconds, by default of the store's wall clock (T4)."""
    if site.date_mode == "local_wall_epoch":
        at = at.astimezone(ZoneInfo(site.timezone)).replace(tzinfo=UTC)
    return (at - EPOCH) // timedelta(seconds=1)


def cashier(person: Cashier | None, till_name: str) -> dict[str, str]:
    """Name who stood at the till; without anybody, the till itself: the field is required."""
    if person is None:
        return {"id": till_name, "name": till_name}
    return {"id": person.id, "name": person.name or person.id}


def _refuse_currency(currency: str, site: SpoonitySite) -> None:
    if currency != site.currency:
        raise OrderRefused(
            f"Spoonity counts this store's money in {site.currency} and names no currency, "
            f"got {currency}",
            path="currency",
        )
