"""The operator's hands: retry, skip, settle and acknowledge, each written down."""

from dataclasses import dataclass
from typing import Any

from gateway.core.outcome import Outcome
from gateway.engine.desk import Desk
from gateway.engine.endings import end_job
from gateway.engine.notices import entry_bell, store_bell
from gateway.engine.ports import Tx
from gateway.engine.refusal import Refused
from gateway.engine.rows import Entry, EntryState

ENTRIES_AT_ONCE = 500
"""Entries in one list: more than anyone reads."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """What a person may do to entries and lanes; `by` names who."""

    desk: Desk

    async def lanes(self) -> list[dict[str, Any]]:
        """Every lane: depth, oldest age in seconds, state, why."""
        now = self.desk.clock.now()
        found = []
        for lane, store, vendor in await self.desk.outbox.read(lambda tx: tx.lanes()):
            depth = await self._depth(lane)
            oldest = depth.pop("oldest")
            working = self.desk.lanes.known().get(lane)
            reason = working.hold_reason if working else None
            state = "stopped" if depth["stopped"] else "waiting" if reason else "running"
            found.append(
                {
                    "lane": lane,
                    "store": store,
                    "vendor": vendor,
                    "state": state if depth["queued"] or depth["stopped"] else "idle",
                    "reason": depth.pop("stopped") or reason,
                    "next_attempt_in_seconds": round(working.hold_seconds(), 1) if working else 0,
                    "oldest_age_seconds": round((now - oldest).total_seconds()) if oldest else None,
                    **depth,
                }
            )
        return found

    async def entries(
        self, state: EntryState, lane: str | None, *, unattended: bool = False
    ) -> list[Entry]:
        """Entries in a state, oldest first."""
        return await self.desk.outbox.read(
            lambda tx: tx.entries_in(state, lane, unattended=unattended, limit=ENTRIES_AT_ONCE)
        )

    async def entry(self, entry_id: int) -> Entry:
        """Read one entry; Refused `entry_not_found`."""
        entry = await self.desk.outbox.read(lambda tx: tx.entry(entry_id))
        if entry is None:
            raise Refused("entry_not_found", f"there is no entry {entry_id}")
        return entry

    async def retry(
        self, entry_id: int, by: str, *, reason: str = "", send_again: bool = False
    ) -> Entry:
        """Put a parked entry back in its place; what was said is not said again.

        With `send_again` a call in doubt, or answered with nonsense, is: a person has looked, and
        it did not happen.
        """
        entry = await self._parked(entry_id)
        owner, now = f"entry:{entry_id}", self.desk.clock.now()

        async def job(tx: Tx) -> None:
            await tx.unpark(entry_id)
            if entry.reason == "needs_approval":
                await tx.approve(entry_id)
            if entry.reason == "vendor_nonsense" and send_again:
                await tx.doubted_since(owner, now)  # what was answered with nonsense is in doubt
            if send_again:
                await tx.undoubt(owner)
            await tx.stop_lane(entry.lane, None)
            what = {**_act("retry", entry, by), "reason": reason, "send_again": send_again}
            await tx.audit(now, what)

        return await self._do(entry, job, "retry", by)

    async def skip(self, entry_id: int, reason: str, by: str) -> Entry:
        """Give a parked entry up: cancelled, whatever the vendor may have of it."""
        entry = await self._parked(entry_id)
        said = await self.desk.outbox.read(lambda tx: tx.was_said(entry_id))
        known = "it may have reached the vendor" if said else "nothing was sent"
        outcome = Outcome(kind="cancelled", detail=f"given up by {by}; {known}")
        return await self._end(entry, outcome, "skip", by, reason)

    async def settle(self, entry_id: int, reference: str, reason: str, by: str) -> Entry:
        """It did happen at the vendor, under this reference: applied."""
        entry = await self._parked(entry_id)
        detail = f"settled by {by}: it did happen"
        outcome = Outcome(kind="applied", reference=reference, detail=detail)
        return await self._end(entry, outcome, "settle", by, reason)

    async def ack(self, entry_id: int, by: str, *, reason: str = "") -> Entry:
        """Take note of a decline nobody was told."""
        entry = await self.entry(entry_id)
        if not entry.unattended:
            raise Refused("operation_conflict", f"entry {entry_id} does not wait for anybody")

        async def job(tx: Tx) -> None:
            await tx.attend(entry_id, unattended=False)
            await tx.audit(self.desk.clock.now(), {**_act("ack", entry, by), "reason": reason})

        return await self._do(entry, job, "ack", by)

    async def resume(self, lane: str, by: str, *, reason: str = "") -> None:
        """Let a stopped or waiting lane go on."""
        known = {name: (store, vendor) for name, store, vendor in await self._all()}
        if lane not in known:
            raise Refused("lane_not_found", f"there is no lane {lane}")

        async def job(tx: Tx) -> None:
            await tx.stop_lane(lane, None)
            what = {"act": "resume", "lane": lane, "by": by, "reason": reason}
            await tx.audit(self.desk.clock.now(), what)

        await self.desk.outbox.write(job)
        self.desk.log("operator.acted", act="resume", lane=lane, by=by)
        self.desk.lanes.lane(*known[lane]).release_hold()

    async def _end(self, entry: Entry, outcome: Outcome, act: str, by: str, reason: str) -> Entry:
        now = self.desk.clock.now()

        async def job(tx: Tx) -> None:
            await end_job(entry, outcome, now)(tx)
            await tx.audit(now, {**_act(act, entry, by), "reason": reason})

        return await self._do(entry, job, act, by)

    async def _do(self, entry: Entry, job: Any, act: str, by: str) -> Entry:
        await self.desk.outbox.write(job)
        self.desk.log(
            "operator.acted",
            act=act,
            by=by,
            store=entry.store,
            lane=entry.lane,
            sequence=entry.sequence,
            entry=entry.id,
            order=entry.subject,
        )
        self.desk.notices.ring(entry_bell(entry.id))
        self.desk.notices.ring(store_bell(entry.store))
        self.desk.lanes.lane(entry.store, entry.vendor).wake()
        return await self.entry(entry.id)

    async def _parked(self, entry_id: int) -> Entry:
        entry = await self.entry(entry_id)
        if entry.state != "parked":
            raise Refused(
                "operation_conflict", f"entry {entry_id} is {entry.state}, only a parked one may"
            )
        return entry

    async def _depth(self, lane: str) -> dict[str, Any]:
        return await self.desk.outbox.read(lambda tx: tx.depth(lane))

    async def _all(self) -> list[tuple[str, str, str]]:
        return await self.desk.outbox.read(lambda tx: tx.lanes())


def _act(act: str, entry: Entry, by: str) -> dict[str, Any]:
    return {"act": act, "entry": entry.id, "lane": entry.lane, "order": entry.subject, "by": by}
