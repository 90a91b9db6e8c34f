"""What we say to RBI, in order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.rbi import members, memory, replies, wire
from adapters.rbi.memory import Transaction
from adapters.rbi.refusals import refusal, refused
from adapters.rbi.settings import RbiSite, Status
from adapters.rbi.shapes import Identification
from gateway.core.errors import InDoubt, OrderRefused, VendorNonsense
from gateway.core.flow import Call, Flow, Reply, once, repeatable
from gateway.core.operation import (
    Identify,
    Quote,
    Refund,
    Release,
    Submit,
    Void,
    contradicts,
)
from gateway.core.order import Member, Order
from gateway.core.outcome import (
    Identified,
    Outcome,
    Quoted,
    declined,
    skipped,
    unidentified,
    unquoted,
)

SALES = "/loyalty/transaction/pos"


def identify(ask: Identify, site: RbiSite) -> Flow[Identified]:
    """Find the guest behind a code; a second scan takes the place of the first (dossier 4)."""
    pos = wire.visit_pos(ask, site)
    code = wire.promo_code(ask)
    reply = yield _identification(ask.member, pos, ask.at, site)
    said = refused(reply)
    if said is not None:
        return unidentified(refusal(said))
    found = reply.parse(Identification)
    first = memory.remembered(ask.replaces.keep) if ask.replaces else None
    detail = None
    if first is not None and ask.replaces is not None:
        if first.loyalty_id != found.loyalty_user.id:
            void = yield _give_back("void_second_scan", memory.opened(found), pos, ask.at, site)
            return replies.another_guest(void)
        if first.transaction_id != found.transaction_id:
            old_pos = wire.visit_pos(ask.replaces, site)
            void = yield _give_back("void_first_scan", first, old_pos, ask.at, site)
            detail = replies.first_scan(void)
    promo = replies.Promo()
    if code is not None:
        promo = yield from _redeem(code, found, pos, ask.at, site)
    return replies.identified(found, site, first=first, promo=promo, detail=detail)


def release(ask: Release, site: RbiSite) -> Flow[Outcome]:
    """Give a visit's points back: the guest walked away (T18)."""
    held = memory.remembered(ask.visit.keep)
    if held is None:
        return declined("order_not_known", "this visit opened no transaction at RBI")
    pos = wire.visit_pos(ask.visit, site)
    reply = yield _give_back("void", held, pos, ask.at, site)
    return replies.voided(reply, held)


def quote(ask: Quote, site: RbiSite) -> Flow[Quoted]:
    """Have the rules look at a basket; nothing moves."""
    held = memory.remembered(ask.visit.keep) if ask.visit else None
    if held is None:
        raise OrderRefused(
            "RBI looks at a basket only for a guest who was scanned; send the visit_id",
            path="visit_id",
            code="visit_required",
        )
    if ask.visit and contradicts(ask.visit.member, ask.order.member):
        return unquoted(declined("member_differs", members.ANOTHER_GUEST))
    status = _status_to_validate(ask.order, site)
    said = wire.sale(ask.order, site, status=status, at=ask.at, eligible=held.discounts)
    reply = yield repeatable(
        "validate",
        site.validate_method,
        held.validate_path,
        headers=wire.headers(ask.at, site),
        body=wire.of_guest(said, held),
    )
    return replies.quoted(reply, ask.order)


def submit(ask: Submit, site: RbiSite) -> Flow[Outcome]:
    """Hold the rewards of a placed order, claim a completed one."""
    order = ask.order
    member = members.captured(ask.visit, order.member)
    scanned = memory.remembered(ask.visit.keep) if ask.visit else None
    held = scanned or memory.remembered(ask.record.keep)
    if held is None and member is None and not site.send_unclaimed:
        return skipped("no_member")
    if order.state == "paid" or (held is None and member is None and order.state == "placed"):
        return skipped("not_yet")
    if ask.visit and contradicts(ask.visit.member, order.member):
        return declined("member_differs", members.ANOTHER_GUEST)
    status: Status = "CLAIMED" if order.state == "completed" else "PENDING"
    eligible = held.discounts if held else ()
    said = wire.sale(order, site, status=status, at=ask.at, eligible=eligible)
    if held is None:
        if member is None:
            return (yield from _tell_unclaimed(said, ask.at, site))
        reply = yield _identification(member, wire.order_pos(order, site), ask.at, site)
        no = refused(reply)
        if no is not None:
            return refusal(no)
        held = memory.opened(reply.parse(Identification))
    reply = yield repeatable(
        "update",
        "PUT",
        held.path,
        headers=wire.headers(ask.at, site),
        body=wire.of_guest(said, held),
    )
    return replies.submitted(reply, held.in_status(status))


def void(ask: Void, site: RbiSite) -> Flow[Outcome]:
    """Take an order back: held or burned points return, earned ones go (dossier 3.6)."""
    return (yield from _undo(ask, site))


def refund(ask: Refund, site: RbiSite) -> Flow[Outcome]:
    """Take a whole order back; RBI's void knows no parts."""
    if ask.lines is not None:
        raise OrderRefused(
            "RBI takes an order back as a whole; refund it without lines",
            path="lines",
            code="partial_refund_unsupported",
        )
    return (yield from _undo(ask, site))


def _redeem(
    code: str, found: Identification, pos: dict[str, str], at: datetime, site: RbiSite
) -> Flow[replies.Promo]:
    """Redeem a promo code once; a lost answer leaves the visit standing, as it holds points."""
    body = {"loyaltyId": found.loyalty_user.id, "promoCode": code, "posVendor": pos}
    try:
        reply = yield once(
            "redeem_promo_code",
            "POST",
            "/loyalty/promo-code/redeem",
            headers=wire.headers(at, site),
            body=body,
        )
        return replies.promo_redeemed(reply)
    except (InDoubt, VendorNonsense):
        return replies.PROMO_IN_DOUBT


def _tell_unclaimed(said: Mapping[str, Any], at: datetime, site: RbiSite) -> Flow[Outcome]:
    reply: Reply = yield once("unclaimed", "POST", SALES, headers=wire.headers(at, site), body=said)
    return replies.unclaimed(reply)


def _undo(ask: Void | Refund, site: RbiSite) -> Flow[Outcome]:
    """Void the whole order with what was said of it last."""
    held = memory.remembered(ask.record.keep)
    if held is None and ask.record.reference is not None:
        return declined(
            "unsupported_by_vendor", "RBI's void needs a guest, an unclaimed sale has none"
        )
    if held is None:
        return declined("order_not_known", "RBI was never told of this order")
    order = ask.record.order or ask.order
    status = held.status if site.void_status_sent == "last" else site.void_status_sent
    said = (
        wire.repeated_sale(order, site, status=status, at=ask.at, eligible=held.discounts)
        if site.void_body == "full"
        else wire.empty_sale(wire.order_pos(order, site), site, status=status, at=ask.at)
    )
    reply = yield _void("void", held, said, ask.at, site)
    return replies.voided(reply, held)


def _status_to_validate(order: Order, site: RbiSite) -> Status:
    if site.validate_status_sent != "by_payments":
        return site.validate_status_sent
    return "CLAIMED" if order.payments else "PENDING"


def _identification(member: Member, pos: dict[str, str], at: datetime, site: RbiSite) -> Call:
    """Scan a code once, as the first call consumes it; a loyalty UUID again at will (dossier 5)."""
    body = {"identifier": members.identifier(member), "posVendor": pos}
    spell = repeatable if members.identifies_again(member) else once
    return spell("identify", "POST", "/loyalty/identify", headers=wire.headers(at, site), body=body)


def _give_back(
    step: str, held: Transaction, pos: dict[str, str], at: datetime, site: RbiSite
) -> Call:
    return _void(step, held, wire.empty_sale(pos, site, status=held.status, at=at), at, site)


def _void(step: str, held: Transaction, said: dict[str, Any], at: datetime, site: RbiSite) -> Call:
    return repeatable(
        step,
        "PUT",
        f"{held.path}/void",
        headers=wire.headers(at, site),
        body=wire.of_guest(said, held),
    )
