"""What we say to Spendgo, in order."""

from typing import Any
from urllib.parse import quote as escaped

from adapters.spendgo import members, memory, replies, wire
from adapters.spendgo.members import GUEST
from adapters.spendgo.memory import Kept, Status
from adapters.spendgo.settings import SpendgoSite
from gateway.core.errors import OrderRefused
from gateway.core.flow import Call, Flow, once, repeatable
from gateway.core.operation import Identify, Quote, Record, Refund, Submit, Void, contradicts
from gateway.core.order import Member
from gateway.core.outcome import (
    Identified,
    KnownMember,
    Outcome,
    Quoted,
    Reward,
    declined,
    skipped,
    unidentified,
    unquoted,
)


def identify(ask: Identify, site: SpendgoSite) -> Flow[Identified]:
    """Find or enrol the member, list their rewards once, then ask for the balance."""
    if not members.may_find(ask.member, site):
        return unidentified(declined("member_not_found", members.NOT_ENROLLED))
    found = yield from _find(ask.member, site)
    if isinstance(found, Outcome):
        return unidentified(found)
    account = str(found.id)
    rewards: tuple[Reward, ...] | Outcome
    if ask.replaces is not None and ask.replaces.member_id == account:
        rewards = ask.replaces.rewards
    else:
        rewards = yield from _list(account, site)
    if isinstance(rewards, Outcome):
        return unidentified(rewards)
    balance = yield repeatable("read_balance", "GET", f"{_path(account)}/balance", optional=True)
    return replies.identified(found, rewards, balance)


def quote(ask: Quote, site: SpendgoSite) -> Flow[Quoted]:
    """Check the basket out: Spendgo prices its reward, and nothing is taken yet."""
    sale = wire.sale(ask.order_id, ask.order, site)
    if sale.redeemed and not (ask.visit and ask.visit.member_id):
        raise OrderRefused(
            "Spendgo prices a reward for an identified member alone: begin a visit first",
            path="visit_id",
            code="visit_required",
        )
    if ask.visit and contradicts(ask.visit.member, ask.order.member):
        return unquoted(declined("member_differs"))
    account = yield from _account(ask, sale, Record(), site)
    if isinstance(account, Outcome):
        return unquoted(account)
    if account == GUEST and not site.guest_orders_enabled:
        return Quoted(accepted=True)
    kept = Kept(account=account, basket=sale.digest(account))
    kept = kept.with_values(ask.visit.rewards) if ask.visit else kept
    said = sale.at("checkout", discount=kept.listed_value(sale.reward_id))
    reply = yield _say("checkout", account, said, site)
    return replies.quoted(reply, sale.redeemed, kept, site)


def submit(ask: Submit, site: SpendgoSite) -> Flow[Outcome]:
    """Say every status that is missing up to the order's state, each after the one before."""
    sale = wire.sale(ask.order_id, ask.order, site)
    if ask.visit and contradicts(ask.visit.member, ask.order.member):
        return declined("member_differs")
    _refuse_unnamed(ask, sale, site)
    account = yield from _account(ask, sale, ask.record, site)
    if isinstance(account, Outcome):
        return account
    if account == GUEST and not site.guest_orders_enabled:
        return skipped("no_member")
    basket = sale.digest(account)
    kept = memory.remembered(ask.record.keep).resume(basket, account, ask.quote)
    outdated = replies.outdated(kept, basket)
    if outdated:
        return outdated
    left = memory.missing(kept, ask.order, site)
    if sale.redeemed and "checkout" in left:
        known = yield from _with_values(ask, kept, site)
        if isinstance(known, Outcome):
            return known
        kept = known
    elif sale.redeemed:
        unfit = replies.unfit(sale.redeemed, kept, site)
        if unfit:
            return unfit
    named = members.captured(ask.visit, ask.order.member)
    return (yield from _say_all(left, sale, kept, site, named=named))


def void(ask: Void, site: SpendgoSite) -> Flow[Outcome]:
    """Say voided before completion, refunded after it."""
    return (yield from _undo(ask, site))


def refund(ask: Refund, site: SpendgoSite) -> Flow[Outcome]:
    """Give the whole order back; Spendgo would take a part for all of it (dossier 4 rule 9)."""
    if ask.lines is not None:
        raise OrderRefused(
            "Spendgo refunds whole orders alone: refund all of it, and send what the guest keeps "
            "as a new order",
            path="lines",
            code="partial_refund_unsupported",
        )
    return (yield from _undo(ask, site))


def _find(member: Member, site: SpendgoSite) -> Flow[KnownMember | Outcome]:
    known = members.known_id(member)
    if known is not None:
        return KnownMember(id=known)
    said = members.customer(member, site)
    reply = yield repeatable("find_member", "POST", "/loyalty/accounts", body=said)
    return replies.member(reply)


def _list(account: str, site: SpendgoSite) -> Flow[tuple[Reward, ...] | Outcome]:
    """Ask for the rewards; being listed uses some offers up, so no one asks twice (T22)."""
    store = (("store", site.store_code),)
    reply = yield repeatable("list_rewards", "GET", f"{_path(account)}/rewards", query=store)
    return replies.rewards(reply, site)


def _account(
    ask: Quote | Submit, sale: wire.Sale, record: Record, site: SpendgoSite
) -> Flow[str | Outcome]:
    """Tell under which path id the sale goes; once placed it stays where it is."""
    kept = memory.remembered(record.keep)
    if "placed" in kept.statuses:
        return kept.account
    if ask.visit is not None and ask.visit.member_id:
        return ask.visit.member_id
    member = members.captured(ask.visit, ask.order.member)
    if member is None or not members.may_find(member, site):
        return GUEST
    if record.member_id and record.order is not None and record.order.member == member:
        return record.member_id
    found = yield from _find(member, site)
    if isinstance(found, KnownMember):
        return str(found.id)
    if found.reason == "member_inactive" and sale.redeemed is None:
        return GUEST
    return found


def _with_values(ask: Submit, kept: Kept, site: SpendgoSite) -> Flow[Kept | Outcome]:
    """Remember what the visit listed; list only where nobody has for this order (T22)."""
    if ask.visit is not None and ask.visit.member_id:
        return kept.with_values(ask.visit.rewards)
    if kept.values is not None:
        return kept
    rewards = yield from _list(kept.account, site)
    return rewards if isinstance(rewards, Outcome) else kept.with_values(rewards)


def _say_all(
    left: tuple[Status, ...],
    sale: wire.Sale,
    kept: Kept,
    site: SpendgoSite,
    *,
    named: Member | None,
) -> Flow[Outcome]:
    """Say one status after the other, carrying what the checkout validated."""
    messages: list[str] = []
    for status in left:
        value = kept.listed_value(sale.reward_id) if status == "checkout" else None
        reply = yield _say(status, kept.account, sale.at(status, discount=value), site)
        answer = replies.heard(reply, status, redeeming=sale.redeemed is not None)
        if isinstance(answer, Outcome):
            return replies.stopped(answer, kept)
        kept = kept.after(status, answer)
        if status == "checkout":
            priced = replies.checked_out(answer, sale.redeemed, kept, site)
            if isinstance(priced, Outcome):
                return priced
            kept = priced
        if answer is not None and answer.message:
            messages.append(answer.message)
    return replies.submitted(kept, messages, named)


def _undo(ask: Void | Refund, site: SpendgoSite) -> Flow[Outcome]:
    """Say the basket Spendgo holds once more, as voided or refunded."""
    kept = memory.remembered(ask.record.keep)
    sale = wire.sale(ask.order_id, ask.record.order or ask.order, site)
    status: Status = "refunded" if "completed" in kept.statuses else "voided"
    stop = memory.barred(ask, kept, status, site)
    if stop:
        return stop
    sent_back = status == "refunded" or site.send_transaction_on == "refunded_and_voided"
    said = sale.at(status, transaction=kept.transaction if sent_back else None)
    reply = yield _say(status, kept.account, said, site)
    return replies.voided(reply, status, kept)


def _refuse_unnamed(ask: Submit, sale: wire.Sale, site: SpendgoSite) -> None:
    """Raise OrderRefused for a reward without anyone whose reward it could be."""
    if sale.redeemed is None or (ask.visit is not None and ask.visit.member_id):
        return
    member = members.captured(ask.visit, ask.order.member)
    if member is None:
        raise OrderRefused("a reward needs its member: name them, or a visit", path="member")
    if not members.may_find(member, site):
        raise OrderRefused(f"a reward needs its member. {members.NOT_ENROLLED}", path="member")


def _path(account: str) -> str:
    return f"/loyalty/accounts/{escaped(account, safe='')}"


def _say(status: Status, account: str, said: dict[str, Any], site: SpendgoSite) -> Call:
    """Report one status; it names an absolute state, so it may be said again (dossier 5)."""
    spell = repeatable if site.repeat_status_is_safe else once
    return spell(status, "POST", f"{_path(account)}/orders", body=said)
