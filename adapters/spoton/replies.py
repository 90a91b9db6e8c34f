"""SpotOn's answers in our words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from adapters.spoton import basket, memory, wire
from adapters.spoton.refusals import failures, refusal, sentence
from adapters.spoton.settings import SpotonSite
from adapters.spoton.shapes import Canceled, Placed, Priced
from gateway.core.errors import VendorNonsense
from gateway.core.flow import Reply
from gateway.core.money import from_minor_units, minor_units, plain
from gateway.core.operation import Quote
from gateway.core.order import Order
from gateway.core.outcome import (
    Change,
    Outcome,
    Quoted,
    Totals,
    applied,
    declined,
    unquoted,
)
from gateway.core.totals import included_tax


def quoted(reply: Reply, ask: Quote, cart: Mapping[str, Any]) -> Quoted:
    """Read a priced cart: accepted only where SpotOn's total is the till's."""
    if not reply.ok:
        return unquoted(refusal(reply), failures(reply))
    priced = reply.parse(Priced)
    figures = _with_tip(priced, ask.order)
    keep = memory.keep(cart, priced.signature, quoted_at=wire.instant(ask.at))
    verdict: dict[str, Any] = (
        {"accepted": True, "keep": keep}
        if agreed(priced, ask.order)
        else {"accepted": False, "reason": "vendor_declined", "detail": _differs(priced, ask.order)}
    )
    return Quoted(
        discount=_dollars(figures["discounts_total"]), totals=_totals(figures, ask.order), **verdict
    )


def agreed(priced: Priced, order: Order) -> dict[str, int] | None:
    """Take SpotOn's totals, in cents and with the tip, where they make the till's total."""
    figures = _with_tip(priced, order)
    return figures if figures["grand_total"] == minor_units(order.total, order.currency) else None


def priced_otherwise(priced: Priced, order: Order) -> Outcome:
    """Decline an order whose money does not pay SpotOn's price: nothing was submitted."""
    return declined("vendor_declined", _differs(priced, order))


def placed(reply: Reply, cart: Mapping[str, Any]) -> Placed:
    """Read a placed order; VendorNonsense if it names no order, or another one."""
    got = reply.parse(Placed)
    ours = cart["external_reference_id"]
    if got.external_reference_id not in (None, ours):
        raise VendorNonsense(f"SpotOn answered {ours} with {got.external_reference_id}")
    return got


def submitted(got: Placed, order: Order, site: SpotonSite, alarm: str | None = None) -> Outcome:
    """Say that the kitchen has it; whatever SpotOn altered is told."""
    if got.canceled:
        return declined("vendor_declined", "SpotOn canceled the order at once", reference=got.id)
    ready = granted_at(got, order)
    return applied(
        reference=got.id,
        changes=schedule_changes(got, order) + _total_changes(got, order),
        receipt_lines=(_about(ready, order, site),) if ready else (),
        member_id=got.customer.id,
        alarm=alarm,
    )


def proved(reference: str, order: Order) -> Outcome:
    """Say that reporting shows the order; it does not show what became of a schedule."""
    asked = order.requested_for
    unknown = Change(field="schedule", requested=_schedule("SCHEDULED", asked), granted=None)
    return applied(
        reference=reference,
        detail="no usable answer came back; found in SpotOn's reporting",
        changes=() if asked is None else (unknown,),
    )


def schedule_changes(got: Placed, order: Order) -> tuple[Change, ...]:
    """Compare what was asked with what is promised; SpotOn alters it silently (dossier 4.4)."""
    asked, granted = order.requested_for, granted_at(got, order)
    wanted = "ASAP" if asked is None else "SCHEDULED"
    given = got.fulfillment.schedule_type or wanted
    moved = asked is not None and granted is not None and not _same_second(asked, granted)
    if given == wanted and not moved:
        return ()
    return (
        Change(
            field="schedule",
            requested=_schedule(wanted, asked),
            granted=_schedule(given, granted),
        ),
    )


def granted_at(got: Placed, order: Order) -> datetime | None:
    """Read when the guest will have it: delivered, or ready."""
    promise = got.fulfillment
    if order.service_mode == "delivery":
        return promise.estimated_delivery_at
    return promise.estimated_ready_at or promise.ready_at


def too_late(got: Placed, order: Order, site: SpotonSite) -> bool:
    """Tell whether a scheduled order is promised later than the store accepts."""
    asked, granted = order.requested_for, granted_at(got, order)
    if asked is None or granted is None or got.canceled or site.schedule_policy == "accept":
        return False
    return granted - asked > timedelta(seconds=site.schedule_policy.cancel_if_later_than)


def taken_back(got: Placed, order: Order) -> Outcome:
    """Say that an order came too late and was canceled again."""
    return declined(
        "schedule_changed",
        "SpotOn could only promise a later time than the store accepts; canceled again",
        reference=got.id,
        changes=schedule_changes(got, order),
    )


def not_taken_back(reply: Reply) -> str:
    """Word the alarm for an order that is too late and could not be canceled."""
    return f"SpotOn moved this order and would not cancel it: {sentence(reply)}"


def gone(reply: Reply) -> bool:
    """Tell whether a cancel took effect: now, or at an earlier try that had no reply.

    Raises VendorNonsense for a body that is no order, or one that is not canceled.
    """
    if not reply.ok:
        return reply.repeated and reply.status in (404, 409)
    if not reply.body.strip():
        return True
    order = reply.parse(Canceled)
    states = [state for state in (order.state, order.fulfillment.status) if state is not None]
    if states and "CANCELED" not in states:
        raise VendorNonsense(f"HTTP {reply.status} to a cancel, and the order is {states[0]}")
    return True


def voided(reply: Reply, reference: str) -> Outcome:
    """Read the answer to a cancel."""
    if gone(reply):
        return applied(reference=reference)
    if reply.status == 404:
        return declined("order_not_known", sentence(reply))
    if reply.status == 409:
        return declined("already_voided", sentence(reply))
    return refusal(reply)


def _with_tip(priced: Priced, order: Order) -> dict[str, int]:
    """SpotOn prices a cart before the tip: what it returns stands, and the tip comes on top."""
    said = priced.totals.model_dump(exclude_none=True)
    figures = {**basket.sums(order), **said}
    if not said.get("tip_total"):
        figures["tip_total"] = minor_units(order.tip, order.currency)
        figures["grand_total"] += figures["tip_total"]
    return figures


def _totals(figures: Mapping[str, int], order: Order) -> Totals:
    return Totals(
        subtotal=_dollars(figures["subtotal"]),
        discount_total=_dollars(figures["discounts_total"]),
        tax_total=_dollars(figures["tax_total"]) + included_tax(order),
        tip=_dollars(figures["tip_total"]),
        fees=_dollars(figures["fees_total"]),
        total=_dollars(figures["grand_total"]),
    )


def _dollars(cents: int) -> Decimal:
    return from_minor_units(cents, "USD")


def _differs(priced: Priced, order: Order) -> str:
    theirs = _dollars(_with_tip(priced, order)["grand_total"])
    return f"SpotOn prices this order at {plain(theirs)}, the till at {plain(order.total)}"


def _total_changes(got: Placed, order: Order) -> tuple[Change, ...]:
    cents = got.totals.grand_total
    if cents is None or cents == minor_units(order.total, order.currency):
        return ()
    return (Change(field="total", requested=plain(order.total), granted=plain(_dollars(cents))),)


def _schedule(schedule_type: str, at: datetime | None) -> dict[str, str | None]:
    return {"schedule_type": schedule_type, "at": wire.instant(at) if at else None}


def _same_second(first: datetime, second: datetime) -> bool:
    return wire.instant(first) == wire.instant(second)


def _about(moment: datetime, order: Order, site: SpotonSite) -> str:
    what = "Delivery" if order.service_mode == "delivery" else "Ready"
    return f"{what} about {moment.astimezone(ZoneInfo(site.timezone)):%H:%M}"
