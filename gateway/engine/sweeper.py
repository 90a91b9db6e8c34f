"""Releases what a dead till left behind, and lets old bodies go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from gateway.engine.desk import Desk
from gateway.engine.ports import Damaged
from gateway.engine.releasing import Releasing

EVERY_SECONDS = 15.0
"""How often it looks: a hold is given back at most this much after its deadline."""

AT_ONCE = 50
"""Visits or entries handled in one look: a look never keeps the writer long."""


@dataclass(frozen=True, kw_only=True)
class Sweeper:
    """Looks for ever, also for what was left before a restart; by a clock that makes no leaps."""

    desk: Desk
    releasing: Releasing
    retention_seconds: Callable[[], float]

    async def work(self) -> None:
        """Sweep for ever: a look that fails is said, and the next one comes."""
        while True:
            try:
                await self.sweep()
            except Exception as fault:  # noqa: BLE001 - whoever sweeps must not stop sweeping
                self.desk.log("sweep.failed", error=type(fault).__name__)
            await self.desk.clock.sleep(EVERY_SECONDS)

    async def sweep(self) -> None:
        """Release overdue visits, and drop what retention no longer keeps."""
        now = self.desk.ages.moment()
        for store, visit_id in await self.desk.outbox.read(
            lambda tx: tx.overdue_visits(now, AT_ONCE)
        ):
            self.desk.log("visit.overdue", store=store, visit=visit_id)
            await self._release(store, visit_id)
        before = now - timedelta(seconds=self.retention_seconds())
        await self.desk.outbox.write(lambda tx: tx.retire(before, AT_ONCE))

    async def _release(self, store: str, visit_id: str) -> None:
        """Give back what a visit holds; one that does not open is shut, with an alarm."""
        desk = self.desk
        try:
            visit = await desk.outbox.read(lambda tx: tx.visit(store, visit_id))
        except Damaged as damage:
            desk.log("visit.damaged", store=store, visit=visit_id, detail=str(damage))
            await desk.outbox.write(lambda tx: tx.shut_visit(store, visit_id))
            return
        if visit is not None:
            await self.releasing.release(visit, trace_id="")
