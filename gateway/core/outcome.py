"""What became of it: outcomes, and the closed set of reasons (till-api.md §4)."""

from decimal import Decimal
from typing import Any, Literal, get_args

from pydantic import Field, JsonValue

from gateway.core.frozen import Frozen
from gateway.core.money import DecimalString

OutcomeKind = Literal["applied", "declined", "skipped", "cancelled"]
Standing = Literal["applied", "declined", "skipped", "cancelled", "queued", "parked"]
FINAL: frozenset[str] = frozenset(get_args(OutcomeKind))

Reason = Literal[
    "member_not_found",
    "member_inactive",
    "code_used",
    "member_differs",
    "reward_unavailable",
    "reward_limit",
    "insufficient_points",
    "insufficient_value",
    "already_voided",
    "void_not_newest",
    "too_old",
    "order_not_known",
    "schedule_changed",
    "unsupported_by_vendor",
    "vendor_declined",
    "no_member",
    "not_yet",
    "unreachable",
    "throttled",
    "unauthorized",
    "in_doubt",
    "vendor_nonsense",
    "waiting_for",
    "needs_approval",
    "gateway_fault",
]
REASONS: tuple[str, ...] = get_args(Reason)

DETAIL_LENGTH = 500
"""A vendor's sentence is cut here: it goes into answers and logs."""


class Points(Frozen):
    """Points this order moved; None where the vendor did not say."""

    earned: DecimalString | None = None
    redeemed: DecimalString | None = None


class Balance(Frozen):
    """What a member has afterwards; money in currency units, points in `unit`."""

    kind: Literal["points", "visits", "money"]
    unit: str
    amount: DecimalString


class Change(Frozen):
    """Something the vendor altered on its own."""

    field: str
    requested: JsonValue
    granted: JsonValue


class Outcome(Frozen):
    """How an operation ended at a vendor.

    `reference` is the vendor's own name for it. `keep` is what only the adapter understands and
    wants back for a later void, refund or state of the same order. `member_id` is the vendor's id
    of the member, learnt on the way.
    """

    kind: OutcomeKind
    reason: Reason | None = None
    detail: str | None = Field(default=None)
    reference: str | None = None
    amount: DecimalString | None = None
    points: Points | None = None
    balances: tuple[Balance, ...] = ()
    receipt_lines: tuple[str, ...] = ()
    receipt_qr: str | None = None
    changes: tuple[Change, ...] = ()
    member_id: str | None = None
    keep: dict[str, JsonValue] = Field(default_factory=dict)
    alarm: str | None = None


def applied(**facts: Any) -> Outcome:
    """It happened at the vendor."""
    return Outcome(kind="applied", **facts)


def declined(reason: Reason, detail: str | None = None, **facts: Any) -> Outcome:
    """The vendor said no: final, and nothing moved."""
    return Outcome(kind="declined", reason=reason, detail=cut(detail), **facts)


def skipped(reason: Reason, detail: str | None = None, **facts: Any) -> Outcome:
    """There was nothing to say to this vendor: final, and not a fault."""
    return Outcome(kind="skipped", reason=reason, detail=cut(detail), **facts)


def cut(text: str | None) -> str | None:
    """Bound a vendor's sentence."""
    return text[:DETAIL_LENGTH] if text else None


class Reward(Frozen):
    """Something a member may redeem; `value` in currency units or percent, `cost` in points."""

    reward_id: str
    name: str
    kind: Literal["amount", "percent", "item", "points"]
    value: DecimalString | None = None
    cost: DecimalString | None = None
    quantity: DecimalString = Decimal(1)
    expires_at: str | None = None


class KnownMember(Frozen):
    """The member as the vendor knows them."""

    id: str | None
    name: str | None = None
    created: bool = False


class IncentiveLine(Frozen):
    """A reward or offer line the guest chose beforehand, to be added to the basket."""

    line_id: str
    kind: Literal["reward", "offer"]
    sku: str
    quantity: DecimalString = Decimal(1)
    unit_price: DecimalString | None = None
    incentive_id: str | None = None
    engine_id: str | None = None


class Identified(Frozen):
    """The vendor's answer to an identification.

    `outcome` is applied or declined. `keep` comes back with every order of the visit; `holds` says
    that something must be released when the visit comes to nothing.
    """

    outcome: OutcomeKind
    reason: Reason | None = None
    detail: str | None = None
    member: KnownMember | None = None
    balances: tuple[Balance, ...] = ()
    rewards: tuple[Reward, ...] = ()
    lines: tuple[IncentiveLine, ...] = ()
    keep: dict[str, JsonValue] = Field(default_factory=dict)
    holds: bool = False


def unidentified(outcome: Outcome) -> Identified:
    """A visit came to nothing: why it did is the outcome's reason."""
    return Identified(outcome=outcome.kind, reason=outcome.reason, detail=outcome.detail)


class Failure(Frozen):
    """One reason why a basket cannot have its reward; `code` is of the closed set."""

    code: Reason
    detail: str | None = None
    line_id: str | None = None


class Totals(Frozen):
    """A basket as the vendor prices it, in currency units."""

    subtotal: DecimalString
    discount_total: DecimalString
    tax_total: DecimalString
    tip: DecimalString
    fees: DecimalString
    total: DecimalString


class Quoted(Frozen):
    """The vendor's answer to a basket; `discount` in currency units."""

    accepted: bool
    reason: Reason | None = None
    detail: str | None = None
    discount: DecimalString = Decimal(0)
    totals: Totals | None = None
    failures: tuple[Failure, ...] = ()
    keep: dict[str, JsonValue] = Field(default_factory=dict)


def unquoted(outcome: Outcome, failures: tuple[Failure, ...] = ()) -> Quoted:
    """A basket cannot have its reward: why it cannot is the outcome's reason, once or by line."""
    reason: Reason = outcome.reason or "vendor_declined"
    return Quoted(
        accepted=False,
        reason=reason,
        detail=outcome.detail,
        failures=failures or (Failure(code=reason, detail=outcome.detail),),
    )


class RewardList(Frozen):
    """All active rewards of a brand."""

    rewards: tuple[Reward, ...]
