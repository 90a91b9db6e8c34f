"""What a quote promised, and whether an order still is what was quoted: pure."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from gateway.core.money import plain
from gateway.core.order import Line, Order
from gateway.core.totals import Fault
from gateway.engine.refusal import Refused
from gateway.engine.rows import QuoteRow


def basket_of(order: Order) -> dict[str, Any]:
    """What a quote is about: lines, member, modes, tip, fees and rewards."""
    return {
        "lines": {line.line_id: _spelled(line) for line in order.lines},
        "member": [order.visit_id, order.member.value if order.member else None],
        "channel": order.channel,
        "service_mode": order.service_mode,
        "tip": plain(order.tip.normalize()),
        "fees": plain(order.fees.normalize()),
        "rewards": sorted(_rewards(order)),
        "discounts": plain(_own_discounts(order).normalize()),
    }


def check_quote(quote: QuoteRow, order: Order) -> None:
    """Raise Refused `quote_drift` with everything that differs from what was quoted."""
    faults = list(_drift(quote, order))
    if faults:
        raise Refused("quote_drift", f"the order is not what {quote.quote_id} priced", faults)


def _drift(quote: QuoteRow, order: Order) -> Iterator[Fault]:
    now, then = basket_of(order), quote.basket
    for line_id in {**then["lines"], **now["lines"]}:
        was, is_ = then["lines"].get(line_id), now["lines"].get(line_id)
        if was != is_:
            yield _fault(f"lines.{line_id}", _difference(was, is_))
    for name in ("member", "channel", "service_mode", "tip", "fees", "rewards", "discounts"):
        if then[name] != now[name]:
            shown = "another" if name == "member" else f"quoted {then[name]}, got {now[name]}"
            yield _fault(name, shown)
    promised = quote.answer["promised"]
    discount = sum((d.amount for d, _ in order.all_discounts() if d.reward_id), Decimal(0))
    if Decimal(promised["discount"]) != discount and now["rewards"]:
        yield _fault("discounts", f"quoted {promised['discount']}, got {plain(discount)}")
    for name in ("tax_total", "total"):
        if promised.get(name) is not None and Decimal(promised[name]) != getattr(order, name):
            yield _fault(name, f"quoted {promised[name]}, got {plain(getattr(order, name))}")


def _difference(was: dict[str, Any] | None, is_: dict[str, Any] | None) -> str:
    if was is None:
        return "was not quoted"
    if is_ is None:
        return "was quoted, and is gone"
    return "; ".join(
        f"{name}: quoted {was[name]}, got {is_[name]}" for name in was if was[name] != is_[name]
    )


def _spelled(line: Line) -> dict[str, Any]:
    return {
        "parent_id": line.parent_id,
        "kind": line.kind,
        "sku": line.sku,
        "quantity": plain(line.quantity.normalize()),
        "unit_price": plain(line.unit_price.normalize()),
        "incentive_id": line.incentive_id,
        "engine_id": line.engine_id,
    }


def _rewards(order: Order) -> Iterator[str]:
    return (d.reward_id for d, _ in order.all_discounts() if d.reward_id)


def _own_discounts(order: Order) -> Decimal:
    """What the till takes off by itself, rewards apart."""
    return sum((d.amount for d, _ in order.all_discounts() if not d.reward_id), Decimal(0))


def _fault(path: str, message: str) -> Fault:
    return Fault(code="quote_drift", path=path, message=message)
