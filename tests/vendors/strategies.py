"""Random sales that are valid by construction: every figure is made from the lines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from hypothesis import strategies as st

from gateway.core.order import Order
from gateway.core.reading import check_order

DECIMALS = {"USD": 2, "CAD": 2, "EUR": 2, "JPY": 0, "KWD": 3}
"""Decimals of the currencies sold in here, by ISO 4217."""

HABITS = (
    "combos",
    "deep",
    "extras",
    "offers",
    "weights",
    "fine_prices",
    "line_discounts",
    "order_discounts",
    "included_tax",
    "added_tax",
    "loose_tax",
    "tip",
    "fee_lines",
    "loose_fees",
    "only_fees",
    "rounding",
)
"""What a till may do besides selling plain things."""

MODES = ("eat_in", "takeout", "eat_in", "delivery")
RARELY = st.sampled_from((False, False, False, False, True))
"""Whether one sale has a habit: rare enough that every vendor can be told some of the sales."""

WEIGHTS = ("0.5", "0.25", "0.333", "0.001", "1.005", "2.999")
FINE = ("333", "5", "25", "75", "001", "999")
"""Quantities and ends of prices whose products fall between two coins, or just on the middle."""

TENDERS = ("cash", "card", "gift_card", "points", "voucher", "external")
DEPTH = 5
PRICE_COINS = 2_500
"""No line is dearer, in the currency's smallest coin: totals stay where tills have them."""


def coins(amount: Decimal, currency: str) -> int:
    """Round an amount to the smallest coin, halves up."""
    scaled = amount.scaleb(DECIMALS[currency]) + Decimal("0.5")
    return int(scaled.to_integral_value(ROUND_FLOOR))


def money(units: int, currency: str) -> str:
    """Spell so many of the smallest coin."""
    places = DECIMALS[currency]
    return f"{Decimal(units).scaleb(-places):.{places}f}"


@dataclass(kw_only=True)
class Till:
    """One sale being rung up; `draw` is hypothesis's."""

    draw: Callable[..., Any]
    currency: str
    habits: frozenset[str]
    lines: list[dict[str, Any]] = field(default_factory=list)

    def does(self, habit: str) -> bool:
        """Tell whether this till has a habit."""
        return habit in self.habits

    def number(self, least: int, most: int) -> int:
        """Draw a whole number."""
        return int(self.draw(st.integers(least, most)))

    def ring_up(self) -> None:
        """Draw the lines: goods with what belongs to them, then fees."""
        for place in range(0 if self.does("only_fees") else self.number(1, 3)):
            kind = "offer" if self.does("offers") and self.number(0, 1) else "item"
            line_id = self.add(str(place + 1), None, kind)
            if self.does("combos") and kind == "item":
                self.lines[-1]["kind"] = "combo"
                self.add(f"{line_id}.a", line_id, "item")
                self.add(f"{line_id}.b", line_id, "item")
            if self.does("extras"):
                self.add(f"{line_id}.x", line_id, "modifier")
            if self.does("deep"):
                self._nest(line_id)
        if self.does("fee_lines") or self.does("only_fees"):
            for place in range(self.number(1, 2)):
                self.add(f"fee{place}", None, "fee")

    def add(self, line_id: str, parent: str | None, kind: str) -> str:
        """Draw one line."""
        line: dict[str, Any] = {
            "line_id": line_id,
            "parent_id": parent,
            "kind": kind,
            "sku": f"sku-{line_id}",
            "name": f"Thing {line_id}",
            "quantity": self._quantity(),
            "unit_price": self._price(),
        }
        if kind == "offer":
            line["incentive_id"] = "off-chicken"
        self.lines.append(line)
        return line_id

    def family(self, line: dict[str, Any]) -> list[dict[str, Any]]:
        """Lines directly under one."""
        return [child for child in self.lines if child["parent_id"] == line["line_id"]]

    def unit(self, line: dict[str, Any]) -> Decimal:
        """Price of one unit with all that belongs to it."""
        price = Decimal(line["unit_price"])
        for child in self.family(line):
            price += Decimal(child["quantity"]) * self.unit(child)
        return price

    def worth(self, line: dict[str, Any]) -> int:
        """Price of a whole top-level line, in coins."""
        return coins(Decimal(line["quantity"]) * self.unit(line), self.currency)

    def own_worth(self, line: dict[str, Any]) -> int:
        """Price of a line of any depth without its children, in whole coins, rounded down."""
        amount, above = Decimal(line["unit_price"]), line
        while True:
            amount *= Decimal(above["quantity"])
            if above["parent_id"] is None:
                break
            above = next(one for one in self.lines if one["line_id"] == above["parent_id"])
        return int(amount.scaleb(DECIMALS[self.currency]))

    def tops(self, *, fees: bool) -> Iterator[dict[str, Any]]:
        """Top-level lines: the fees, or the rest."""
        return (
            line
            for line in self.lines
            if line["parent_id"] is None and (line["kind"] == "fee") == fees
        )

    def _nest(self, parent: str) -> None:
        for level in range(self.number(1, DEPTH - 1)):
            kind = ("item", "modifier")[self.number(0, 1)]
            parent = self.add(f"{parent}.n{level}", parent, kind)

    def _quantity(self) -> str:
        if self.does("weights") and self.number(0, 1):
            return str(self.draw(st.sampled_from(WEIGHTS)))
        return str(self.number(1, 4))

    def _price(self) -> str:
        price = money(self.number(0, PRICE_COINS), self.currency)
        if self.does("fine_prices"):
            dot = "" if "." in price else "."
            price += dot + str(self.draw(st.sampled_from(FINE)))
        return price


@st.composite
def sales(draw: Callable[..., Any], currencies: tuple[str, ...], members: tuple[Any, ...]) -> Order:
    """Draw a completed sale to one of the members, None being a guest."""
    currency = draw(st.sampled_from(currencies))
    habits = frozenset(habit for habit in HABITS if draw(RARELY))
    till = Till(draw=draw, currency=currency, habits=habits)
    till.ring_up()
    figures = _figures(till)
    order = Order.model_validate(
        {
            "till": "1",
            "receipt_number": f"R-{till.number(1, 9_999):04d}",
            "business_date": "2026-11-20",
            "opened_at": "2026-11-20T12:00:00-05:00",
            "closed_at": "2026-11-20T12:01:00-05:00",
            "channel": "in_store",
            "service_mode": draw(st.sampled_from(MODES)),
            "currency": currency,
            "member": draw(st.sampled_from(members)),
            "lines": till.lines,
            **figures,
        }
    )
    check_order(order)
    return order


def _figures(till: Till) -> dict[str, Any]:
    """Discounts, taxes, tip, fees, rounding, and the total they make with the lines."""
    goods = sum(till.worth(line) for line in till.tops(fees=False))
    fee_lines = sum(till.worth(line) for line in till.tops(fees=True))
    has_fee_lines = any(till.tops(fees=True))
    loose = till.number(1, 400) if till.does("loose_fees") and not has_fee_lines else 0
    off = _line_discounts(till) if till.does("line_discounts") else 0
    on_order = _order_discounts(till, goods + fee_lines - off)
    off += sum(on_order)
    net = goods + fee_lines - off
    taxes = _taxes(till, net)
    added = sum(amount for amount, included in taxes if not included)
    tip = till.number(0, 500) if till.does("tip") else 0
    total = net + added + tip + loose
    rounding = till.number(-min(5, total), 5) if till.does("rounding") else 0
    total += rounding
    spelled = {
        "subtotal": goods,
        "discount_total": off,
        "tax_total": sum(amount for amount, _ in taxes),
        "tip": tip,
        "fees": fee_lines + loose,
        "rounding": rounding,
        "total": total,
    }
    return {
        **{name: money(units, till.currency) for name, units in spelled.items()},
        "discounts": [_discount(f"d{at}", units, till) for at, units in enumerate(on_order)],
        "taxes": [
            {"name": f"Tax {at}", "amount": money(units, till.currency), "included": included}
            for at, (units, included) in enumerate(taxes)
        ],
        "payments": _payments(till, total),
    }


def _line_discounts(till: Till) -> int:
    off = 0
    for line in till.lines:
        most = till.own_worth(line)
        if most and till.number(0, 1):
            units = till.number(0, most)
            line["discounts"] = [_discount(f"l{line['line_id']}", units, till)]
            off += units
    return off


def _order_discounts(till: Till, left: int) -> list[int]:
    if not till.does("order_discounts"):
        return []
    first = till.number(0, left)
    return [first] if till.number(0, 1) else [first, till.number(0, left - first)]


def _discount(name: str, units: int, till: Till) -> dict[str, Any]:
    return {"id": name, "name": f"Discount {name}", "amount": money(units, till.currency)}


def _taxes(till: Till, net: int) -> list[tuple[int, bool]]:
    """Draw (coins, included) of each tax, and say them by line too unless the till does not."""
    taxes = []
    if till.does("included_tax"):
        taxes.append((till.number(0, net // 5), True))
    if till.does("added_tax"):
        taxes += [(till.number(0, 1 + net // 5), False) for _ in range(till.number(1, 2))]
    left = sum(amount for amount, _ in taxes)
    if not till.does("loose_tax"):
        for line in till.lines[1:]:
            part = till.number(0, left)
            line["tax"] = money(part, till.currency)
            left -= part
        till.lines[0]["tax"] = money(left, till.currency)
    return taxes


def _payments(till: Till, total: int) -> list[dict[str, Any]]:
    parts, left = [], total
    for _ in range(till.number(0, 2)):
        if left > 1:
            part = till.number(1, left - 1)
            parts.append(part)
            left -= part
    if left:
        parts.append(left)
    return [
        {"tender": till.draw(st.sampled_from(TENDERS)), "amount": money(part, till.currency)}
        for part in parts
    ]
