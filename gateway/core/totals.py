"""The arithmetic of an order (till-api.md §2): what its parts make, and what differs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from gateway.core.money import decimals, exponent, plain, round_half_up
from gateway.core.order import Line, Order

DEPTH = 5
"""Parent, child, and three more: deeper than any menu."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with what the till said; `code` is a problem code of till-api.md §4."""

    code: str
    path: str
    message: str
    line: int = 0
    column: int = 0


def unit_total(order: Order, line: Line) -> Decimal:
    """Price of one unit of a line with all its children, in currency units, not rounded."""
    return line.unit_price + sum(
        (child.quantity * unit_total(order, child) for child in order.children(line)), Decimal(0)
    )


def line_total(order: Order, line: Line) -> Decimal:
    """Price of a whole top-level line before discounts, rounded half-up to the minor unit."""
    return round_half_up(line.quantity * unit_total(order, line), order.currency)


def discount_sum(order: Order) -> Decimal:
    """All discounts of lines and order, in currency units."""
    return sum((discount.amount for discount, _ in order.all_discounts()), Decimal(0))


def included_tax(order: Order) -> Decimal:
    """Taxes that the prices already contain, in currency units."""
    return sum((tax.amount for tax in order.taxes if tax.included), Decimal(0))


def structure_faults(order: Order) -> Iterator[Fault]:
    """Find line ids said twice, parents that are missing, circles, lines too deep, stray fees."""
    counted = Counter(line.line_id for line in order.lines)
    by_id = {line.line_id: line for line in order.lines}
    for place, line in enumerate(order.lines):
        path = f"lines.{place}"
        if counted[line.line_id] > 1:
            yield _invalid(f"{path}.line_id", f"{line.line_id} names more than one line")
        if line.parent_id is None:
            continue
        if line.kind == "fee":
            yield _invalid(f"{path}.parent_id", "a fee line stands alone, it has no parent")
        if line.parent_id not in by_id:
            yield _invalid(f"{path}.parent_id", f"no line has the line_id {line.parent_id}")
        elif _depth(line, by_id) > DEPTH:
            yield _invalid(
                f"{path}.parent_id", f"lines may be nested {DEPTH} deep, and not in a circle"
            )


def precision_faults(order: Order) -> Iterator[Fault]:
    """Find amounts with more decimals than the currency has; unit prices may have more."""
    places = exponent(order.currency)
    for path, amount in _amounts(order):
        if decimals(amount) > places:
            yield _invalid(path, f"{order.currency} has {places} decimals, got {plain(amount)}")


def totals_faults(order: Order) -> Iterator[Fault]:
    """Find figures that the parts do not make; each says expected and got."""
    top = order.top_lines()
    goods = sum((line_total(order, line) for line in top if line.kind != "fee"), Decimal(0))
    fee_lines = [line for line in top if line.kind == "fee"]
    fees = sum((line_total(order, line) for line in fee_lines), Decimal(0))
    tax = sum((tax.amount for tax in order.taxes), Decimal(0))
    total = (
        goods
        - discount_sum(order)
        + tax
        - included_tax(order)
        + order.tip
        + (fees if fee_lines else order.fees)
        + order.rounding
    )
    expected = {"subtotal": goods, "discount_total": discount_sum(order), "tax_total": tax}
    if fee_lines:
        expected["fees"] = fees
    expected["total"] = total
    for name, value in expected.items():
        got: Decimal = getattr(order, name)
        if got != value:
            yield Fault(
                code="totals_mismatch",
                path=name,
                message=f"expected {_spelled(value, order)}, got {plain(got)}",
            )


def payments_faults(order: Order) -> Iterator[Fault]:
    """Find payments that do not make the total of an order that is paid."""
    if order.state == "placed":
        return
    paid = sum((payment.amount for payment in order.payments), Decimal(0))
    if paid != order.total:
        yield Fault(
            code="payments_mismatch",
            path="payments",
            message=f"a {order.state} order is paid in full: expected "
            f"{_spelled(order.total, order)} in all, got {_spelled(paid, order)}",
        )


def _depth(line: Line, by_id: dict[str, Line]) -> int:
    depth = 1
    current: Line | None = line
    while current is not None and current.parent_id is not None and depth <= DEPTH:
        depth += 1
        current = by_id.get(current.parent_id)
    return depth


def _amounts(order: Order) -> Iterator[tuple[str, Decimal]]:
    for name in ("subtotal", "discount_total", "tax_total", "tip", "fees", "rounding", "total"):
        yield name, getattr(order, name)
    for place, line in enumerate(order.lines):
        yield f"lines.{place}.tax", line.tax
        for inner, discount in enumerate(line.discounts):
            yield f"lines.{place}.discounts.{inner}.amount", discount.amount
    for place, discount in enumerate(order.discounts):
        yield f"discounts.{place}.amount", discount.amount
    for place, tax in enumerate(order.taxes):
        yield f"taxes.{place}.amount", tax.amount
    for place, payment in enumerate(order.payments):
        yield f"payments.{place}.amount", payment.amount


def _spelled(amount: Decimal, order: Order) -> str:
    return plain(round_half_up(amount, order.currency))


def _invalid(path: str, message: str) -> Fault:
    return Fault(code="invalid_order", path=path, message=message)
