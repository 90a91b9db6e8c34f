"""Giving back what vendors hold for a visit: at the till's word, at its deadline, or at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.core.operation import Release
from gateway.engine.accepting import keys_of
from gateway.engine.desk import Desk
from gateway.engine.endings import accept_entry
from gateway.engine.ports import Tx
from gateway.engine.routing import Route
from gateway.engine.rows import Entry, NewEntry, VisitRow


@dataclass(frozen=True, kw_only=True)
class Releasing:
    """Accepts releases, for the site a visit was opened with."""

    desk: Desk

    async def release(self, row: VisitRow, trace_id: str) -> list[Entry]:
        """Accept a release for every vendor of an open visit, and close it."""

        async def job(tx: Tx) -> list[Entry]:
            current = await tx.visit(row.store, row.visit_id)
            if current is None or current.state != "open":
                return []
            await tx.put_visit(replace(current, state="closed"))
            return await self._accept(tx, row, trace_id)

        added = await self.desk.outbox.write(job)
        self.desk.log("visit.closed", store=row.store, visit=row.visit_id, trace_id=trace_id)
        return self._wake(added)

    async def at_once(self, row: VisitRow, trace_id: str) -> list[Entry]:
        """Give back what a visit holds that nobody will ever name."""
        return self._wake(await self.desk.outbox.write(lambda tx: self._accept(tx, row, trace_id)))

    async def _accept(self, tx: Tx, row: VisitRow, trace_id: str) -> list[Entry]:
        now = self.desk.clock.now()
        new = list(self._entries(row, trace_id))
        return [await accept_entry(tx, row.store, entry, now) for entry in new]

    def _wake(self, added: list[Entry]) -> list[Entry]:
        self.desk.say_accepted(added)
        self.desk.wake(added)
        return added

    def _entries(self, row: VisitRow, trace_id: str) -> Iterator[NewEntry]:
        """One for every vendor that holds something and can take it back."""
        for vendor, given in row.vendors.items():
            place = row.sites[vendor]
            operations = self.desk.plan().adapters[place["adapter"]].operations
            if "release" not in operations or not (given.holds or given.keep):
                continue
            ask = Release(at=self.desk.clock.now(), visit=given)
            yield NewEntry(
                vendor=vendor,
                adapter=place["adapter"],
                role=place["role"],
                operation="release",
                subject=given.visit_id,
                revision=0,
                ask=ask.model_dump(mode="json"),
                site=place["site"],
                keys=keys_of(given.visit_id, given.member, given.member_id, "visit"),
                receipt_number=given.receipt_number,
                trace_id=trace_id,
            )


def sites_of(routes: Sequence[Route]) -> dict[str, dict[str, Any]]:
    """What a visit keeps of its routes, to give back by."""
    return {
        route.vendor: {
            "adapter": route.adapter,
            "role": route.role,
            "site": route.site.model_dump(mode="json"),
        }
        for route in routes
    }
