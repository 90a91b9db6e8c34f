"""What all doors of the till share: the outbox, the lanes, and waiting for an entry."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.operation import Name
from gateway.core.totals import Fault
from gateway.engine.accepting import says_of
from gateway.engine.delivery import Ages
from gateway.engine.gate import Gate
from gateway.engine.lanes import Gates, Lanes
from gateway.engine.notices import Notices, entry_bell, store_bell
from gateway.engine.ports import Chance, Clock, Log, Outbox, Tx
from gateway.engine.refusal import Refused
from gateway.engine.routing import Plan, Route, Store
from gateway.engine.rows import About, Entry
from gateway.engine.runner import Runner

MARGIN_SECONDS = 0.05
"""Kept of the till's wait for spelling the answer and sending it."""


@dataclass(kw_only=True)
class Desk:
    """The counter every request comes to."""

    outbox: Outbox
    runner: Runner
    lanes: Lanes
    gates: Gates
    ages: Ages
    notices: Notices
    plan: Callable[[], Plan]
    clock: Clock
    chance: Chance
    log: Log

    def store(self, code: str) -> Store:
        """A store by its code; Refused `unknown_store`."""
        store = self.plan().stores.get(code)
        if store is None:
            raise Refused("unknown_store", f"no store {code} is configured here")
        return store

    def gate(self, route: Route) -> Gate:
        """The gate of a route's vendor."""
        return self.gates.of(route.vendor)

    def away(self, store: Store, route: Route) -> bool:
        """Tell whether a vendor is taken to be out of reach, from breaker and lane."""
        lane = self.lanes.known().get(f"{store.code}/{route.vendor}")
        return self.gate(route).is_open or (lane is not None and lane.hold_reason is not None)

    def check_extensions(self, extensions: Mapping[str, object]) -> None:
        """Refused `invalid_order` for what is said to an adapter that is not here."""
        known = self.plan().adapters
        faults = [
            Fault(
                code="invalid_order",
                path=f"extensions.{name}",
                message=f"no adapter {name}; there are {', '.join(sorted(known))}",
            )
            for name in extensions
            if name not in known
        ]
        if faults:
            raise Refused("invalid_order", faults[0].message, faults)

    def check_offline(self, store: Store, route: Route, name: Name) -> None:
        """Refused `offline_refused` where the store's policy needs the vendor, and it is away."""
        adapter = self.plan().adapters[route.adapter]
        policy = store.offline.get((name, route.adapter), says_of(adapter, name).offline)
        if policy == "refuse" and self.away(store, route):
            raise Refused(
                "offline_refused", f"{route.vendor} cannot be reached: {name} needs the vendor"
            )

    def wake(self, entries: Iterable[Entry]) -> None:
        """Tell the lanes of new entries."""
        for entry in entries:
            if entry.state == "queued":
                self.lanes.wake(entry.store, entry.vendor)

    def left(self, deadline: float) -> float:
        """Seconds left to wait, a margin for the answer kept."""
        return deadline - MARGIN_SECONDS - self.clock.monotonic()

    async def settled(
        self, entries: Sequence[Entry], deadline: float, *, patient: bool = False
    ) -> list[Entry]:
        """Wait until the entries ended or are parked, or the time is up; return them as they are.

        A lane that will not try before the deadline is not waited for, unless `patient`.
        """
        await self.until_settled(entries, deadline, patient=patient)
        return await self._reread([entry.id for entry in entries])

    async def until_settled(
        self, entries: Sequence[Entry], deadline: float, *, patient: bool = False
    ) -> None:
        """Wait the same, and return nothing."""
        open_ = [entry for entry in entries if entry.state == "queued"]
        with self.notices.listen(entry_bell(entry.id) for entry in open_) as listening:
            while open_:
                queued = await self._queued([entry.id for entry in open_])
                open_ = [entry for entry in open_ if entry.id in queued]
                left = self.left(deadline)
                hopeless = not patient and all(self._waits_past(entry, left) for entry in open_)
                if not open_ or left <= 0 or hopeless:
                    return
                await listening.rung(left)

    async def told(self, entries: Iterable[Entry]) -> None:
        """The till is told these outcomes: declines among them need no person any more."""
        for entry in entries:
            if entry.unattended:
                await self._attend(entry.id)

    async def nobody_heard(self, store: Store, subject: str, about: About, since: datetime) -> None:
        """The till hung up before its answer: declines that ended since then wait for a person."""
        entries = await self.outbox.read(lambda tx: tx.entries_of(store.code, subject, about))
        for entry in entries:
            declined = entry.outcome is not None and entry.outcome.kind == "declined"
            if declined and entry.finished_at is not None and entry.finished_at >= since:
                await self._attend(entry.id, unattended=True)

    async def _attend(self, entry_id: int, *, unattended: bool = False) -> None:
        await self.outbox.write(lambda tx: tx.attend(entry_id, unattended=unattended))

    async def _reread(self, ids: Sequence[int]) -> list[Entry]:
        async def job(tx: Tx) -> list[Entry | None]:
            return [await tx.entry(entry_id) for entry_id in ids]

        return [entry for entry in await self.outbox.read(job) if entry is not None]

    async def _queued(self, ids: Sequence[int]) -> set[int]:
        return await self.outbox.read(lambda tx: tx.still_queued(ids))

    def _waits_past(self, entry: Entry, left: float) -> bool:
        if entry.due_at is not None and (entry.due_at - self.clock.now()).total_seconds() > left:
            return True
        lane = self.lanes.known().get(entry.lane)
        return lane is not None and lane.current != entry.id and lane.hold_seconds() > left

    def say_accepted(self, added: Iterable[Entry]) -> None:
        """Log what was accepted; what ended at once is news for who listens."""
        for entry in added:
            self.ages.accepted(entry.id)
            self.notices.ring(store_bell(entry.store))
            self.log(
                "entry.accepted",
                store=entry.store,
                lane=entry.lane,
                sequence=entry.sequence,
                entry=entry.id,
                operation=entry.operation,
                order=entry.subject,
                receipt_number=entry.receipt_number,
                revision=entry.revision,
                state=entry.state,
                trace_id=entry.trace_id,
            )
