"""Acts that only look at entries, and how a row becomes one."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.core.outcome import Outcome
from gateway.edge.outbox.acts import Acts, instant, moment
from gateway.edge.outbox.database import Row
from gateway.engine.ports import Damaged
from gateway.engine.rows import About, Entry, EntryState, Standing

_BOXES = 4
"""Sealed columns at the end of an entry's row: ask, site, ending, note."""


class LookingActs(Acts):
    """Entries as somebody wants to see them: one, of an order, of a lane, of all."""

    async def entry(self, entry_id: int) -> Entry | None:
        """Read one entry; what does not open is left out, and said in its detail."""
        row = await self._one("entry", entry_id)
        return None if row is None else self._shown(row)

    async def still_queued(self, ids: Sequence[int]) -> set[int]:
        """Tell which of some entries neither ended nor are parked."""
        rows = await self._run("still_queued", json.dumps(list(ids)))
        return {entry_id for (entry_id,) in rows}

    async def entries_of(self, store: str, subject: str, about: About = "order") -> list[Entry]:
        """Read every entry of an order, payment or visit, oldest first."""
        return [self._entry(row) for row in await self._run("entries_of", store, subject, about)]

    async def entries_of_receipt(self, store: str, receipt_number: str) -> list[Entry]:
        """Read every entry of a printed receipt, oldest first."""
        rows = await self._run("entries_of_receipt", store, receipt_number)
        return [self._entry(row) for row in rows]

    async def references(self, lane: str, limit: int) -> list[str]:
        """List the vendor's references of the latest applied orders of a lane."""
        rows = await self._run("latest_submits", lane, limit)
        entries = [self._entry((*row[:-_BOXES], None, None, row[-2], None)) for row in rows]
        return [e.outcome.reference for e in entries if e.outcome and e.outcome.reference]

    async def newer_submits(self, submit: Entry) -> list[Entry]:
        """List the member's later orders in the lane that stand at the vendor, oldest first."""
        rows = await self._run("newer_submits", submit.lane, submit.sequence, submit.subject)
        return [self._entry(row) for row in rows]

    async def entries_after(self, entry_id: int, limit: int) -> list[Entry]:
        """Read entries behind an id, for an export."""
        return [self._shown(row) for row in await self._run("entries_after", entry_id, limit)]

    async def queued_money(self, limit: int) -> list[Entry]:
        """List payments and their reversals that wait, oldest first."""
        return [self._shown(row) for row in await self._run("queued_money", limit)]

    async def entries_in(
        self, state: EntryState, lane: str | None, *, unattended: bool, limit: int
    ) -> list[Entry]:
        """List entries for an operator, oldest first, also those that do not open."""
        rows = await self._run("entries_in", state, lane, lane, int(unattended), limit)
        return [self._shown(row) for row in rows]

    async def standing(self, lane: str, limit: int) -> list[Standing]:
        """List what is not done in a lane, in sequence; queued ones up to a limit."""
        return [
            Standing(
                id=id_,
                sequence=sequence,
                state=state,
                keys=frozenset(keys.split("\n")) - {""},
                lost_runs=lost_runs,
                accepted_at=moment(accepted_at),
                due_at=instant(due_at),
            )
            for id_, sequence, state, lost_runs, accepted_at, due_at, keys in await self._run(
                "standing", lane, limit
            )
        ]

    async def lanes(self) -> list[tuple[str, str, str]]:
        """List (lane, store, vendor) of every lane there ever was."""
        return [(lane, store, vendor) for lane, store, vendor in await self._run("lanes")]

    async def depth(self, lane: str) -> dict[str, Any]:
        """Count a lane: queued, parked, accepted, done, oldest, stopped."""
        row = await self._one("depth", lane)
        stopped, accepted, queued, parked, done, oldest, unattended = row or (
            None,
            *(0, 0, 0, 0),
            None,
            0,
        )
        return {
            "accepted": accepted,
            "queued": queued,
            "parked": parked,
            "done": done,
            "unattended": unattended,
            "oldest": instant(oldest),
            "stopped": stopped,
        }

    def _shown(self, row: Row) -> Entry:
        """Read a row for somebody who looks: one that does not open breaks no list."""
        try:
            return self._entry(row)
        except Damaged as damage:
            closed = self._entry((*row[:-_BOXES], *[None] * _BOXES))
            return replace(closed, detail=f"damaged: {damage}")

    def _entry(self, row: Row) -> Entry:
        (id_, store, vendor, adapter, role, lane, sequence, operation, subject, revision) = row[:10]
        (receipt_number, trace_id, state, attempts, starts, lost_runs, accepted_at) = row[10:17]
        (due_at, finished_at, kind, reason, unattended, approved, overtook) = row[17:24]
        (ask, site, ending, note) = row[24:]
        place = place_of_entry(id_, lane, sequence, vendor, operation)
        ended = self._open(ending, f"ending|{place}")
        if kind is not None and ended is None:
            ended = {"kind": kind, "reason": reason}
        return Entry(
            id=id_,
            store=store,
            vendor=vendor,
            adapter=adapter,
            role=role,
            lane=lane,
            sequence=sequence,
            operation=operation,
            subject=subject,
            revision=revision,
            receipt_number=receipt_number,
            state=state,
            attempts=attempts,
            starts=starts,
            lost_runs=lost_runs,
            accepted_at=moment(accepted_at),
            due_at=instant(due_at),
            finished_at=instant(finished_at),
            outcome=None if ended is None else Outcome.model_validate(ended),
            reason=reason,
            detail=self._open(note, f"note|{id_}"),
            overtook=tuple(json.loads(overtook)),
            unattended=bool(unattended),
            approved=bool(approved),
            trace_id=trace_id,
            ask=self._open(ask, f"ask|{place}") or {},
            site=self._open(site, f"site|{place}") or {},
        )


def place_of_entry(entry_id: int, lane: str, sequence: int, vendor: str, operation: str) -> str:
    """What an entry's boxes are bound to."""
    return f"{entry_id}|{lane}|{sequence}|{vendor}|{operation}"
