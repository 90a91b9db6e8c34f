"""Acts on what was asked and on entries: accept, begin, rest, finish, park."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gateway.core.outcome import Outcome, Reason
from gateway.edge.outbox.acts import Acts, instant, moment, stamp
from gateway.edge.outbox.database import Row
from gateway.engine.ports import Damaged
from gateway.engine.rows import About, Asked, AskedKind, Entry, EntryState, NewEntry, Standing

_BOXES = 4
"""Sealed columns at the end of an entry's row: ask, site, ending, note."""


class EntryActs(Acts):
    """What the till asked for, and the operations that came of it."""

    async def asked(self, store: str, kind: AskedKind, id_: str) -> list[Asked]:
        """Everything asked under one id, by revision."""
        return [
            Asked(
                store=store,
                kind=kind,
                id=id_,
                revision=revision,
                fingerprint=fingerprint,
                state=state,
                accepted_at=moment(at),
                body=self._open(body, f"asked|{store}|{kind}|{id_}|{revision}"),
            )
            for revision, fingerprint, state, at, body in await self._run("asked", store, kind, id_)
        ]

    async def put_asked(self, asked: Asked) -> None:
        """Remember what was asked."""
        place = f"asked|{asked.store}|{asked.kind}|{asked.id}|{asked.revision}"
        await self._run(
            "put_asked",
            asked.store,
            asked.kind,
            asked.id,
            asked.revision,
            asked.fingerprint,
            asked.state,
            stamp(asked.accepted_at),
            self._close(asked.body, place),
        )

    async def add_entry(self, store: str, entry: NewEntry, now: datetime) -> Entry:
        """Accept an entry: give it the next sequence of its lane."""
        lane = f"{store}/{entry.vendor}"
        [(sequence,)] = await self._run("lane_next", lane, store, entry.vendor)
        [(entry_id,)] = await self._run("next_entry_id")
        place = _place(entry_id, lane, sequence, entry.vendor, entry.operation)
        due_at = now + timedelta(seconds=entry.delay_seconds) if entry.delay_seconds else None
        ended = entry.outcome
        await self._run(
            "add_entry",
            entry_id,
            store,
            entry.vendor,
            entry.adapter,
            entry.role,
            lane,
            sequence,
            entry.operation,
            entry.subject,
            entry.revision,
            entry.receipt_number,
            entry.trace_id,
            "done" if ended else "queued",
            stamp(now),
            None if ended else stamp(due_at),
            stamp(now) if ended else None,
            ended.kind if ended else None,
            ended.reason if ended else None,
            self._close(entry.ask, f"ask|{place}"),
            self._close(entry.site, f"site|{place}"),
            self._close(_spelled(ended), f"ending|{place}") if ended else None,
        )
        for key in entry.keys:
            await self._run("add_key", entry_id, self._hashed(key))
        added = await self.entry(entry_id)
        assert added is not None  # noqa: S101 - written two statements ago
        return added

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

    async def begin(self, entry_id: int, overtook: Sequence[int]) -> Entry | None:
        """Count an attempt before it is made; None if the entry is no longer queued.

        Damaged if it does not open: nothing of it is to be sent.
        """
        began = await self._one("begin", entry_id, json.dumps(list(overtook)))
        row = None if began is None else await self._one("entry", entry_id)
        return None if row is None else self._entry(row)

    async def rest(
        self, entry_id: int, *, lost_runs: int, due_at: datetime | None, reason: Reason, detail: str
    ) -> None:
        """End a run that did not end the entry."""
        note = self._close(detail, f"note|{entry_id}")
        await self._run("rest", entry_id, lost_runs, stamp(due_at), reason, note)

    async def finish(self, entry_id: int, outcome: Outcome, now: datetime) -> None:
        """End an entry with its outcome."""
        place = await self._place_of(entry_id)
        ending = self._close(_spelled(outcome), f"ending|{place}")
        await self._run("finish", entry_id, stamp(now), outcome.kind, outcome.reason, ending)

    async def park(self, entry_id: int, reason: Reason, detail: str) -> None:
        """Set an entry aside for a person."""
        await self._run("park", entry_id, reason, self._close(detail, f"note|{entry_id}"))

    async def approve(self, entry_id: int) -> None:
        """A person agrees with what an entry is about to do."""
        await self._run("approve", entry_id)

    async def amend(self, entry_id: int, outcome: Outcome) -> None:
        """Give an applied entry what the vendor says of it now."""
        ending = self._close(_spelled(outcome), f"ending|{await self._place_of(entry_id)}")
        await self._run("amend", entry_id, ending)

    async def unpark(self, entry_id: int) -> None:
        """Put a parked entry back in its place."""
        await self._run("unpark", entry_id)

    async def attend(self, entry_id: int, *, unattended: bool) -> None:
        """Flag an entry for a person, or take the flag off."""
        await self._run("attend", entry_id, int(unattended))

    async def was_said(self, entry_id: int) -> bool:
        """Tell whether anything of an entry may have reached the vendor, or is about to."""
        row = await self._one("is_begun", entry_id)
        return bool(row and row[0]) or await self.was_intended(entry_id)

    async def was_intended(self, entry_id: int) -> bool:
        """Tell whether a call of an entry that matters was written down as sent."""
        row = await self._one("was_intended", f"entry:{entry_id}")
        return bool(row and row[0])

    async def alias(self, scope: str, key: str, canonical: str) -> None:
        """Learn that a key stands for a vendor's member."""
        await self._run("alias", scope, self._hashed(key), self._hashed(canonical))

    async def retire(self, before: datetime, limit: int) -> int:
        """Drop bodies, members and journals of what ended before; returns how many entries."""
        rows = await self._run("retiring", stamp(before), limit)
        for entry_id, store, subject in rows:
            await self._run("retire_entry", entry_id)
            await self._run("retire_keys", entry_id)
            await self._run("retire_steps", f"entry:{entry_id}")
            await self._run("retire_asked", store, subject)
        for name in ("retire_visits", "retire_quotes", "retire_events"):
            await self._run(name, stamp(before))
        return len(rows)

    async def _place_of(self, entry_id: int) -> str:
        row = await self._one("place", entry_id)
        assert row is not None  # noqa: S101 - entries are never deleted
        return _place(entry_id, *row)

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
        place = _place(id_, lane, sequence, vendor, operation)
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


def _place(entry_id: int, lane: str, sequence: int, vendor: str, operation: str) -> str:
    return f"{entry_id}|{lane}|{sequence}|{vendor}|{operation}"


def _spelled(outcome: Outcome) -> dict[str, Any]:
    return outcome.model_dump(mode="json", exclude_defaults=True)
