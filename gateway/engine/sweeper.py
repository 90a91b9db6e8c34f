"""Releases what a dead till left behind, and lets old bodies go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from gateway.engine.desk import Desk
from gateway.engine.ports import Damaged
from gateway.engine.rows import VisitRow
from gateway.engine.visits import Visits

EVERY_SECONDS = 15.0
"""How often it looks: a hold is given back at most this much after its deadline."""

AT_ONCE = 50
"""Visits or entries handled in one look: a look never keeps the writer long."""


@dataclass(frozen=True, kw_only=True)
class Sweeper:
    """Looks for ever, also for what was left before a restart."""

    desk: Desk
    visits: Visits
    retention_seconds: Callable[[], float]

    async def work(self) -> None:
        """Sweep for ever."""
        while True:
            await self.sweep()
            await self.desk.clock.sleep(EVERY_SECONDS)

    async def sweep(self) -> None:
        """Release overdue visits, and drop what retention no longer keeps."""
        now = self.desk.clock.now()
        for visit in await self.desk.outbox.read(lambda tx: tx.overdue_visits(now, AT_ONCE)):
            store = self.desk.plan().stores.get(visit.store)
            if store is None:
                continue
            self.desk.log("visit.overdue", store=visit.store, visit=visit.visit_id)
            try:
                await self.visits.release(store, visit, trace_id="")
            except Damaged as damage:
                self.desk.log(
                    "visit.damaged", store=visit.store, visit=visit.visit_id, detail=str(damage)
                )
                await self._shut(visit)
        before = now - timedelta(seconds=self.retention_seconds())
        await self.desk.outbox.write(lambda tx: tx.retire(before, AT_ONCE))

    async def _shut(self, visit: VisitRow) -> None:
        await self.desk.outbox.write(lambda tx: tx.shut_visit(visit.store, visit.visit_id))
