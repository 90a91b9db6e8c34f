"""RBI's answers in our words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import JsonValue

from adapters.rbi.memory import Transaction, opened
from adapters.rbi.refusals import (
    GONE,
    NOT_CLAIMABLE,
    failures,
    reason_of,
    refusal,
    refused,
)
from adapters.rbi.settings import RbiSite
from adapters.rbi.shapes import (
    EligibleDiscount,
    Identification,
    Incentive,
    Presentation,
    Redeemed,
    Unclaimed,
    Updated,
)
from adapters.rbi.shapes import Points as PointsBalance
from gateway.core.errors import InDoubt, VendorNonsense
from gateway.core.flow import Reply
from gateway.core.money import from_minor_units
from gateway.core.order import Order
from gateway.core.outcome import (
    Balance,
    Identified,
    IncentiveLine,
    KnownMember,
    Outcome,
    Points,
    Quoted,
    Reason,
    Reward,
    applied,
    cut,
    declined,
    unidentified,
)

POINTS = "points"

LOST_REWARD = (
    "paid and not claimed at RBI: the guest's points ran short; the sale stands, settle the "
    "reward with the guest"
)
"""What the staff is told when a claim fails after the payment (T24)."""


@dataclass(frozen=True, kw_only=True)
class Promo:
    """What became of a promo code: an incentive, or why there is none."""

    incentive_id: str | None = None
    reason: Reason | None = None
    detail: str | None = None


PROMO_IN_DOUBT = Promo(
    reason="in_doubt",
    detail="the guest is identified; nobody knows whether the promo code was redeemed, as RBI's "
    "answer was lost",
)


def identified(
    found: Identification,
    site: RbiSite,
    *,
    first: Transaction | None,
    promo: Promo,
    detail: str | None = None,
) -> Identified:
    """Say who was found, with the lines chosen in the app, those of a first scan before them."""
    lines = _lines(found, first.lines if first else (), promo)
    return Identified(
        outcome="applied",
        reason=promo.reason,
        detail=cut(promo.detail or detail),
        member=KnownMember(id=found.loyalty_user.id, name=found.loyalty_user.name),
        balances=balances(None, found.balances),
        rewards=tuple(_reward(discount, site) for discount in found.eligible_discounts),
        lines=lines,
        keep=opened(found, lines=lines).keep(),
        holds=True,
    )


def another_guest(void: Reply) -> Identified:
    """Say that the second scan was somebody else's, and whether it was given back."""
    kept = still_held(void)
    detail = "the second code is another guest's; its scan was given back, the first one stands"
    if kept:
        detail = f"the second code is another guest's, and its scan still holds: {kept}"
    return unidentified(declined("member_differs", detail))


def still_held(void: Reply) -> str | None:
    """Tell why a void left a transaction standing, None if it is gone."""
    said = refused(void)
    if said is None:
        refuse_page(void)
        return None
    return None if said.word in GONE else reason_of(said)[1]


def first_scan(void: Reply) -> str | None:
    """Tell the staff if the first scan could not be given back."""
    kept = still_held(void)
    return f"the first scan could not be given back: {kept}" if kept else None


def promo_redeemed(reply: Reply) -> Promo:
    """Read the incentive of a promo code, or why it was refused; VendorNonsense is doubt."""
    said = refused(reply)
    if said is None:
        return Promo(incentive_id=reply.parse(Redeemed).sanity_id)
    return Promo(
        reason="reward_unavailable",
        detail=f"the guest is identified, the promo code is refused: {reason_of(said)[1]}",
    )


def quoted(reply: Reply, order: Order) -> Quoted:
    """Say whether the basket is valid; RBI prices nothing, the till's own discounts stand."""
    said = refused(reply)
    if said is None:
        refuse_page(reply)
        rewarded = (off.amount for off, _ in order.all_discounts() if off.reward_id)
        return Quoted(accepted=True, discount=sum(rewarded, Decimal(0)))
    broken = failures(said, order)
    return Quoted(accepted=False, reason=broken[0].code, detail=broken[0].detail, failures=broken)


def submitted(reply: Reply, held: Transaction) -> Outcome:
    """Read the answer to update; `held` is the transaction in the status that was said.

    Raises InDoubt where a repeated claim meets a closed transaction: the lost try may have closed
    it, and only a person can see.
    """
    said = refused(reply)
    if said is None:
        return _submitted(reply.parse(Updated), held)
    if reply.repeated and held.status == "CLAIMED" and said.word == NOT_CLAIMABLE:
        raise InDoubt("a claim without an answer was repeated, and RBI says it cannot be claimed")
    reason, sentence = reason_of(said)
    short = held.status == "CLAIMED" and reason == "insufficient_points"
    return declined(
        reason,
        sentence,
        member_id=held.loyalty_id,
        keep={} if said.word in GONE else held.in_status("PENDING").keep(),
        alarm=LOST_REWARD if short else None,
    )


def unclaimed(reply: Reply) -> Outcome:
    """Read the answer to an unclaimed sale; its id is no loyalty transaction of a guest."""
    said = refused(reply)
    if said is not None:
        return refusal(said)
    answer = reply.parse(Unclaimed)
    return applied(
        reference=answer.transaction_id,
        receipt_lines=receipt_lines(answer.presentation),
        receipt_qr=answer.presentation.qr_code,
    )


def voided(reply: Reply, held: Transaction) -> Outcome:
    """Read the answer to void: any 2xx is done, and gone is done if an earlier try was lost."""
    said = refused(reply)
    if said is None:
        refuse_page(reply)
    elif not (reply.repeated and said.word in GONE):
        if said.word == NOT_CLAIMABLE:
            return declined("already_voided", "RBI has voided this transaction before")
        return refusal(said)
    return applied(reference=held.transaction_id, member_id=held.loyalty_id, keep={"holds": False})


def refuse_page(reply: Reply) -> None:
    """Take any 2xx whose body is undocumented, even empty; a web page is somebody else speaking."""
    if reply.body.lstrip().startswith(b"<"):
        raise VendorNonsense(f"HTTP {reply.status} with a page instead of an answer")


def balances(points: Decimal | None, entries: Sequence[PointsBalance]) -> tuple[Balance, ...]:
    """Read the balance of either shape; held rewards are already taken off (T17)."""
    amounts = [entry.amount for entry in entries if entry.currency.lower() == POINTS]
    amount = points if points is not None else next(iter(amounts), None)
    return () if amount is None else (Balance(kind="points", unit=POINTS, amount=amount),)


def receipt_lines(shown: Presentation) -> tuple[str, ...]:
    """Put the texts to print in RBI's order (dossier 4)."""
    texts = (
        shown.header,
        shown.marketing,
        shown.points_earned,
        shown.points_redeemed,
        shown.total_points,
        shown.footer,
    )
    return tuple(line for text in texts if text for line in text.splitlines())


def _submitted(answer: Updated, held: Transaction) -> Outcome:
    if answer.transaction_id != held.transaction_id:
        raise VendorNonsense("RBI answered about another transaction than the one it was told of")
    said = answer.points_earned is not None or answer.points_redeemed is not None
    receipt: dict[str, JsonValue] = (
        {"receipt_code": answer.receipt_code} if answer.receipt_code else {}
    )
    return applied(
        reference=held.transaction_id,
        points=Points(earned=answer.points_earned, redeemed=answer.points_redeemed)
        if said
        else None,
        balances=balances(answer.points, answer.balances),
        receipt_lines=receipt_lines(answer.presentation),
        receipt_qr=answer.presentation.qr_code,
        member_id=held.loyalty_id,
        keep={**held.keep(), **receipt},
    )


def _lines(
    found: Identification, first: Sequence[IncentiveLine], promo: Promo
) -> tuple[IncentiveLine, ...]:
    """Number the lines anew, as RBI's own ids may repeat; what the first scan had stays."""
    lines = list(first)
    chosen = [_line(incentive) for incentive in found.order]
    if promo.incentive_id is not None:
        offered = promo.incentive_id
        chosen.append(IncentiveLine(line_id="-", kind="offer", sku=offered, incentive_id=offered))
    known = {(line.kind, line.incentive_id, line.engine_id) for line in first}
    for line in chosen:
        if (line.kind, line.incentive_id, line.engine_id) not in known:
            lines.append(line.model_copy(update={"line_id": f"incentive-{len(lines) + 1}"}))
    return tuple(lines)


def _line(chosen: Incentive) -> IncentiveLine:
    is_reward = (chosen.product_type or "").lower() == "reward"
    return IncentiveLine(
        line_id="-",
        kind="reward" if is_reward else "offer",
        sku=chosen.product_id or chosen.incentive_id or chosen.loyalty_engine_id or "",
        quantity=Decimal(1) if chosen.quantity is None else chosen.quantity,
        unit_price=chosen.price,
        incentive_id=chosen.incentive_id,
        engine_id=chosen.loyalty_engine_id,
    )


def _reward(discount: EligibleDiscount, site: RbiSite) -> Reward:
    details = discount.details
    percent = (details.subtype or "").upper().startswith("PERCENT")
    value = details.discount_value
    if value is not None and not percent and site.discount_amount_unit == "cents":
        value = value * from_minor_units(1, site.currency)
    return Reward(
        reward_id=discount.incentive_id,
        name=details.display_name or discount.incentive_id,
        kind="percent" if percent else "amount",
        value=value,
    )
