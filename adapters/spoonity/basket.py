"""Our lines, discounts, sums and payments in Spoonity's words."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from adapters.spoonity.memory import identifiers_of
from adapters.spoonity.settings import SpoonitySite
from gateway.core.errors import OrderRefused
from gateway.core.money import json_number, plain, round_half_up
from gateway.core.operation import VendorVisit
from gateway.core.order import Discount, Line, Order
from gateway.core.outcome import Reward
from gateway.core.totals import included_tax, line_total, unit_total

NOTHING_PAID = "NONE"
"""The tender of an order that costs nothing: the field is required, its values are free text."""

MONEY_DECIMALS = 2
"""Spoonity's money has at most so many, whatever the currency (dossier 3)."""


def lines(order: Order, visit: VendorVisit | None, site: SpoonitySite) -> list[dict[str, Any]]:
    """Say every top-level line; OrderRefused for the kinds Spoonity has no lines for."""
    for place, line in enumerate(order.lines):
        if line.kind in ("reward", "offer"):
            raise OrderRefused(
                f"Spoonity has no {line.kind} lines: say it as a discount with its reward_id",
                path=f"lines.{place}.kind",
            )
    return [_line(order, line, visit, site) for line in order.top_lines()]


def discounts(order: Order, visit: VendorVisit | None, site: SpoonitySite) -> list[dict[str, Any]]:
    """Say the discounts that stand on the order itself; a line's own stand on the line."""
    return [
        discount(given, f"discounts.{place}", visit, site, on_line=False)
        for place, given in enumerate(order.discounts)
    ]


def discount(
    given: Discount, path: str, visit: VendorVisit | None, site: SpoonitySite, *, on_line: bool
) -> dict[str, Any]:
    """Say a discount; a reward's goes by its identifier (dossier 3.5, T21), the till's own by none.

    Any identifier would be looked for among the rewards, and an unknown one refuses the order.
    """
    shape = site.reward_discount_shape
    amount = -given.amount if shape.amount_sign == "negative" else given.amount
    said = {"name": given.name, "amount": money(amount, f"{path}.amount")}
    if given.reward_id is None:
        return said
    name = identifier(given.reward_id, visit, path)
    if on_line and not shape.item_prefix_sent:
        name = name.removeprefix(shape.item_prefix)
    return {**said, shape.identifier_key: name}


def identifier(reward_id: str, visit: VendorVisit | None, path: str) -> str:
    """What a reward is called inside an order; without a visit, the till must know that itself."""
    if visit is None:
        return reward_id
    reward = reward_of(visit, reward_id)
    if reward is None:
        raise OrderRefused(
            f"reward {reward_id} is not among those of visit {visit.visit_id}",
            path=f"{path}.reward_id",
        )
    return identifiers_of(visit).get(reward.reward_id, reward.reward_id)


def reward_of(visit: VendorVisit, reward_id: str) -> Reward | None:
    """Find a visit's reward by its id, or by what it is called inside an order."""
    names = identifiers_of(visit)
    for reward in visit.rewards:
        if reward_id in (reward.reward_id, names.get(reward.reward_id)):
            return reward
    return None


def money(amount: Decimal, path: str) -> int | float:
    """Say an amount in currency units; OrderRefused for one finer than Spoonity's money."""
    if amount != round(amount, MONEY_DECIMALS):
        raise OrderRefused(
            f"Spoonity's money has at most {MONEY_DECIMALS} decimals, got {plain(amount)}",
            path=path,
        )
    return json_number(amount)


def subtotal(order: Order, site: SpoonitySite) -> Decimal:
    """The figure points are computed from, in currency units, never below zero (T18)."""
    goods = order.subtotal - included_tax(order)
    if site.subtotal_mode == "net_of_discounts_ex_tax":
        goods -= order.discount_total
    return max(goods, Decimal(0))


def payment_method(order: Order, site: SpoonitySite) -> str:
    """Name the tender that paid most: Spoonity takes one."""
    if not order.payments:
        return NOTHING_PAID
    largest = max(order.payments, key=lambda payment: payment.amount)
    return site.tender_map.get(largest.tender, largest.tender.upper())


def _line(
    order: Order, line: Line, visit: VendorVisit | None, site: SpoonitySite
) -> dict[str, Any]:
    """Say a top-level line with all that belongs to it; its price contains its children."""
    family = [line, *_below(order, line)]
    path = f"{_place(order, line)}.unit_price"
    return {
        "id": line.sku,
        "name": line.name,
        "categories": list(line.categories),
        "discounts": [
            discount(given, f"{_place(order, owner)}.discounts.{place}", visit, site, on_line=True)
            for owner in family
            for place, given in enumerate(owner.discounts)
        ],
        "price": money(_price(order, line, path, site), path),
        "quantity": json_number(line.quantity),
        "modifiers": [_modifier(child) for child in family[1:]],
    }


def _price(order: Order, line: Line, path: str, site: SpoonitySite) -> Decimal:
    """Price a line as configured (T17), to the cent; with its quantity it makes the line's sum."""
    whole = line_total(order, line)
    if site.line_price_mode == "extended":
        return whole
    unit = round_half_up(unit_total(order, line), order.currency)
    made = round_half_up(unit * line.quantity, order.currency)
    if made != whole:
        raise OrderRefused(
            f"Spoonity's prices are whole cents: {plain(line.quantity)} x {plain(unit)} makes "
            f"{plain(made)}, this line is {plain(whole)}; say it as one article of that price",
            path=path,
        )
    return unit


def _modifier(line: Line) -> str:
    """Say what belongs to a line as one text."""
    return line.name if line.quantity == 1 else f"{plain(line.quantity)} x {line.name}"


def _below(order: Order, line: Line) -> Iterator[Line]:
    for child in order.children(line):
        yield child
        yield from _below(order, child)


def _place(order: Order, line: Line) -> str:
    return f"lines.{order.lines.index(line)}"
