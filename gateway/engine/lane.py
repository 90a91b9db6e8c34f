"""Empties one lane, oldest first: one entry in flight, in strict sequence."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.core.errors import (
    LookAgain,
    NoReply,
    NotSent,
    OrderRefused,
    Stuck,
    Unauthorized,
    Unreachable,
)
from gateway.core.outcome import Outcome, Reason
from gateway.engine import policy
from gateway.engine.delivery import Delivery, facts_of
from gateway.engine.endings import VISIT_TTL_SECONDS, end_job, park_job
from gateway.engine.gate import Gate
from gateway.engine.hold import Dues, Hold
from gateway.engine.notices import Notices, entry_bell, store_bell
from gateway.engine.policy import Nothing, Pick
from gateway.engine.ports import Chance, Clock, Damaged, Log, Outbox
from gateway.engine.routing import Plan
from gateway.engine.rows import Entry, Standing

WINDOW = 16
"""Queued entries looked at for the next pick; doubled while none of them may go."""

NEVER_QUEUED = frozenset({"pay", "load", "reverse"})
"""Stored value: a promise that needs the vendor now, or not at all (till-api.md §3)."""


@dataclass(kw_only=True)
class Lane:
    """All entries of one store for one vendor."""

    lane: str
    store: str
    vendor: str
    outbox: Outbox
    delivery: Delivery
    gate: Gate
    clock: Clock
    chance: Chance
    notices: Notices
    plan: Callable[[], Plan]
    log: Log
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _last_chance: int | None = None
    _suspect: int | None = None
    _parks: list[Reason] = field(default_factory=list)
    current: int | None = None

    def __post_init__(self) -> None:
        self._hold = Hold(clock=self.clock, chance=self.chance)
        self._dues = Dues(clock=self.clock)

    def wake(self) -> None:
        """There may be something to do."""
        self._bell.set()

    def release_hold(self, *, spread: bool = False) -> None:
        """The vendor is back, or an operator says so: wait no longer than the spread."""
        self._hold.release(spread=spread)
        self.wake()

    def hold_seconds(self) -> float:
        """Seconds until the lane tries again."""
        return max(self._hold.seconds(), self.gate.wait_seconds())

    @property
    def hold_reason(self) -> Reason | None:
        """Why the lane waits, None if it does not."""
        if self.hold_seconds() <= 0:
            return None
        return self._hold.reason or "unreachable"

    async def work(self) -> None:
        """Deliver for ever."""
        while True:
            self._bell.clear()
            pause = await self._turn()
            if pause is None or pause > 0:
                await self._idle(pause)

    async def _idle(self, pause: float | None) -> None:
        """Wait for the bell, at most so many seconds."""
        try:
            async with asyncio.timeout(pause):
                await self._bell.wait()
        except TimeoutError:
            pass

    async def _turn(self) -> float | None:
        """Deliver one entry; seconds to wait before the next turn, None for the bell alone."""
        held = self.hold_seconds()
        if held > 0:
            return held
        choice = await self._choose()
        if isinstance(choice, Nothing):
            return choice.seconds
        entry = await self._begin(choice)
        if entry is not None:
            await self._deliver(entry)
        return 0.0

    async def _choose(self) -> Pick | Nothing:
        if await self.outbox.read(lambda tx: tx.stopped(self.lane)):
            return Nothing(seconds=None)
        window = WINDOW
        while True:
            standing = await self._standing(window)
            choice = self._pick(standing)
            queued = sum(entry.state == "queued" for entry in standing)
            if isinstance(choice, Pick) or queued < window:
                return choice
            window *= 2

    async def _standing(self, limit: int) -> list[Standing]:
        return await self.outbox.read(lambda tx: tx.standing(self.lane, limit))

    def _pick(self, standing: list[Standing]) -> Pick | Nothing:
        """The next in sequence; for one that never gets a reply, first another as a witness."""
        store = self.plan().stores.get(self.store)
        stop = store is not None and store.on_park == "stop_lane"
        choice = policy.pick(standing, self._dues.seconds, stop_on_park=stop)
        if not isinstance(choice, Pick):
            return choice
        chosen = next(entry for entry in standing if entry.id == choice.entry_id)
        self._suspect = None
        if chosen.lost_runs < policy.LOST_RUNS or chosen.id == self._last_chance or stop:
            return choice
        witness = policy.pick(
            standing, self._dues.seconds, stop_on_park=False, suspects=frozenset({chosen.id})
        )
        if not isinstance(witness, Pick):
            return choice
        self._suspect = chosen.id
        return witness

    async def _begin(self, choice: Pick) -> Entry | None:
        """Count the attempt before it is made; what does not open, or kills us, is parked."""
        try:
            entry = await self.outbox.write(lambda tx: tx.begin(choice.entry_id, choice.overtakes))
        except Damaged as damage:
            self.log("entry.damaged", lane=self.lane, entry=choice.entry_id, detail=str(damage))
            await self._park_id(choice.entry_id, "gateway_fault", str(damage))
            return None
        if entry is None:
            return None
        if choice.overtakes:
            self.log("entry.overtaken", **facts_of(entry), passed=list(choice.overtakes[:20]))
        if entry.starts > policy.STARTS:
            await self._park(
                entry, "gateway_fault", f"{policy.STARTS} starts ended with the process"
            )
            return None
        return entry

    async def _deliver(self, entry: Entry) -> None:
        self.current = entry.id
        try:
            await self._finish(entry, await self.delivery.deliver(entry))
        except LookAgain as look:
            await self._look_again(entry, look)
        except Unreachable as error:
            await self._unreached(entry, error)
        except Stuck as stuck:
            await self._park(entry, stuck.reason, stuck.detail)
        except OrderRefused as refused:
            await self._park(entry, refused.reason, refused.detail)
        except Damaged as damage:
            await self._park(entry, "gateway_fault", str(damage))
        except Exception as fault:  # noqa: BLE001 - our own bug: parked, loudly, the lane goes on
            await self._park(entry, "gateway_fault", f"{type(fault).__name__} in the gateway")
            self.log("entry.failed", **facts_of(entry), error=type(fault).__name__)
        finally:
            self.current = None

    async def _finish(self, entry: Entry, outcome: Outcome) -> None:
        store = self.plan().stores.get(self.store)
        ttl = store.visit_ttl_seconds if store else VISIT_TTL_SECONDS
        job = end_job(entry, outcome, self.clock.now(), visit_ttl_seconds=ttl)
        await self.outbox.write(job)
        self.log("entry.finished", **facts_of(entry), outcome=outcome.kind, reason=outcome.reason)
        if outcome.alarm:
            self.log("entry.alarmed", **facts_of(entry), detail=outcome.alarm)
        self._heard()
        self._parks.clear()
        self._ring(entry)

    async def _unreached(self, entry: Entry, error: Unreachable) -> None:
        """The vendor cannot be reached: wait, unless it answers everyone but this entry."""
        if isinstance(error, NoReply) and entry.id == self._last_chance:
            self._last_chance = None
            await self._park(
                entry,
                error.reason,
                f"{error.detail}; the vendor answers other entries, not this one",
            )
            return
        await self._rest(entry, error)
        if isinstance(error, NotSent) and entry.operation in NEVER_QUEUED:
            await self._cancel_unsent(entry, error)

    async def _cancel_unsent(self, entry: Entry, error: NotSent) -> None:
        """Money does not wait out an outage: certainly not sent, so it is cancelled."""
        outcome = Outcome(
            kind="cancelled",
            reason=error.reason,
            detail=error.detail,
        )
        await self.outbox.write(end_job(entry, outcome, self.clock.now()))
        self.log("entry.finished", **facts_of(entry), outcome="cancelled", reason=error.reason)
        self._ring(entry)

    async def _rest(self, entry: Entry, error: Unreachable) -> None:
        """Hold the whole lane; the entry keeps its place."""
        reason = error.reason
        if isinstance(error, Unauthorized) and self._hold.reason != reason:
            self.log("credential.refused", store=self.store, vendor=self.vendor, lane=self.lane)
        pause = self._hold.after(error)
        lost_runs = entry.lost_runs + isinstance(error, NoReply)
        await self.outbox.write(
            lambda tx: tx.rest(
                entry.id, lost_runs=lost_runs, due_at=None, reason=reason, detail=error.detail
            )
        )
        self.log(
            "lane.held",
            **facts_of(entry),
            reason=reason,
            detail=error.detail,
            seconds=round(pause, 3),
        )

    async def _look_again(self, entry: Entry, look: LookAgain) -> None:
        """Evidence may come: the entry waits alone, until its time is up."""
        now = self.clock.now()
        doubted = await self.outbox.write(lambda tx: tx.doubted_since(f"entry:{entry.id}", now))
        looked = self._dues.looked_seconds(entry.id)
        if max((now - doubted).total_seconds(), looked) >= look.until_seconds:
            await self._park(entry, "in_doubt", "looked in vain until the time was up")
            return
        self._dues.wait(entry.id, look.after_seconds)
        due_at = now + timedelta(seconds=look.after_seconds)
        await self.outbox.write(
            lambda tx: tx.rest(
                entry.id, lost_runs=0, due_at=due_at, reason="in_doubt", detail=look.detail
            )
        )
        self._heard()
        self.log("entry.delayed", **facts_of(entry), seconds=look.after_seconds)

    async def _park(self, entry: Entry, reason: Reason, detail: str) -> None:
        await self.outbox.write(park_job(entry, reason, detail, self.clock.now()))
        self.log("entry.parked", **facts_of(entry), reason=reason, detail=detail)
        self._ring(entry)
        await self._count_park(reason)

    async def _park_id(self, entry_id: int, reason: Reason, detail: str) -> None:
        await self.outbox.write(lambda tx: tx.park(entry_id, reason, detail))
        self.notices.ring(entry_bell(entry_id))
        await self._count_park(reason)

    async def _count_park(self, reason: Reason) -> None:
        """Three parks with one reason and nothing delivered between them: stop, and say so.

        A plan that waits for its approval is no fault, and not counted.
        """
        if reason == "needs_approval":
            return
        self._parks = [*(same for same in self._parks if same == reason), reason]
        if len(self._parks) >= policy.PARKS_IN_A_ROW:
            self._parks.clear()
            detail = f"{policy.PARKS_IN_A_ROW} entries in a row were parked: {reason}"
            await self.outbox.write(lambda tx: tx.stop_lane(self.lane, detail))
            self.log("lane.stopped", store=self.store, lane=self.lane, reason=reason, detail=detail)

    def _heard(self) -> None:
        """The vendor answered: no hold, and a suspect gets one more run of its own."""
        self._hold.heard()
        self._last_chance = self._suspect

    def _ring(self, entry: Entry) -> None:
        self._dues.forget(entry.id)
        self.notices.ring(entry_bell(entry.id))
        self.notices.ring(store_bell(entry.store))
