"""What we say to SpotOn, in order."""

from typing import Any
from urllib.parse import urlsplit

from adapters.spoton import memory, replies, wire
from adapters.spoton.memory import Sought
from adapters.spoton.refusals import refusal
from adapters.spoton.settings import SpotonSite
from adapters.spoton.shapes import GrantedToken, Placed, Priced, Report
from gateway.core.adapter import Token
from gateway.core.errors import InDoubt, LookAgain, VendorNonsense
from gateway.core.flow import Call, Flow, once, repeatable
from gateway.core.operation import Quote, Submit, Void
from gateway.core.outcome import Outcome, Quoted, applied, declined, skipped

REPORT_PATH = "/reporting/v1/locations/{location_id}/orders"

LOOK_AFTER_SECONDS = 60
LOOK_UNTIL_SECONDS = 15 * 60
"""Reporting may lag by minutes; what it does not show by then, a person must find out."""

LOOK_PAGES = 20
"""A quarter of an hour of one location's orders is a page or two."""

DAY_SECONDS = 86400


def authorize(site: SpotonSite) -> Flow[Token]:
    """Fetch the service token of all calls (dossier 2)."""
    reply = yield repeatable(
        "token",
        "POST",
        urlsplit(site.token_url).path,
        form=(("grant_type", "client_credentials"), ("scope", " ".join(site.scopes))),
    )
    token = reply.parse(GrantedToken)
    lifetime = DAY_SECONDS if token.expires_in is None else token.expires_in
    return Token(value=token.access_token, expires_in_seconds=float(lifetime))


def quote(ask: Quote, site: SpotonSite) -> Flow[Quoted]:
    """Have SpotOn price a cart: nothing reaches the till's kitchen (dossier 4.1)."""
    cart = wire.cart(ask, site)
    reply = yield _propose(wire.proposal(cart, ask.order, site), site)
    return replies.quoted(reply, ask, cart)


def submit(ask: Submit, site: SpotonSite) -> Flow[Outcome]:
    """Have a paid order cooked, once; look in reporting if nobody knows whether it was taken."""
    if ask.order.state == "placed":
        return skipped("not_yet")
    if ask.record.state is not None:
        return applied(reference=ask.record.reference)
    cart = wire.cart(ask, site)
    paid = wire.settlement(ask.order, site)
    signature = memory.quoted_signature(ask, cart, site)

    if memory.proposes(ask, cart, signature, site):
        reply = yield _propose(wire.proposal(cart, ask.order, site), site)
        if not reply.ok:
            return refusal(reply)
        priced = reply.parse(Priced)
        totals = replies.agreed(priced, ask.order)
        if totals is None:
            return replies.priced_otherwise(priced, ask.order)
        paid, signature = {**paid, "totals": totals}, priced.signature

    sought = Sought(cart=cart, paid=paid, at=ask.at)
    call = _submit(wire.submission(cart, paid, signature, site), site)
    try:
        reply = yield call
        got = replies.placed(reply, cart) if reply.ok else None
    except (InDoubt, VendorNonsense):
        if not call.once:
            raise
        return (yield from _look(ask, sought, site))
    if got is not None:
        return (yield from _keep_or_cancel(ask, got, site))
    if reply.repeated and reply.status == 409:
        return (yield from _look(ask, sought, site))
    return refusal(reply)


def void(ask: Void, site: SpotonSite) -> Flow[Outcome]:
    """Cancel a paid order: SpotOn calls it final, and cancels it all the same."""
    reference = ask.record.reference
    if reference is None:
        return declined("order_not_known", "SpotOn never gave this order an id")
    reply = yield _cancel(reference, site)
    return replies.voided(reply, reference)


def _keep_or_cancel(ask: Submit, got: Placed, site: SpotonSite) -> Flow[Outcome]:
    """Keep a placed order, unless SpotOn moved it further than the store accepts."""
    if not replies.too_late(got, ask.order, site):
        return replies.submitted(got, ask.order, site)
    reply = yield _cancel(got.id, site)
    if replies.gone(reply):
        return replies.taken_back(got, ask.order)
    return replies.submitted(got, ask.order, site, replies.not_taken_back(reply))


def _look(ask: Submit, sought: Sought, site: SpotonSite) -> Flow[Outcome]:
    """Find the order in reporting; LookAgain unless exactly one is it: absence proves nothing."""
    since = wire.instant(ask.at - memory.EARLIER)
    found: set[str] = set()
    for page in range(1, LOOK_PAGES + 1):
        reply = yield repeatable(
            f"look_{page}",
            "GET",
            wire.path(REPORT_PATH, site),
            query=(("last_updated_from", since), ("page", str(page))),
            fresh=True,
        )
        if not reply.ok:
            break
        report = reply.parse(Report)
        found |= memory.found_in(report, sought, site) - set(ask.claimed)
        if report.pages <= page:
            if len(found) == 1:
                return replies.proved(found.pop(), ask.order)
            break
    raise LookAgain(LOOK_AFTER_SECONDS, LOOK_UNTIL_SECONDS)


def _propose(body: dict[str, Any], site: SpotonSite) -> Call:
    return repeatable("propose", "POST", wire.path(site.path_propose, site), body=body, fresh=True)


def _submit(body: dict[str, Any], site: SpotonSite) -> Call:
    spell = repeatable if site.submit_retry_is_idempotent else once
    return spell("submit", "POST", wire.path(site.path_submit, site), body=body)


def _cancel(order_id: str, site: SpotonSite) -> Call:
    path = wire.path(site.path_cancel, site, order_id)
    return repeatable("cancel", "POST", path, body=dict(site.cancel_body))
