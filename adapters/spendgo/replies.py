"""Spendgo's answers in our words."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from adapters.spendgo import shapes
from adapters.spendgo.basket import SHOP_WITH_POINTS, Redeemed
from adapters.spendgo.members import GUEST
from adapters.spendgo.memory import Kept, Status
from adapters.spendgo.refusals import refusal, unfound
from adapters.spendgo.settings import SpendgoSite
from gateway.core.errors import VendorNonsense
from gateway.core.flow import Reply
from gateway.core.money import plain, round_half_up
from gateway.core.order import Member
from gateway.core.outcome import (
    Balance,
    Identified,
    KnownMember,
    Outcome,
    Quoted,
    Reward,
    applied,
    declined,
    unquoted,
)

GUEST_ORDER = "recorded as a guest order: the member could not be looked up"
UNVERIFIED = "the member must first confirm their e-mail address: sell as to a guest"


def member(reply: Reply) -> KnownMember | Outcome:
    """Read who was found or created; a member that waits for verification has no id (T8)."""
    if reply.status == 202:
        return declined("member_inactive", UNVERIFIED)
    if reply.ok:
        found = reply.parse(shapes.Account)
        return KnownMember(id=found.id, created=reply.status == 201)
    return unfound(reply)


def rewards(reply: Reply, site: SpendgoSite) -> tuple[Reward, ...] | Outcome:
    """Read the rewards usable at this store."""
    if not reply.ok:
        return refusal(reply)
    return tuple(reward(offer, site) for offer in reply.parse(shapes.Offers).rewards)


def reward(offer: shapes.Offer, site: SpendgoSite) -> Reward:
    """Name one reward; its value is what Spendgo projects, in its own unit (T11)."""
    return Reward(
        reward_id=offer.id,
        name=offer.label,
        kind=_kind(offer, site),
        value=offer.value,
        quantity=Decimal(1) if offer.quantity is None else offer.quantity,
    )


def balances(reply: Reply) -> tuple[Balance, ...]:
    """Read a balance for display; one that is missing or unreadable is no fault of the visit."""
    try:
        earned = reply.parse(shapes.Earned) if reply.ok else None
    except VendorNonsense:
        earned = None
    if earned is None:
        return ()
    unit = earned.units.lower()
    return (
        Balance(kind="points" if unit == "points" else "visits", unit=unit, amount=earned.quantity),
    )


def identified(found: KnownMember, rewards: tuple[Reward, ...], balance: Reply) -> Identified:
    """Say who was found, with the rewards they may use here and what they have."""
    return Identified(outcome="applied", member=found, rewards=rewards, balances=balances(balance))


def quoted(reply: Reply, redeemed: Redeemed | None, kept: Kept, site: SpendgoSite) -> Quoted:
    """Answer a basket with its reward's validated discount, in currency units.

    A lost try that had been taken priced the reward, but not for us to read: not accepted.
    """
    answer = heard(reply, "checkout", redeeming=redeemed is not None)
    if isinstance(answer, Outcome):
        return unquoted(answer)
    kept = kept.after("checkout", answer)
    if redeemed is None:
        return Quoted(accepted=True, keep=kept.keep())
    if answer is None:
        return unquoted(refusal(reply, redeeming=True))
    discount = validated(answer, redeemed, site)
    if isinstance(discount, Outcome):
        return unquoted(discount)
    return Quoted(accepted=True, discount=discount, keep=kept.with_validated(discount).keep())


def heard(reply: Reply, status: Status, *, redeeming: bool) -> shapes.Transaction | Outcome | None:
    """Read the answer to one status; None means a lost earlier try had been taken (dossier 5).

    A 2xx that does not echo the status, or bills without a transaction id, is nonsense.
    """
    if reply.status == 409 and reply.repeated:
        return None
    if not reply.ok:
        return refusal(reply, redeeming=redeeming)
    transaction = reply.parse(shapes.Answer).transaction
    if transaction.status.lower() != status:
        raise VendorNonsense(f"answered {transaction.status[:40]!r} to {status}")
    if status == "billed" and not transaction.id:
        raise VendorNonsense("billed, without transaction.id")
    return transaction


def validated(
    transaction: shapes.Transaction | None, redeemed: Redeemed, site: SpendgoSite
) -> Decimal | Outcome:
    """Read the discount a checkout validated, in currency units (T10).

    Where only a lost try can have validated it, the till's own figure is carried: Spendgo refuses
    it at `placed` if it is another.
    """
    if transaction is None:
        return redeemed.amount
    if transaction.message or not transaction.discount or transaction.discount < 0:
        detail = transaction.message or f"Spendgo grants nothing for reward {redeemed.reward_id}"
        return declined("reward_unavailable", detail)
    return round_half_up(transaction.discount, site.currency)


def outdated(kept: Kept, basket: str) -> Outcome | None:
    """Decline another basket than the one that is placed (dossier 4 rule 6)."""
    if "placed" not in kept.statuses or kept.basket == basket:
        return None
    return declined(
        "unsupported_by_vendor",
        "Spendgo holds this order as placed and takes no other basket for it: void it, and send "
        "the new basket under a new order_id",
    )


def unfit(redeemed: Redeemed, kept: Kept, site: SpendgoSite) -> Outcome | None:
    """Decline a till's discount that is not the validated one; points may be used in part (T12)."""
    granted = kept.validated or Decimal(0)
    partial = site.program_type == "shop_with_points" and redeemed.reward_id.startswith(
        SHOP_WITH_POINTS
    )
    if redeemed.amount == granted or (partial and redeemed.amount < granted):
        return None
    return declined(
        "reward_unavailable",
        f"the till took off {plain(redeemed.amount)} for reward {redeemed.reward_id}, Spendgo "
        f"validated {plain(granted)}",
    )


def checked_out(
    answer: shapes.Transaction | None, redeemed: Redeemed | None, kept: Kept, site: SpendgoSite
) -> Kept | Outcome:
    """Take the validated discount from a checkout, if it is what the till took off."""
    if redeemed is None:
        return kept
    discount = validated(answer, redeemed, site)
    if isinstance(discount, Outcome):
        return discount
    kept = kept.with_validated(discount)
    return unfit(redeemed, kept, site) or kept


def submitted(kept: Kept, messages: Sequence[str] = (), named: Member | None = None) -> Outcome:
    """Say that everything asked for has been taken."""
    guest = kept.account == GUEST
    return applied(
        detail=GUEST_ORDER if guest and named else None,
        reference=kept.transaction,
        receipt_lines=tuple(messages),
        member_id=None if guest else kept.account,
        keep=kept.keep(),
    )


def stopped(outcome: Outcome, kept: Kept) -> Outcome:
    """Say how far an order came before Spendgo refused; a reward taken for nothing is alarmed."""
    if not kept.statuses:
        return outcome
    facts: dict[str, object] = {"reference": kept.transaction, "keep": kept.keep()}
    if "billed" in kept.statuses:
        facts["alarm"] = "Spendgo billed this order and then refused it: the reward may be gone"
    return outcome.model_copy(update=facts)


def voided(reply: Reply, status: Status, kept: Kept) -> Outcome:
    """Read the answer to `voided` or `refunded`, whichever was said."""
    answer = heard(reply, status, redeeming=False)
    if isinstance(answer, Outcome):
        return answer
    return submitted(kept.after(status, answer))


def _kind(offer: shapes.Offer, site: SpendgoSite) -> Literal["amount", "percent", "item", "points"]:
    if offer.id.startswith(SHOP_WITH_POINTS) and site.program_type == "shop_with_points":
        return "points"
    match offer.offer.lower():
        case "discount":
            return "percent"
        case "gift":
            return "item"
        case _:
            return "amount"
