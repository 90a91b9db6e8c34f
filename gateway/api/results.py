"""From entries in the outbox to what the till is told of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.api.answers import Result
from gateway.core.outcome import FINAL, Outcome, Reason, Standing
from gateway.engine.desk import Desk
from gateway.engine.ports import Tx
from gateway.engine.rows import Entry
from gateway.engine.rows import Standing as Place
from gateway.web.cashier import CashierText, outcome_text

LOOK_AHEAD = 200
"""Entries of a lane looked at for what one waits for; further back it waits for its turn."""

HELD: dict[str, str] = {
    "unreachable": "{vendor} cannot be reached; it goes by itself, in its turn",
    "throttled": "{vendor} asks to slow down; it goes by itself, in its turn",
    "unauthorized": "{vendor} refuses this store's credential; the manager must look",
    "in_doubt": "{vendor} was told, no answer came; the gateway is looking",
}
"""What a waiting lane or entry is to a till."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Why an entry is not final yet, and when it goes on, None where a person must help."""

    reason: Reason | None
    detail: str | None
    next_attempt_at: datetime | None


NOTHING_YET = Outcome(kind="skipped")
"""What an entry without an outcome has to say of references, points and balances."""

FINISHED = Waiting(reason=None, detail=None, next_attempt_at=None)


def standing_of(entry: Entry) -> Standing:
    """How an entry stands, in the till's words."""
    return entry.outcome.kind if entry.outcome is not None else _unfinished(entry)


def is_final(entry: Entry) -> bool:
    """Tell whether an entry's outcome stays as it is."""
    return standing_of(entry) in FINAL


def cashier_of(entry: Entry, waiting: Waiting, locale: str) -> CashierText:
    """What the cashier reads of an entry."""
    outcome = entry.outcome
    reason = outcome.reason if outcome is not None else waiting.reason
    return outcome_text(standing_of(entry), reason, outcome, entry.operation, locale)


def result_of(entry: Entry, waiting: Waiting) -> Result:
    """Spell an entry."""
    ended = entry.outcome
    outcome = ended or NOTHING_YET
    return Result(
        vendor=entry.vendor,
        adapter=entry.adapter,
        role=entry.role,
        operation=entry.operation,
        outcome=standing_of(entry),
        reason=ended.reason if ended else waiting.reason,
        detail=ended.detail if ended else waiting.detail,
        reference=outcome.reference,
        lane=entry.lane,
        sequence=entry.sequence,
        attempts=entry.attempts,
        next_attempt_at=waiting.next_attempt_at,
        points=outcome.points,
        balances=outcome.balances,
        receipt_lines=outcome.receipt_lines,
        receipt_qr=outcome.receipt_qr,
        changes=outcome.changes,
    )


async def waiting_of(desk: Desk, entries: Iterable[Entry]) -> dict[int, Waiting]:
    """Say of every entry why it waits."""
    return {entry.id: await _waiting(desk, entry) for entry in entries}


async def _waiting(desk: Desk, entry: Entry) -> Waiting:
    if entry.state == "done":
        return FINISHED
    if entry.state == "parked":
        return Waiting(reason=entry.reason, detail=entry.detail, next_attempt_at=None)
    lane = desk.lanes.known().get(entry.lane)
    held = lane.hold_seconds() if lane is not None else 0.0
    stopped, ahead = await _ahead(desk, entry)
    if stopped is not None:
        return Waiting(reason=entry.reason, detail=stopped, next_attempt_at=None)
    if lane is not None and lane.hold_reason is not None:
        reason: Reason = lane.hold_reason
        at = desk.clock.now() + timedelta(seconds=held)
        return Waiting(reason=reason, detail=_held(reason, entry), next_attempt_at=at)
    if ahead is not None:
        parked = ahead.state == "parked"
        then = "which a person must look at" if parked else "which is not through yet"
        detail = f"waits for number {ahead.sequence} of the lane, {then}"
        return Waiting(reason="waiting_for", detail=detail, next_attempt_at=None)
    return Waiting(
        reason=entry.reason, detail=_held(entry.reason, entry), next_attempt_at=entry.due_at
    )


async def _ahead(desk: Desk, entry: Entry) -> tuple[str | None, Place | None]:
    """Why the lane is stopped, and the entry that this one depends on: a parked one first."""

    async def look(tx: Tx) -> tuple[str | None, Sequence[Place]]:
        return await tx.stopped(entry.lane), await tx.standing(entry.lane, LOOK_AHEAD)

    stopped, places = await desk.outbox.read(look)
    own = next((place.keys for place in places if place.id == entry.id), frozenset())
    before = [p for p in places if p.sequence < entry.sequence and not own.isdisjoint(p.keys)]
    before.sort(key=lambda place: place.state != "parked")
    return stopped, next(iter(before), None)


def _held(reason: str | None, entry: Entry) -> str:
    text = HELD.get(reason or "", "waits for its turn in the lane")
    return text.format(vendor=entry.vendor)


def _unfinished(entry: Entry) -> Standing:
    return "parked" if entry.state == "parked" else "queued"
