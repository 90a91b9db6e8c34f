"""Our lines, discounts, sums and payments in SpotOn's words."""

from collections.abc import Mapping
from typing import Any

from adapters.spoton.settings import SpotonSite
from gateway.core.errors import OrderRefused
from gateway.core.money import minor_units, plain
from gateway.core.order import Line, Order, Payment
from gateway.core.totals import included_tax, line_total

PAYMENT_CARD = "PAYMENT_CARD"
"""In tender_map: a card taken through SpotOn's own payments, named by the payment's reference."""


def lines(order: Order, notes: Mapping[str, str], site: SpotonSite) -> list[dict[str, Any]]:
    """Say every line that is not a fee; rewards and offers too, the kitchen must see them."""
    top = [line for line in order.top_lines() if line.kind != "fee"]
    if not top:
        raise OrderRefused("SpotOn needs at least one line that is not a fee", path="lines")
    for line in top:
        if line.kind == "modifier":
            raise OrderRefused(
                "SpotOn knows a modifier only under a line, this one has no parent_id",
                path=f"{_place(order, line)}.parent_id",
            )
    noted = {line.line_id for line in order.lines if line.kind not in ("modifier", "fee")}
    for line_id in notes:
        if line_id not in noted:
            raise OrderRefused(
                f"SpotOn takes notes on items, combos, rewards and offers; {line_id} is none",
                path=f"extensions.spoton.notes.{line_id}",
            )
    return [_line(order, line, notes, site) for line in top]


def discounts(order: Order) -> list[dict[str, Any]]:
    """Say every discount on the order: SpotOn has none on a line. The till's ids are not theirs."""
    return [
        {
            "name": discount.name or discount.id,
            "amount": minor_units(discount.amount, order.currency),
        }
        for discount, _ in order.all_discounts()
    ]


def fees(order: Order) -> list[dict[str, Any]]:
    """Say the fee lines, or the one figure of an order without any."""
    stated = [line for line in order.top_lines() if line.kind == "fee"]
    for child in (child for line in stated for child in order.children(line)):
        raise OrderRefused(
            f"SpotOn has nothing under a fee; {child.line_id} stands under one",
            path=f"{_place(order, child)}.parent_id",
        )
    if stated:
        return [
            {"name": line.name, "amount": minor_units(line_total(order, line), order.currency)}
            for line in stated
        ]
    if not order.fees:
        return []
    return [{"name": "Fees", "amount": minor_units(order.fees, order.currency)}]


def sums(order: Order) -> dict[str, int]:
    """Say the totals in cents; tax inside the prices is not said again (dossier 3.1)."""
    figures = {
        "subtotal": order.subtotal,
        "discounts_total": order.discount_total,
        "tax_total": order.tax_total - included_tax(order),
        "tip_total": order.tip,
        "fees_total": order.fees,
        "grand_total": order.total,
    }
    return {key: minor_units(amount, order.currency) for key, amount in figures.items()}


def payments(order: Order, site: SpotonSite) -> list[dict[str, Any]]:
    """Say the payments; an order that costs nothing is paid with nothing, in so many words."""
    if not order.payments and order.total == 0:
        return [_external(0, site.provider_name, site)]
    return [_payment(order, place, payment, site) for place, payment in enumerate(order.payments)]


def _line(order: Order, line: Line, notes: Mapping[str, str], site: SpotonSite) -> dict[str, Any]:
    children = order.children(line)
    said: dict[str, Any] = {
        "line_id": line.line_id,
        "item_id": line.sku,
        "name": line.name,
        "quantity": _whole(order, line),
        "price": _price(order, line),
    }
    modifiers = [_modifier(order, child) for child in children if child.kind == "modifier"]
    sub_items = [_line(order, child, notes, site) for child in children if child.kind != "modifier"]
    if modifiers:
        said[site.key_modifiers] = modifiers
    if sub_items:
        said[site.key_sub_items] = sub_items
    if line.line_id in notes:
        said[site.key_note] = notes[line.line_id]
    return said


def _modifier(order: Order, line: Line) -> dict[str, Any]:
    children = order.children(line)
    if children:
        raise OrderRefused(
            f"SpotOn has no modifiers of modifiers; {children[0].line_id} stands under one",
            path=f"{_place(order, children[0])}.parent_id",
        )
    return {
        "id": line.sku,
        "name": line.name,
        "quantity": _whole(order, line),
        "price": _price(order, line),
    }


def _whole(order: Order, line: Line) -> int:
    if line.quantity != line.quantity.to_integral_value():
        raise OrderRefused(
            f"SpotOn sells whole quantities; line {line.line_id} has {plain(line.quantity)}",
            path=f"{_place(order, line)}.quantity",
        )
    return int(line.quantity)


def _price(order: Order, line: Line) -> int:
    try:
        return minor_units(line.unit_price, order.currency)
    except ValueError:
        raise OrderRefused(
            f"SpotOn counts whole cents; line {line.line_id} costs {plain(line.unit_price)}",
            path=f"{_place(order, line)}.unit_price",
        ) from None


def _payment(order: Order, place: int, payment: Payment, site: SpotonSite) -> dict[str, Any]:
    amount = minor_units(payment.amount, order.currency)
    tender = site.tender_map.get(payment.tender, site.provider_name)
    if tender != PAYMENT_CARD:
        return _external(amount, tender, site)
    if payment.reference is None:
        raise OrderRefused(
            "SpotOn's own card payments are named by their transaction; this one has no reference",
            path=f"payments.{place}.reference",
        )
    return {
        "type": site.enum("PAYMENT_TYPE", PAYMENT_CARD),
        "amount": amount,
        site.key_card_transaction_id: payment.reference,
    }


def _external(amount: int, provider: str, site: SpotonSite) -> dict[str, Any]:
    return {
        "type": site.enum("PAYMENT_TYPE", "EXTERNAL"),
        "amount": amount,
        "provider_name": provider,
    }


def _place(order: Order, line: Line) -> str:
    return f"lines.{order.lines.index(line)}"
