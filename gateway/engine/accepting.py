"""From what the till said to entries about to be accepted, one for every vendor it goes to."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.core import strict_json
from gateway.core.adapter import Adapter, Says
from gateway.core.errors import OrderRefused
from gateway.core.frozen import Frozen
from gateway.core.operation import (
    Name,
    Operation,
    Submit,
    VendorQuote,
    identifiers,
    member_of,
)
from gateway.core.order import Member, Order
from gateway.core.outcome import Outcome, declined
from gateway.engine.endings import member_id_key, member_key, subject_key
from gateway.engine.refusal import Refused, refused_by
from gateway.engine.routing import Route
from gateway.engine.rows import About, NewEntry, QuoteRow, VisitRow
from gateway.engine.runner import first_call


def fingerprint(value: Frozen | Mapping[str, Any]) -> str:
    """Name what was said: two bodies with one fingerprint say the same."""
    spelled = value.model_dump(mode="json") if isinstance(value, Frozen) else dict(value)
    return hashlib.sha256(strict_json.dumps(spelled)).hexdigest()


def keys_of(
    subject: str, member: Member | None, member_id: str | None, about: About = "order"
) -> tuple[str, ...]:
    """What an entry depends on: its order, and its member under the best name known."""
    keys = [subject_key(about, subject)]
    if member_id:
        keys.append(member_id_key(member_id))
    elif member is not None:
        keys.extend(member_key(kind, value) for kind, value in identifiers(member).items())
    return tuple(keys)


def submit_of(
    order_id: str,
    order: Order,
    route: Route,
    visit: VisitRow | None,
    quote: QuoteRow | None,
    now: datetime,
) -> Submit:
    """Say an order to the vendor of a route, with what that vendor gave before."""
    given = visit.vendors.get(route.vendor) if visit else None
    kept = quote.keeps.get(route.vendor) if quote else None
    return Submit(
        at=now,
        order_id=order_id,
        order=order,
        visit=given,
        quote=None
        if quote is None or kept is None
        else VendorQuote.model_validate({"quote_id": quote.quote_id, **kept}),
    )


def submit_entry(submit: Submit, route: Route, adapter: Adapter, *, trace_id: str) -> NewEntry:
    """Translate before anything is stored: what cannot be said is refused while the till waits.

    Raises Refused for a primary vendor; a follower that cannot say it is declined on its own.
    What needs no word to the vendor comes back already ended.
    """
    member = member_of(submit)
    return NewEntry(
        vendor=route.vendor,
        adapter=route.adapter,
        role=route.role,
        operation="submit",
        subject=submit.order_id,
        revision=submit.order.revision,
        ask=submit.model_dump(mode="json"),
        site=route.site.model_dump(mode="json"),
        keys=keys_of(submit.order_id, member, submit.visit.member_id if submit.visit else None),
        receipt_number=submit.order.receipt_number,
        trace_id=trace_id,
        delay_seconds=route.settle_delay_seconds,
        outcome=_said_at_once(submit, route, adapter),
    )


def says_of(adapter: Adapter, name: Name) -> Says:
    """How an adapter says an operation; Refused `unsupported_operation` tells why it cannot."""
    says = adapter.operations.get(name)
    if says is None:
        why = adapter.cannot.get(name, "the adapter does not know it")
        raise Refused("unsupported_operation", f"{adapter.title} cannot {name}: {why}")
    return says


def check_can_say(operation: Operation, name: Name, route: Route, adapter: Adapter) -> Any:
    """Take a flow's first step and throw it away; Refused where it cannot be said.

    Returns what the flow ended with if it had nothing to say, else the first call.
    """
    says = says_of(adapter, name)
    try:
        return first_call(says.flow(operation, route.site))
    except OrderRefused as refused:
        raise refused_by(refused) from None


def _said_at_once(submit: Submit, route: Route, adapter: Adapter) -> Outcome | None:
    try:
        outcome = check_can_say(submit, "submit", route, adapter)
    except Refused as refused:
        if route.role == "primary":
            raise
        return declined("unsupported_by_vendor", refused.detail)
    ended = isinstance(outcome, Outcome) and outcome.kind in ("skipped", "declined")
    return outcome if ended else None
