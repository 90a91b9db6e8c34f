"""What an operator is told; a member's identifiers are never in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import StrictBool

from gateway.core.frozen import Frozen, Text, Word
from gateway.core.outcome import Reason, Standing
from gateway.engine.rows import Entry, EntryState, Step


class Act(Frozen):
    """What an operator says with any act; `by` names who acts."""

    reason: Text = ""
    by: Word = "operator"


class RetryRequest(Act):
    """Put an entry back; `send_again` where somebody has looked, and it did not happen."""

    send_again: StrictBool = False


class SkipRequest(Act):
    """Give an entry up."""

    reason: Word


class SettleRequest(Act):
    """It did happen, under this reference of the vendor's."""

    reference: Word


class BackupRequest(Act):
    """What to call the copy."""

    name: Word


class LaneView(Frozen):
    """One lane: how deep, how old, how it is, and why."""

    lane: str
    store: str
    vendor: str
    state: str
    reason: str | None
    next_attempt_in_seconds: float
    oldest_age_seconds: int | None
    accepted: int
    queued: int
    parked: int
    done: int
    unattended: int


def lane_view(lane: Mapping[str, Any]) -> LaneView:
    """Spell a lane."""
    return LaneView.model_validate({name: lane[name] for name in LaneView.model_fields})


class StepView(Frozen):
    """One call of an entry: answered with this status, or not; `lost` counts tries unanswered."""

    position: int
    name: str
    state: str
    status: int | None
    lost: int


class EntryView(Frozen):
    """One entry; `order` is the id the till gave to order, payment or visit."""

    id: int
    store: str
    vendor: str
    adapter: str
    role: str
    lane: str
    sequence: int
    operation: str
    order: str
    revision: int
    receipt_number: str | None
    state: EntryState
    outcome: Standing
    reason: Reason | None
    detail: str | None
    reference: str | None
    attempts: int
    lost_runs: int
    accepted_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    overtook: tuple[int, ...]
    unattended: bool
    trace_id: str
    steps: tuple[StepView, ...] | None = None


class LanesAnswer(Frozen):
    """Every lane."""

    lanes: tuple[LaneView, ...]


class EntriesAnswer(Frozen):
    """Entries, oldest first."""

    entries: tuple[EntryView, ...]


class ReloadAnswer(Frozen):
    """What a reload changed, a line a change."""

    changes: tuple[str, ...]


def entry_view(entry: Entry, steps: list[Step] | None = None) -> EntryView:
    """Spell an entry, with its journal where it was read."""
    ended = entry.outcome
    unfinished: Standing = "parked" if entry.state == "parked" else "queued"
    return EntryView(
        id=entry.id,
        store=entry.store,
        vendor=entry.vendor,
        adapter=entry.adapter,
        role=entry.role,
        lane=entry.lane,
        sequence=entry.sequence,
        operation=entry.operation,
        order=entry.subject,
        revision=entry.revision,
        receipt_number=entry.receipt_number,
        state=entry.state,
        outcome=ended.kind if ended else unfinished,
        reason=ended.reason if ended else entry.reason,
        detail=ended.detail if ended else entry.detail,
        reference=ended.reference if ended else None,
        attempts=entry.attempts,
        lost_runs=entry.lost_runs,
        accepted_at=entry.accepted_at,
        due_at=entry.due_at,
        finished_at=entry.finished_at,
        overtook=entry.overtook,
        unattended=entry.unattended,
        trace_id=entry.trace_id,
        steps=None if steps is None else tuple(map(step_view, steps)),
    )


def step_view(step: Step) -> StepView:
    """Spell a step of a journal, without a word of what was said."""
    state = "sent, no answer yet"
    if step.doubted_at is not None:
        state = "in doubt"
    elif step.reply is not None:
        state = "answered"
    return StepView(
        position=step.position,
        name=step.name,
        state=state,
        status=step.reply.status if step.reply is not None else None,
        lost=step.lost,
    )
