"""Our lines, discounts, sums and payments in Spendgo's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.spendgo.settings import SpendgoSite, SpendgoTender
from gateway.core.errors import OrderRefused
from gateway.core.money import json_number, plain
from gateway.core.order import Line, Order, Payment, Tender
from gateway.core.totals import included_tax, unit_total

SHOP_WITH_POINTS = "P_"
"""Prefix of the one reward of which a guest may use a part (T12)."""

TENDERS: Mapping[Tender, SpendgoTender] = {
    "cash": "cash",
    "card": "credit",
    "gift_card": "prepaid",
    "points": "value",
    "voucher": "value",
    "external": "transfer",
}


@dataclass(frozen=True, kw_only=True)
class Redeemed:
    """The one Spendgo reward of an order; `amount` is what the till took off for it."""

    reward_id: str
    amount: Decimal


def lines(order: Order) -> list[dict[str, Any]]:
    """Say every line that is an entry; `quantity` stands beside the item, not inside (T16)."""
    return [
        {"posItem": _item(order, line), "quantity": _count(order, line)} for line in _entries(order)
    ]


def discounts(order: Order) -> tuple[str, ...]:
    """Name the till's own discounts: Spendgo takes their sum alone, so a change shows by these."""
    return tuple(
        f"{discount.id} {plain(discount.amount)}"
        for discount, _ in order.all_discounts()
        if discount.reward_id is None
    )


def redeemed(order: Order) -> Redeemed | None:
    """Find the order's reward; Spendgo takes one, its discount may be spread over lines."""
    amounts: dict[str, Decimal] = {}
    for discount, _ in order.all_discounts():
        if discount.reward_id:
            before = amounts.get(discount.reward_id, Decimal(0))
            amounts[discount.reward_id] = before + discount.amount
    if len(amounts) > 1:
        raise OrderRefused(
            f"Spendgo takes one reward per order, got {', '.join(sorted(amounts))}",
            path="discounts",
        )
    for reward_id, amount in amounts.items():
        return Redeemed(reward_id=reward_id, amount=amount)
    return None


def sums(order: Order) -> dict[str, int | float]:
    """Say the figures so that they make the order's total (T13), or refuse with the reason.

    Taxes already inside the prices stay there: only those on top are `tax`.
    """
    delivery = order.fees if order.service_mode == "delivery" else Decimal(0)
    subtotal = _subtotal(order, order.fees - delivery)
    tax = order.tax_total - included_tax(order)
    total = subtotal + tax + order.tip + delivery - order.discount_total
    if order.rounding != 0:
        raise OrderRefused(
            f"Spendgo has no field for rounding, got {plain(order.rounding)}: say it as a "
            "discount or as a line of kind fee",
            path="rounding",
        )
    if total != order.total:
        raise OrderRefused(
            f"in Spendgo's words this order comes to {plain(total)}, the till's total is "
            f"{plain(order.total)}",
            path="total",
        )
    said = {
        "subtotal": subtotal,
        "tax": tax,
        "tip": order.tip,
        "delivery": delivery,
        "discount": order.discount_total,
        "total": total,
    }
    return {name: json_number(amount) for name, amount in said.items()}


def payments(order: Order, site: SpendgoSite) -> Any:
    """Say the tenders; an order that costs nothing was paid with no cash, since one is required."""
    paid = order.payments or (Payment(tender="cash", amount=Decimal(0)),)
    if site.payments_shape == "array":
        return [_payment(each, each.amount, site) for each in paid]
    largest = max(paid, key=lambda each: each.amount)
    return _payment(largest, sum((each.amount for each in paid), Decimal(0)), site)


def _entries(order: Order) -> Iterator[Line]:
    """Lines that become entries: fee lines too, except a delivery's, which have their own field."""
    for line in order.top_lines():
        if line.kind != "fee" or order.service_mode != "delivery":
            yield line


def _item(order: Order, line: Line) -> dict[str, Any]:
    """Say one unit of a line with what is nested in it, at its own price."""
    said: dict[str, Any] = {
        "product": line.sku,
        "label": line.name,
        "cost": json_number(line.unit_price),
        "categories": ",".join(line.categories) or None,
    }
    nested = [
        {**_item(order, child), "quantity": _count(order, child)} for child in order.children(line)
    ]
    return {**said, "modifiers": nested} if nested else said


def _count(order: Order, line: Line) -> int:
    """Say how many; a line's kind and quantity must be such as Spendgo knows."""
    if line.kind in ("reward", "offer"):
        raise OrderRefused(
            f"Spendgo redeems by a discount with a reward_id, not by a line of kind {line.kind}",
            path=f"{_place(order, line)}.kind",
        )
    if line.quantity != line.quantity.to_integral_value():
        raise OrderRefused(
            f"Spendgo counts in whole numbers, got a quantity of {plain(line.quantity)}: say the "
            "weighed article as one, at its price",
            path=f"{_place(order, line)}.quantity",
        )
    return int(line.quantity)


def _subtotal(order: Order, fees: Decimal) -> Decimal:
    """What the entries come to, with the fees among them."""
    entries = list(_entries(order))
    if fees and not any(line.kind == "fee" for line in entries):
        raise OrderRefused(
            f"Spendgo has a field for delivery fees alone; name the {plain(fees)} as a line of "
            "kind fee",
            path="fees",
        )
    made = sum((line.quantity * unit_total(order, line) for line in entries), Decimal(0))
    subtotal = order.subtotal + fees
    if made != subtotal:
        raise OrderRefused(
            f"Spendgo adds up cost times quantity without rounding: the lines make {plain(made)}, "
            f"the order says {plain(subtotal)}",
            path="lines",
        )
    return subtotal


def _payment(tendered: Payment, amount: Decimal, site: SpendgoSite) -> dict[str, Any]:
    """Say one tender with the amount it stands for."""
    tender = site.tender_map.get(tendered.tender, TENDERS[tendered.tender])
    said: dict[str, Any] = {"tender": tender}
    if tendered.brand not in (None, "other"):
        said["issuer"] = tendered.brand
    if tendered.last4:
        said["suffix"] = tendered.last4
    return {**said, "amount": json_number(amount)}


def _place(order: Order, line: Line) -> str:
    return f"lines.{order.lines.index(line)}"
