"""Random orders that are valid by construction: the totals are made from the lines."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from gateway.core.money import exponent, plain
from gateway.core.order import Order
from gateway.core.totals import line_total

MENU = (("itm-burger", "Burger", "9.00"), ("sku-9", "Latte", "5.00"), ("1082", "Sandwich", "6.00"))
EXTRAS = (("mod-cheese", "Cheese", "1.50"), ("oat", "Oat milk", "0.75"), ("77", "Bacon", "0.00"))


def minor(value: int, currency: str) -> str:
    """A figure in minor units, as the till spells it."""
    places = exponent(currency)
    return plain(Decimal(value).scaleb(-places).quantize(Decimal(1).scaleb(-places)))


def basket(
    chance: random.Random,
    *,
    receipt: str,
    currency: str = "USD",
    member: dict[str, Any] | None = None,
    plain_only: bool = True,
    state: str = "completed",
    **facts: Any,
) -> dict[str, Any]:
    """A canonical order body; with `plain_only` nothing that some vendor has no field for."""
    lines = _lines(chance, currency, plain_only=plain_only)
    order: dict[str, Any] = {
        "state": state,
        "till": str(chance.randint(1, 2)),
        "receipt_number": receipt,
        "business_date": "2026-11-20",
        "opened_at": "2026-11-20T12:00:00-05:00",
        "closed_at": "2026-11-20T12:01:00-05:00",
        "channel": "in_store",
        "service_mode": "eat_in",
        "currency": currency,
        "member": member,
        "lines": lines,
        "subtotal": "0",
        "total": "0",
        **facts,
    }
    return priced(order, chance, currency, plain_only=plain_only)


def priced(
    order: dict[str, Any], chance: random.Random, currency: str, *, plain_only: bool
) -> dict[str, Any]:
    """Give an order the figures its lines make, and payments to match."""
    parsed = Order.model_validate({**order, "payments": []})
    goods = [line for line in parsed.top_lines() if line.kind != "fee"]
    subtotal = sum((line_total(parsed, line) for line in goods), Decimal(0))
    fees = sum(
        (line_total(parsed, line) for line in parsed.top_lines() if line.kind == "fee"), Decimal(0)
    )
    cents = int(subtotal.scaleb(exponent(currency)))
    discount = chance.randint(0, cents // 3) if chance.random() < 0.4 and not plain_only else 0
    tax = cents * 8 // 100
    tip = chance.randint(0, 300) if chance.random() < 0.3 and not plain_only else 0
    total = (
        subtotal
        + fees
        + sum(
            Decimal(sign * part).scaleb(-exponent(currency))
            for sign, part in ((-1, discount), (1, tax), (1, tip))
        )
    )
    order["subtotal"], order["fees"] = plain(subtotal), plain(fees)
    order["discount_total"] = minor(discount, currency)
    if discount:
        order["discounts"] = [{"id": "d", "name": "Staff", "amount": minor(discount, currency)}]
    order["tax_total"] = minor(tax, currency)
    order["taxes"] = [{"name": "Tax", "rate": "8", "amount": minor(tax, currency)}] if tax else []
    if order["lines"]:
        order["lines"][0]["tax"] = minor(tax, currency)
    order["tip"] = minor(tip, currency)
    order["total"] = plain(total)
    order["payments"] = _payments(chance, total, currency) if order["state"] != "placed" else []
    return order


def _lines(chance: random.Random, currency: str, *, plain_only: bool) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for number in range(1, chance.randint(1, 3) + 1):
        line_id = str(number)
        combo = not plain_only and chance.random() < 0.3
        quantity = chance.choice(["1", "1", "2", "3"])
        lines.append(_line(chance.choice(MENU), line_id, None, quantity, currency))
        if combo:
            lines[-1]["kind"] = "combo"
            lines.append(_line(("fries", "Fries", "0.00"), f"{line_id}.c", line_id, "1", currency))
        elif chance.random() < 0.4:
            lines.append(_line(chance.choice(EXTRAS), f"{line_id}.1", line_id, "1", currency))
            lines[-1]["kind"] = "modifier"
    if not plain_only and chance.random() < 0.2:
        lines.append(_line(("bag", "Bag", "0.10"), "fee", None, "1", currency))
        lines[-1]["kind"] = "fee"
    return lines


def _line(
    item: Sequence[str], line_id: str, parent: str | None, quantity: str, currency: str
) -> dict[str, Any]:
    sku, name, price = item
    cents = int(Decimal(price) * 100)
    return {
        "line_id": line_id,
        "parent_id": parent,
        "kind": "item",
        "sku": sku,
        "name": name,
        "quantity": quantity,
        "unit_price": minor(cents, currency),
    }


def _payments(chance: random.Random, total: Decimal, currency: str) -> list[dict[str, Any]]:
    if total == 0:
        return []
    if chance.random() < 0.3 and total > 1:
        first = total - Decimal(1).scaleb(-exponent(currency))
        rest = total - first
        return [
            {"tender": "card", "brand": "visa", "last4": "4242", "amount": plain(first)},
            {"tender": "cash", "amount": plain(rest)},
        ]
    return [{"tender": "cash", "amount": plain(total)}]
