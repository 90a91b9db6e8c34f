"""What is written when an entry ends: outcome, event, and what was learnt of the member."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gateway.core.operation import ENTRY, Submit, VendorVisit, identifiers, member_of
from gateway.core.outcome import Outcome, Reason
from gateway.engine.ports import Damaged, Job, Tx
from gateway.engine.rows import About, Entry, NewEntry, VisitRow, VisitState

VISIT_TTL_SECONDS = 1800.0
"""How long a hold may stand without its order being finished, unless the store says else."""


def subject_key(about: About, subject: str) -> str:
    """What every entry of one order, payment or visit depends on."""
    return f"{about}:{subject}"


def member_key(kind: str, value: str) -> str:
    """What every entry of one member depends on; the outbox keeps only a keyed hash of it."""
    return f"member:{kind}={value}"


def member_id_key(member_id: str) -> str:
    """The same once the vendor's own id is known."""
    return f"member:id={member_id}"


async def accept_entry(tx: Tx, store: str, new: NewEntry, now: datetime) -> Entry:
    """Accept an entry; one that ends at once is an event like any other."""
    entry = await tx.add_entry(store, new, now)
    if entry.outcome is not None:
        ended = entry.outcome
        await tx.add_event(store, now, event_of(entry, ended.kind, ended.reason, ended))
    return entry


def end_job(
    entry: Entry, outcome: Outcome, now: datetime, *, visit_ttl_seconds: float = VISIT_TTL_SECONDS
) -> Job[None]:
    """End an entry: its outcome, an event, and what was learnt; a decline waits to be told."""

    async def job(tx: Tx) -> None:
        await tx.finish(entry.id, outcome, now)
        if outcome.kind == "declined":
            await tx.attend(entry.id, unattended=True)
        if outcome.member_id:
            await learn(tx, entry, outcome.member_id)
        if entry.ask:  # a damaged one is given up without its body
            await account_for_holds(tx, entry, outcome, now, visit_ttl_seconds)
        await tx.add_event(entry.store, now, event_of(entry, outcome.kind, outcome.reason, outcome))

    return job


def park_job(entry: Entry, reason: Reason, detail: str, now: datetime) -> Job[None]:
    """Set an entry aside, and say so."""

    async def job(tx: Tx) -> None:
        await tx.park(entry.id, reason, detail)
        await tx.add_event(entry.store, now, event_of(entry, "parked", reason))

    return job


async def learn(tx: Tx, entry: Entry, member_id: str) -> None:
    """Remember that every identifier on this entry is this member of the vendor's."""
    member = member_of(ENTRY.validate_python(entry.ask))
    if member is None:
        return
    for kind, value in identifiers(member).items():
        await tx.alias(entry.lane, member_key(kind, value), member_id_key(member_id))


async def account_for_holds(
    tx: Tx, entry: Entry, outcome: Outcome, now: datetime, visit_ttl_seconds: float
) -> None:
    """Nothing a vendor holds for a member is forgotten.

    An order that came to nothing leaves its visit open, to be used or released again. A hold
    taken inside a submit becomes a visit of its own, until the order is finished or undone.
    """
    if entry.operation in ("void", "refund") and outcome.kind == "applied":
        await close_visits(tx, entry)
    if entry.operation != "submit":
        return
    came_to_nothing = outcome.kind in ("declined", "cancelled")
    given = entry.ask["visit"]
    if given is not None:
        visit = await _visit(tx, entry.store, given["visit_id"])
        if came_to_nothing and visit is not None and visit.state == "taken":
            await tx.put_visit(replace(visit, state="open"))
        return
    earlier = await tx.entries_of(entry.store, entry.subject)
    mine = [other for other in earlier if other.vendor == entry.vendor]
    holds = bool(outcome.keep.get("holds"))
    await turn_holds(tx, mine, "open" if came_to_nothing and not holds else "taken")
    placed = entry.ask["order"]["state"] == "placed"
    if holds and (came_to_nothing or placed):
        ttl = timedelta(seconds=visit_ttl_seconds if placed else 0)
        hold = _hold_of(entry, outcome, now + ttl)
        later = any(o.operation == "submit" and o.sequence > entry.sequence for o in mine)
        await tx.put_visit(replace(hold, state="taken") if later else hold)


async def turn_holds(tx: Tx, earlier: Sequence[Entry], state: VisitState) -> None:
    """Let a later submit of an order take over what earlier ones hold, or leave it open again."""
    for entry in earlier:
        held = await _visit(tx, entry.store, _visit_id(entry))
        if held is not None and held.state not in ("closed", state):
            await tx.put_visit(replace(held, state=state))


async def close_visits(tx: Tx, undo: Entry) -> None:
    """An order undone gave back all that was held for it: nothing is left to release."""
    given = undo.ask["visit"]
    named = [given["visit_id"]] if given else []
    earlier = await tx.entries_of(undo.store, undo.subject)
    named += [_visit_id(entry) for entry in earlier if entry.vendor == undo.vendor]
    for visit_id in named:
        visit = await _visit(tx, undo.store, visit_id)
        if visit is not None and visit.state != "closed":
            await tx.put_visit(replace(visit, state="closed"))


def _hold_of(entry: Entry, outcome: Outcome, deadline: datetime) -> VisitRow:
    ask = ENTRY.validate_python(entry.ask)
    member = member_of(ask)
    assert isinstance(ask, Submit)  # noqa: S101 - only a submit takes a hold of its own
    assert member is not None  # noqa: S101 - and only for a member
    given = VendorVisit(
        visit_id=_visit_id(entry),
        member=member,
        member_id=outcome.member_id,
        keep=outcome.keep,
        holds=True,
        till=ask.order.till,
        receipt_number=ask.order.receipt_number,
        cashier=ask.order.cashier,
        service_mode=ask.order.service_mode,
        order_id=ask.order_id,
    )
    return VisitRow(
        store=entry.store,
        visit_id=given.visit_id,
        fingerprint="",
        state="open",
        deadline=deadline,
        answer={"till": ask.order.till, "results": []},
        vendors={entry.vendor: given},
        sites={entry.vendor: {"adapter": entry.adapter, "role": entry.role, "site": entry.site}},
    )


async def _visit(tx: Tx, store: str, visit_id: str) -> VisitRow | None:
    """Read a visit; one that does not open is left to the sweeper, who tells a person."""
    try:
        return await tx.visit(store, visit_id)
    except Damaged:
        return None


def _visit_id(entry: Entry) -> str:
    return f"entry:{entry.id}"


def event_of(
    entry: Entry, outcome: str, reason: Reason | None, ended: Outcome | None = None
) -> dict[str, Any]:
    """Spell what a listener hears of an entry."""
    return {
        "type": "outcome",
        "subject": entry.subject,
        "operation": entry.operation,
        "revision": entry.revision,
        "vendor": entry.vendor,
        "role": entry.role,
        "lane": entry.lane,
        "sequence": entry.sequence,
        "outcome": outcome,
        "final": outcome not in ("queued", "parked"),
        "reason": reason,
        "reference": ended.reference if ended else None,
        "trace_id": entry.trace_id,
    }
