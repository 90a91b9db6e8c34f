"""Releases what a dead till left behind, and lets old bodies go."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.engine.desk import Desk
from gateway.engine.ports import Damaged
from gateway.engine.routing import Store
from gateway.engine.visits import Visits

EVERY_SECONDS = 15.0
"""How often it looks: a hold is given back at most this much after its deadline."""

AT_ONCE = 50
"""Visits or entries handled in one look: a look never keeps the writer long."""

OPEN_VISITS = 2000
"""Open visits looked through: more than the stores of one gateway have at a time."""


@dataclass(frozen=True, kw_only=True)
class Sweeper:
    """Looks for ever, also for what was left before a restart."""

    desk: Desk
    visits: Visits
    retention_seconds: Callable[[], float]
    _seen: dict[tuple[str, str], float] = field(default_factory=dict)

    async def work(self) -> None:
        """Sweep for ever."""
        while True:
            await self.sweep()
            await self.desk.clock.sleep(EVERY_SECONDS)

    async def sweep(self) -> None:
        """Release overdue visits, and drop what retention no longer keeps."""
        for store, visit_id in await self._overdue():
            self.desk.log("visit.overdue", store=store.code, visit=visit_id)
            await self._release(store, visit_id)
        if self.desk.ages.trusted():
            before = self.desk.clock.now() - timedelta(seconds=self.retention_seconds())
            await self.desk.outbox.write(lambda tx: tx.retire(before, AT_ONCE))

    async def _overdue(self) -> list[tuple[Store, str]]:
        """List open visits whose time is up: by a wall clock to be trusted, or seen that long."""
        desk = self.desk
        now, steady, trusted = desk.clock.now(), desk.clock.monotonic(), desk.ages.trusted()
        open_ = await desk.outbox.read(lambda tx: tx.open_visits(OPEN_VISITS))
        places = [(code, visit_id) for code, visit_id, _ in open_]
        seen = {place: self._seen.get(place, steady) for place in places}
        self._seen.clear()
        self._seen.update(seen)
        stores = desk.plan().stores
        return [
            (stores[code], visit_id)
            for code, visit_id, deadline in open_
            if code in stores
            and (
                (trusted and deadline <= now)
                or steady - seen[code, visit_id] >= stores[code].visit_ttl_seconds
            )
        ][:AT_ONCE]

    async def _release(self, store: Store, visit_id: str) -> None:
        """Give back what a visit holds; one that does not open is shut, with an alarm."""
        desk = self.desk
        try:
            visit = await desk.outbox.read(lambda tx: tx.visit(store.code, visit_id))
        except Damaged as damage:
            desk.log("visit.damaged", store=store.code, visit=visit_id, detail=str(damage))
            await desk.outbox.write(lambda tx: tx.shut_visit(store.code, visit_id))
            return
        if visit is not None:
            await self.visits.release(store, visit, trace_id="")
