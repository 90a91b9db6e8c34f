"""Spoonity's answers in our words."""

from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime

from adapters.spoonity import memory, shapes
from adapters.spoonity.basket import reward_of
from adapters.spoonity.memory import Seen
from adapters.spoonity.refusals import CREDIT, DEBIT, POINTS, SALE, VOID, refusal
from adapters.spoonity.settings import SpoonitySite
from adapters.spoonity.wire import EPOCH
from gateway.core.errors import VendorNonsense
from gateway.core.flow import Reply
from gateway.core.money import plain
from gateway.core.operation import VendorVisit
from gateway.core.order import Line, Order
from gateway.core.outcome import (
    Balance,
    Failure,
    Identified,
    KnownMember,
    Outcome,
    Quoted,
    Reward,
    RewardList,
    applied,
    declined,
)

NOBODY = "Spoonity opened a session without a member"
UNVOIDABLE = "Spoonity gave no reference for this order: void it in Spoonity's own dashboard"
PROVED = (
    "no answer came back, but the member's balance shows the order; without a reference it "
    "cannot be voided from here"
)


def checked_in(reply: Reply) -> str | Outcome:
    """Read the hash of a new session; an unknown member is a 404 (dossier 3.1)."""
    return reply.parse(shapes.CheckedIn).pos_session.hash if reply.ok else refusal(reply)


def seen(session: str, reply: Reply) -> Seen | Outcome:
    """Read a session; one without a member's e-mail is nobody's (dossier 3.1)."""
    if not reply.ok:
        return refusal(reply)
    onscreen = reply.parse(shapes.Onscreen)
    if onscreen.user is None or not onscreen.user.email_address:
        return declined("member_not_found", NOBODY)
    return Seen(session=session, onscreen=onscreen, at=_said_at(reply))


def identified(seen: Seen, site: SpoonitySite) -> Identified:
    """Say who was identified, what they have, and which rewards they may use now (T19)."""
    user = seen.onscreen.user or shapes.User()
    names = (user.first_name, user.last_name)
    return Identified(
        outcome="applied",
        member=KnownMember(id=user.id, name=" ".join(name for name in names if name) or None),
        balances=_balances(seen.onscreen, site),
        rewards=tuple(_reward(rule, site) for rule in seen.usable()),
        keep=seen.keep(),
        holds=True,
    )


def released(reply: Reply) -> Outcome:
    """A session that is closed already is closed (dossier 3.3)."""
    return applied() if reply.ok or reply.status == 404 else refusal(reply)


def listed(reply: Reply) -> RewardList:
    """Read every reward of the brand; whether an item or money is given, the list does not say."""
    if not reply.ok:
        raise VendorNonsense(f"HTTP {reply.status} to the list of rewards: {refusal(reply).detail}")
    return RewardList(
        rewards=tuple(
            Reward(
                reward_id=entry.vendor_perk_redemption_id,
                name=entry.name or entry.vendor_perk_redemption_id,
                kind="amount",
                cost=entry.cost,
                expires_at=_day(entry.end_date),
            )
            for entry in reply.parse(shapes.Redemptions).data
        )
    )


def quoted(order: Order, visit: VendorVisit | None) -> Quoted:
    """Compare a basket's rewards with those of the visit; moves nothing, in currency units."""
    used = [(given, line) for given, line in order.all_discounts() if given.reward_id]
    failures = tuple(
        _unavailable(given.reward_id or "", line, visit)
        for given, line in used
        if visit is None or reward_of(visit, given.reward_id or "") is None
    )
    if failures:
        first = failures[0]
        return Quoted(accepted=False, reason=first.code, detail=first.detail, failures=failures)
    return Quoted(accepted=True, discount=sum((given.amount for given, _ in used), Decimal(0)))


def submitted(reply: Reply, before: Seen, order: Order, site: SpoonitySite) -> Outcome:
    """Read the answer to an order: success is what says so and gives a reference (T5, T6, T7).

    A reward whose spend the answer does not show is alarmed (T21). VendorNonsense is doubt.
    """
    answer = _accepted(reply)
    if answer is None:
        return refusal(reply, SALE)
    if not answer.reference_number:
        raise VendorNonsense("a recorded order without reference_number")
    receipt = answer.receipt_data
    spend = memory.spend_of(order, before)
    points = memory.moved(receipt, before.onscreen.points(), spend)
    unshown = spend.redeems and (points is None or points.redeemed is None)
    return applied(
        reference=answer.reference_number,
        points=points,
        balances=_balances_after(receipt, site),
        receipt_lines=receipt.lines if receipt else (),
        member_id=_member_after(receipt) or before.member_id,
        alarm=_unspent(order) if unshown else None,
    )


def proved(member_id: str | None) -> Outcome:
    """Say that balances show an order whose answer was lost."""
    return applied(detail=PROVED, member_id=member_id)


def voided(reply: Reply) -> Outcome:
    """Read the answer to a void, which says `voided` and nothing else (T5)."""
    answer = reply.parse(shapes.Answer)
    if not reply.ok or answer.failed() or answer.voided is False:
        return refusal(reply, VOID, absent="order_not_known")
    if answer.voided is None:
        raise VendorNonsense("a 2xx to a void without voided")
    return applied()


def moved_value(reply: Reply, amount: Decimal, site: SpoonitySite) -> Outcome:
    """Read the answer to a movement of stored value; `amount` in currency units, below zero taken.

    Only what is taken can be too much (dossier 3.6).
    """
    answer = _accepted(reply)
    if answer is None:
        return refusal(reply, DEBIT if amount < 0 else CREDIT)
    if not answer.reference_number:
        raise VendorNonsense("a movement of stored value without reference_number")
    receipt = answer.receipt_data
    return applied(
        reference=answer.reference_number,
        amount=abs(amount),
        balances=_balances_after(receipt, site),
        receipt_lines=receipt.lines if receipt else (),
        member_id=_member_after(receipt),
    )


def paid_with_points(reply: Reply, amount: Decimal) -> Outcome:
    """Read the answer to a payment with points; its sign is information only (T3)."""
    answer = _accepted(reply)
    if answer is None:
        return refusal(reply, POINTS)
    if answer.amount is None or abs(answer.amount) != amount:
        taken = "nothing" if answer.amount is None else plain(abs(answer.amount))
        raise VendorNonsense(f"asked to take {plain(amount)} in points, Spoonity took {taken}")
    if not answer.transaction_id:
        raise VendorNonsense("a payment with points without transaction_id")
    return applied(reference=answer.transaction_id, amount=amount)


def _accepted(reply: Reply) -> shapes.Answer | None:
    """Read an explicit success; None is an explicit refusal, anything else VendorNonsense."""
    answer = reply.parse(shapes.Answer)
    if not reply.ok or answer.failed():
        return None
    if not answer.success:
        raise VendorNonsense(f"HTTP {reply.status} that says neither success nor error")
    return answer


def _unavailable(reward_id: str, line: Line | None, visit: VendorVisit | None) -> Failure:
    detail = "a reward is the member's own: begin a visit"
    if visit is not None:
        detail = f"reward {reward_id} is not among those of visit {visit.visit_id}"
    return Failure(code="reward_unavailable", detail=detail, line_id=line.line_id if line else None)


def _unspent(order: Order) -> str:
    names = ", ".join(given.name for given, _ in order.all_discounts() if given.reward_id)
    return (
        f"Spoonity does not show that points were spent for {names}: compare the reward's "
        "identifier there with reward_discount_shape here"
    )


def _reward(rule: shapes.Spending, site: SpoonitySite) -> Reward:
    identifier = (rule.catalog.identifier if rule.catalog else None) or ""
    for_item = identifier.startswith(site.reward_discount_shape.item_prefix)
    return Reward(
        reward_id=rule.id,
        name=rule.name or rule.id,
        kind="item" if for_item else "amount",
        cost=rule.cost,
        quantity=rule.available or Decimal(1),
        expires_at=_day(rule.end_date),
    )


def _balances(onscreen: shapes.Onscreen, site: SpoonitySite) -> tuple[Balance, ...]:
    points = [
        Balance(
            kind="points", unit=(held.currency and held.currency.name) or "points", amount=amount
        )
        for held in onscreen.loyalty_balance
        if (amount := held.amount) is not None
    ]
    money = onscreen.quick_pay_balance
    if money is None or money.amount is None:
        return tuple(points)
    code = (money.currency and money.currency.code) or site.currency
    return (*points, Balance(kind="money", unit=code, amount=money.amount))


def _balances_after(receipt: shapes.ReceiptData | None, site: SpoonitySite) -> tuple[Balance, ...]:
    held = receipt.user.balances if receipt and receipt.user else ()
    return tuple(
        Balance(kind="money", unit=site.currency, amount=one.balance)
        if shapes.is_money(one)
        else Balance(kind="points", unit=one.currency or "points", amount=one.balance)
        for one in held
    )


def _member_after(receipt: shapes.ReceiptData | None) -> str | None:
    return receipt.user.id if receipt and receipt.user else None


def _said_at(reply: Reply) -> datetime | None:
    try:
        at = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _day(second: Decimal | None) -> str | None:
    return None if second is None else (EPOCH + timedelta(seconds=int(second))).isoformat()
