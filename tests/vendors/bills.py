"""What each vendor is told that a sale costs, added up again by that vendor's documented rule."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.core.flow import Call
from gateway.core.order import Line, Order
from tests.vendors.strategies import DECIMALS, coins

Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Bill:
    """One figure of a body: what the vendor makes of it, and what the till meant."""

    name: str
    said: Decimal
    meant: Decimal


def body_of(call: Call) -> dict[str, Any]:
    """Read a call's bytes as the vendor does, numbers exact."""
    body: dict[str, Any] = json.loads(call.payload(), parse_float=Decimal, parse_int=Decimal)
    return body


def spoonity(body: Body, order: Order, settings: Body) -> Iterator[Bill]:
    """Dossier 3.5: `total` is what the customer pays, `subtotal` earns; T17 and T18 for the rest.

    Taxes, tip, loose fees and rounding have no field: they are what `total` has beyond the lines.
    """
    lines = list(body["line_items"])
    unit = settings.get("line_price_mode", "unit") == "unit"
    goods = sum(
        (cent(line["price"] * (line["quantity"] if unit else 1), order) for line in lines),
        Decimal(0),
    )
    discounts = [off for holder in (body, *lines) for off in holder["discounts"]]
    off = _sum(discount["amount"] for discount in discounts)
    added = _sum(tax.amount for tax in order.taxes if not tax.included)
    fees = Decimal(0) if _fee_lines(order) else order.fees
    yield Bill(name="total", said=Decimal(body["total"]), meant=order.total)
    beyond = added + order.tip + fees + order.rounding
    yield Bill(name="lines", said=goods - off + beyond, meant=order.total)
    earning = order.subtotal - _sum(tax.amount for tax in order.taxes if tax.included)
    if settings.get("subtotal_mode") != "before_discounts_ex_tax":
        earning -= order.discount_total
    yield Bill(name="subtotal", said=Decimal(body["subtotal"]), meant=max(earning, Decimal(0)))


def spendgo(body: Body, order: Order, _settings: Body) -> Iterator[Bill]:
    """Dossier 3.4 and T13: subtotal + tax + tip + delivery - discount, from the entries up."""

    def cost(item: Body) -> Decimal:
        nested = item.get("modifiers") or ()
        return _sum([item["cost"], *(cost(one) * one["quantity"] for one in nested)])

    entries = body["basket"]["posEntries"]
    made = _sum(cost(entry["posItem"]) * entry["quantity"] for entry in entries)
    rest = _sum([body["tax"], body["tip"], body["delivery"], -body["discount"]])
    yield Bill(name="subtotal", said=Decimal(body["subtotal"]), meant=made)
    yield Bill(name="lines", said=made + rest, meant=order.total)
    yield Bill(name="total", said=Decimal(body["total"]), meant=order.total)
    if "payments" in body:
        paid = _sum(payment["amount"] for payment in body["payments"])
        yield Bill(name="payments", said=paid, meant=order.total)


def spoton(body: Body, order: Order, _settings: Body) -> Iterator[Bill]:
    """Dossier 3.1's arithmetic, in cents; payments make the grand total exactly (trap 3)."""

    def unit(line: Body) -> int:
        extras = sum(one["quantity"] * one["price"] for one in line.get("modifiers", ()))
        inside = sum(one["quantity"] * unit(one) for one in line.get("sub_items", ()))
        return int(line["price"] + extras + inside)

    totals = body["totals"]
    subtotal = sum(line["quantity"] * unit(line) for line in body["line_items"])
    off, fees = (sum(one["amount"] for one in body.get(name, ())) for name in ("discounts", "fees"))
    made = subtotal - off + totals["tax_total"] + totals["tip_total"] + fees
    paid = sum(payment["amount"] for payment in body["payments"])
    total = Decimal(coins(order.total, order.currency))
    yield Bill(name="subtotal", said=Decimal(totals["subtotal"]), meant=Decimal(subtotal))
    yield Bill(name="discounts", said=Decimal(totals["discounts_total"]), meant=Decimal(off))
    yield Bill(name="fees", said=Decimal(totals["fees_total"]), meant=Decimal(fees))
    yield Bill(name="lines", said=Decimal(made), meant=total)
    yield Bill(name="grand_total", said=Decimal(totals["grand_total"]), meant=total)
    yield Bill(name="payments", said=Decimal(paid), meant=total)


def rbi(body: Body, order: Order, settings: Body) -> Iterator[Bill]:
    """Dossier 3.3, trap 2: lines and tax make the total in currency units, payments in cents."""
    details = body["transactionDetails"]
    unit = settings.get("price_is_unit", True)
    made = _sum(
        line["price"] * (line["quantity"] if unit else 1)
        + (0 if settings.get("price_includes_tax") else line["tax"])
        for line in details["order"]
    )
    cents = _sum(payment["amount"] for payment in details["payments"])
    total = Decimal(coins(order.total, order.currency))
    yield Bill(name="lines", said=made, meant=order.total)
    yield Bill(name="payments", said=cents, meant=total)


READERS: Mapping[str, Callable[[Body, Order, Body], Iterator[Bill]]] = {
    "spoonity": spoonity,
    "spendgo": spendgo,
    "spoton": spoton,
    "rbi": rbi,
}

BILLED: Mapping[str, frozenset[str]] = {
    "spoonity": frozenset({"post_order"}),
    "spendgo": frozenset({"checkout", "placed", "billed", "completed"}),
    "spoton": frozenset({"submit"}),
    "rbi": frozenset({"update", "unclaimed"}),
}
"""The steps of a submit that say what a sale costs."""


def weighs(order: Order) -> bool:
    """Tell whether some line is not a whole number of things."""
    return any(line.quantity != line.quantity.to_integral_value() for line in order.lines)


def fine_price(order: Order) -> bool:
    """Tell whether some price is finer than the currency's coins."""
    return any(_is_fine(line.unit_price, order) for line in order.lines)


def fine_unit(order: Order) -> bool:
    """Tell whether one unit of a top-level line is finer than the currency's coins."""
    return any(_is_fine(_unit(order, line), order) for line in order.top_lines())


def loose_fees(order: Order) -> bool:
    """Tell whether the fees are a figure without a line."""
    return bool(order.fees) and not _fee_lines(order)


def loose_tax(order: Order) -> bool:
    """Tell whether the lines' taxes do not make the order's."""
    return _sum(line.tax for line in order.lines) != order.tax_total


def only_fees(order: Order) -> bool:
    """Tell whether nothing but fees is sold."""
    return all(line.kind == "fee" for line in order.top_lines())


def extra_of_extra(order: Order) -> bool:
    """Tell whether something stands under a modifier."""
    return any(order.children(line) for line in order.lines if line.kind == "modifier")


def taxed(order: Order, *, included: bool) -> bool:
    """Tell whether some tax is inside the prices, or some is on top."""
    return any(tax.amount and tax.included == included for tax in order.taxes)


def offers(order: Order, *, more_than: int = 0) -> bool:
    """Tell whether more lines than that are offers."""
    return sum(line.kind == "offer" for line in order.lines) > more_than


def splits_no_coin(order: Order) -> bool:
    """Tell whether a line's discount cannot be the same for each unit of it."""
    return any(line.discounts and line.quantity != 1 for line in order.lines) or any(
        line.discounts and line.parent_id for line in order.lines
    )


def cent(amount: Decimal, order: Order) -> Decimal:
    """Round an amount to the currency's smallest coin, halves up."""
    return Decimal(coins(amount, order.currency)).scaleb(-DECIMALS[order.currency])


def _unit(order: Order, line: Line) -> Decimal:
    return line.unit_price + _sum(
        child.quantity * _unit(order, child) for child in order.children(line)
    )


def _is_fine(amount: Decimal, order: Order) -> bool:
    scaled = amount.scaleb(DECIMALS[order.currency])
    return scaled != scaled.to_integral_value()


def _fee_lines(order: Order) -> bool:
    return any(line.kind == "fee" for line in order.lines)


def _sum(amounts: Iterable[Any]) -> Decimal:
    return sum((Decimal(amount) for amount in amounts), Decimal(0))
