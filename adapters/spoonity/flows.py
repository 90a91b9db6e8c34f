"""What we say to Spoonity, in order."""

from datetime import datetime
from decimal import Decimal

from adapters.spoonity import basket, members, memory, replies, wire
from adapters.spoonity.memory import Seen
from adapters.spoonity.settings import SpoonitySite
from gateway.core.errors import InDoubt, OrderRefused, VendorNonsense
from gateway.core.flow import Call, Flow, once, repeatable
from gateway.core.money import plain
from gateway.core.operation import (
    Identify,
    Load,
    Pay,
    Quote,
    Refund,
    Release,
    Reverse,
    Rewards,
    Submit,
    Void,
    contradicts,
)
from gateway.core.outcome import (
    Identified,
    Outcome,
    Quoted,
    RewardList,
    applied,
    declined,
    skipped,
    unidentified,
    unquoted,
)


def identify(ask: Identify, site: SpoonitySite) -> Flow[Identified]:
    """Check the member in, then read what they have."""
    card = members.card_number(ask.member, site)
    seen = yield from _check_in(card, site)
    if isinstance(seen, Outcome):
        return unidentified(seen)
    return replies.identified(seen, site)


def release(ask: Release, site: SpoonitySite) -> Flow[Outcome]:
    """Close the visit's session."""
    session = memory.session_of(ask.visit)
    if session is None:
        return applied(detail="the visit opened no session")
    body, query = wire.deletion("pos_session_hash", session, site)
    reply = yield repeatable("close_session", "DELETE", "/onscreen", body=body, query=query)
    return replies.released(reply)


def rewards(_ask: Rewards, _site: SpoonitySite) -> Flow[RewardList]:
    """List the brand's rewards; which of them a member may use, only a visit tells (T19)."""
    reply = yield repeatable("list_rewards", "GET", "/vendor/perk/redemption/list", fresh=True)
    return replies.listed(reply)


def quote(ask: Quote, _site: SpoonitySite) -> Flow[Quoted]:
    """Answer from the visit's rewards: Spoonity prices no basket."""
    yield from ()
    if ask.visit and contradicts(ask.visit.member, ask.order.member):
        return unquoted(declined("member_differs"))
    return replies.quoted(ask.order, ask.visit)


def submit(ask: Submit, site: SpoonitySite) -> Flow[Outcome]:
    """Read the member's balances, post the finished order once, close the session."""
    member = members.captured(ask.visit, ask.order.member)
    if ask.order.state != "completed":
        return skipped("not_yet")
    if member is None:
        return skipped("no_member")
    ticket = wire.ticket(ask.order, member, ask.visit, site)
    if ask.visit and contradicts(ask.visit.member, ask.order.member):
        return declined("member_differs")
    before = yield from _see(memory.session_of(ask.visit), ticket["card_number"], site)
    if isinstance(before, Outcome):
        return before
    try:
        reply = yield once("post_order", "POST", "/order", body=ticket)
        outcome = replies.submitted(reply, before, ask.order, site)
    except (InDoubt, VendorNonsense) as doubt:
        outcome = yield from _look(doubt.detail, before, ask, ticket["card_number"], site)
    if site.close_session_after_order:
        yield _close("close_session", before.session, site)
    return outcome


def void(ask: Void, site: SpoonitySite) -> Flow[Outcome]:
    """Undo the whole order; whether newer ones stand in its way is not decided here."""
    return (yield from _undo(ask, site))


def refund(ask: Refund, site: SpoonitySite) -> Flow[Outcome]:
    """Undo the whole order; a part of one cannot be said."""
    if ask.lines is not None:
        raise OrderRefused(
            "Spoonity undoes whole orders only: leave lines out, or void and send a new order",
            path="lines",
            code="partial_refund_unsupported",
        )
    return (yield from _undo(ask, site))


def pay(ask: Pay, site: SpoonitySite) -> Flow[Outcome]:
    """Take money from the gift card, or turn points into money."""
    if ask.instrument == "gift_card":
        return (yield from _move(ask, -ask.amount, ask.paid_at, site))
    body = wire.loyalty_pay(ask, site)
    if ask.visit and contradicts(ask.visit.member, ask.member):
        return declined("member_differs")
    reply = yield once("pay_with_points", "POST", "/order/payments/loyalty", body=body)
    try:
        return replies.paid_with_points(reply, ask.amount)
    except VendorNonsense as nonsense:
        raise InDoubt(nonsense.detail) from None


def load(ask: Load, site: SpoonitySite) -> Flow[Outcome]:
    """Add money to the gift card; points are only ever earned."""
    if ask.instrument == "points":
        raise OrderRefused(
            "Spoonity adds points for orders only, not as stored value", path="instrument"
        )
    return (yield from _move(ask, ask.amount, ask.paid_at, site))


def reverse(ask: Reverse, site: SpoonitySite) -> Flow[Outcome]:
    """Move the opposite amount, where the brand lets that happen without a person."""
    payment = ask.payment
    if payment.instrument == "points":
        raise OrderRefused(
            "Spoonity has no way back for a payment with points: give them back in its dashboard",
            path="instrument",
            code="unsupported_operation",
        )
    opposite = payment.amount if isinstance(payment, Pay) else -payment.amount
    if site.gift_card_undo == "person_approves":
        way = "load" if opposite > 0 else "debit"
        return declined(
            "needs_approval",
            f"Spoonity cannot undo it; a person may {way} {plain(payment.amount)} "
            f"{payment.currency} as a payment of its own",
        )
    return (yield from _move(payment, opposite, ask.at, site))


def _see(session: str | None, card: str, site: SpoonitySite) -> Flow[Seen | Outcome]:
    """Read the visit's session; where there is none or it has gone stale, check in anew."""
    if session is not None:
        seen = replies.seen(session, (yield _read("read_visit", session)))
        if isinstance(seen, Seen):
            return seen
    return (yield from _check_in(card, site))


def _check_in(card: str, site: SpoonitySite, prefix: str = "") -> Flow[Seen | Outcome]:
    """Open a session and read it; one that turns out to be nobody's is closed."""
    reply = yield repeatable(
        f"{prefix}open_session", "POST", "/onscreen", body={"card_number": card}, fresh=True
    )
    session = replies.checked_in(reply)
    if isinstance(session, Outcome):
        return session
    seen = replies.seen(session, (yield _read(f"{prefix}read_session", session)))
    if isinstance(seen, Outcome):
        yield _close(f"{prefix}close_session", session, site, fresh=True)
    return seen


def _look(doubt: str, before: Seen, ask: Submit, card: str, site: SpoonitySite) -> Flow[Outcome]:
    """Compare balances in a new session; InDoubt where they prove nothing (dossier 5)."""
    after = yield from _check_in(card, site, "look_")
    if isinstance(after, Outcome):
        raise InDoubt(doubt)
    yield _close("look_close_session", after.session, site, fresh=True)
    subtotal = basket.subtotal(ask.order, site)
    if not memory.recorded(before, after, subtotal=subtotal, redeems=ask.order.redeems()):
        raise InDoubt(doubt)
    return replies.proved(after.member_id)


def _undo(ask: Void | Refund, site: SpoonitySite) -> Flow[Outcome]:
    """Void by Spoonity's own reference, once: a second void may or may not be refused."""
    if ask.record.reference is None:
        return declined("order_not_known", replies.UNVOIDABLE)
    receipt = wire.void_receipt(ask.record.reference, site)
    body, query = wire.deletion("receipt", receipt, site)
    reply = yield once("void_order", "DELETE", "/order", body=body, query=query)
    try:
        return replies.voided(reply)
    except VendorNonsense as nonsense:
        raise InDoubt(nonsense.detail) from None


def _move(payment: Pay | Load, amount: Decimal, at: datetime, site: SpoonitySite) -> Flow[Outcome]:
    """Move stored value once, `amount` signed: nothing deduplicates it, nothing looks it up."""
    body = wire.gift_card(payment, amount, at, site)
    if payment.visit and contradicts(payment.visit.member, payment.member):
        return declined("member_differs")
    reply = yield once("move_value", "POST", "/order", body=body)
    try:
        return replies.moved_value(reply, amount, site)
    except VendorNonsense as nonsense:
        raise InDoubt(nonsense.detail) from None


def _read(step: str, session: str) -> Call:
    return repeatable(step, "GET", "/onscreen", query=(("pos_session_hash", session),), fresh=True)


def _close(step: str, session: str, site: SpoonitySite, *, fresh: bool = False) -> Call:
    """A courtesy: a session that stays open harms nobody."""
    body, query = wire.deletion("pos_session_hash", session, site)
    return repeatable(
        step, "DELETE", "/onscreen", body=body, query=query, fresh=fresh, optional=True
    )
