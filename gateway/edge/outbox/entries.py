"""Acts on what was asked and on entries: accept, begin, rest, finish, park."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.core.outcome import Outcome, Reason
from gateway.edge.outbox.acts import moment, stamp
from gateway.edge.outbox.looking import LookingActs, place_of_entry
from gateway.engine.rows import Asked, AskedKind, Entry, NewEntry


class EntryActs(LookingActs):
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

    async def unfinished_visits(self, since: datetime, limit: int) -> list[Asked]:
        """List visits asked for since then of which a vendor heard, and nothing was kept."""
        rows = await self._run("unfinished_visits", stamp(since), limit)
        found = [await self.asked(store, "visit", visit_id) for store, visit_id in rows]
        return [asked[-1] for asked in found if asked]

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
        place = place_of_entry(entry_id, lane, sequence, entry.vendor, entry.operation)
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

    async def _place_of(self, entry_id: int) -> str:
        row = await self._one("place", entry_id)
        assert row is not None  # noqa: S101 - entries are never deleted
        return place_of_entry(entry_id, *row)


def _spelled(outcome: Outcome) -> dict[str, Any]:
    return outcome.model_dump(mode="json", exclude_defaults=True)
