"""What the till is told (till-api.md §4)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, JsonValue

from gateway.core.frozen import Frozen
from gateway.core.money import DecimalString, round_half_up
from gateway.core.order import Line, State
from gateway.core.outcome import (
    Balance,
    Change,
    Failure,
    IncentiveLine,
    KnownMember,
    Points,
    Reason,
    Reward,
    Standing,
    Totals,
)
from gateway.web.cashier import CashierText


def _in_minor_units(held: Balance) -> Balance:
    if held.kind != "money":
        return held
    return held.model_copy(update={"amount": round_half_up(held.amount, held.unit)})


SpelledBalance = Annotated[Balance, AfterValidator(_in_minor_units)]
"""A balance as a till shows it: money with its currency's decimals, whatever the vendor sent."""


class Result(Frozen):
    """What became of one operation at one vendor."""

    vendor: str
    adapter: str
    role: Literal["primary", "follower"]
    operation: str
    outcome: Standing
    reason: Reason | None
    detail: str | None
    reference: str | None
    lane: str
    sequence: int
    attempts: int
    next_attempt_at: datetime | None
    points: Points | None
    balances: tuple[SpelledBalance, ...]
    receipt_lines: tuple[str, ...]
    receipt_qr: str | None
    changes: tuple[Change, ...]


class OrderAnswer(Frozen):
    """An order, and what became of it; `outcome`, `final` and `cashier` are the primary's."""

    store: str
    order_id: str
    revision: int
    state: State | Literal["voided", "refunded"]
    outcome: Standing
    final: bool
    cashier: CashierText
    results: tuple[Result, ...]


class VisitResult(Frozen):
    """What one vendor gave for a visit."""

    vendor: str
    adapter: str
    outcome: str
    reason: Reason | None = None
    detail: str | None = None
    member: KnownMember | None = None
    balances: tuple[SpelledBalance, ...] = ()
    rewards: tuple[Reward, ...] = ()
    lines: tuple[IncentiveLine | Line, ...] = ()


class VisitAnswer(Frozen):
    """A visit."""

    visit_id: str
    store: str
    till: str
    results: tuple[VisitResult, ...]
    expires_at: datetime


class QuoteResult(Frozen):
    """What one vendor says of a basket."""

    vendor: str
    accepted: bool
    reason: Reason | None = None
    detail: str | None = None
    discount: DecimalString = Decimal(0)
    totals: Totals | None = None
    failures: tuple[Failure, ...] = ()


class QuoteAnswer(Frozen):
    """A quote."""

    quote_id: str
    accepted: bool
    discount_total: DecimalString
    results: tuple[QuoteResult, ...]
    expires_at: datetime


class PaymentAnswer(Frozen):
    """A payment, or its reversal, and what became of it; `reversed` once it was undone.

    `amount` is null where the payment is older than the gateway remembers.
    """

    payment_id: str
    operation: str
    outcome: Standing
    final: bool
    reversed: bool
    amount: DecimalString | None
    reference: str | None
    balances: tuple[SpelledBalance, ...]
    reason: Reason | None
    cashier: CashierText


class RewardsAnswer(Frozen):
    """All active rewards of the brand."""

    rewards: tuple[Reward, ...]


class OperationCapability(Frozen):
    """Whether an operation works just now, and what happens when the vendor is away."""

    online: bool
    offline: Literal["queue", "refuse", "local"]
    reason: str | None


class CapabilitiesAnswer(Frozen):
    """What a store can do just now."""

    store: str
    primary: str | None
    vendors: tuple[dict[str, JsonValue], ...]
    operations: dict[str, OperationCapability]


class HealthAnswer(Frozen):
    """The process answers."""

    alive: Literal[True] = True


class ReadyAnswer(Frozen):
    """Whether the gateway can take orders, and what says so."""

    ready: bool
    checks: dict[str, bool]
