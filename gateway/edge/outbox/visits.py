"""Acts on visits, quotes, events and the operators' audit."""

from datetime import datetime
from typing import Any

from gateway.core.operation import VendorVisit
from gateway.edge.outbox.acts import Acts, moment, stamp
from gateway.engine.ports import Damaged
from gateway.engine.rows import Event, QuoteRow, VisitRow


class VisitActs(Acts):
    """What conversations leave behind."""

    async def visit(self, store: str, visit_id: str) -> VisitRow | None:
        """Read a visit."""
        row = await self._one("visit", store, visit_id)
        if row is None:
            return None
        fingerprint, state, deadline, box = row
        body = self._open(box, f"visit|{store}|{visit_id}")
        return VisitRow(
            store=store,
            visit_id=visit_id,
            fingerprint=fingerprint,
            state=state,
            deadline=moment(deadline),
            answer=body["answer"],
            vendors={
                vendor: VendorVisit.model_validate(given)
                for vendor, given in body["vendors"].items()
            },
            sites=body["sites"],
        )

    async def put_visit(self, visit: VisitRow) -> None:
        """Write a visit, new or changed."""
        body = {
            "answer": visit.answer,
            "sites": visit.sites,
            "vendors": {
                vendor: given.model_dump(mode="json") for vendor, given in visit.vendors.items()
            },
        }
        await self._run(
            "put_visit",
            visit.store,
            visit.visit_id,
            visit.fingerprint,
            visit.state,
            stamp(visit.deadline),
            self._close(body, f"visit|{visit.store}|{visit.visit_id}"),
        )

    async def overdue_visits(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Name open visits past their deadline, (store, visit id), the oldest first."""
        rows = await self._run("overdue_visits", stamp(now), limit)
        return [(store, visit_id) for store, visit_id in rows]

    async def shut_visit(self, store: str, visit_id: str) -> None:
        """Close a visit without opening it."""
        await self._run("shut_visit", store, visit_id)

    async def quote(self, store: str, quote_id: str) -> QuoteRow | None:
        """Read a quote."""
        row = await self._one("quote", store, quote_id)
        if row is None:
            return None
        fingerprint, expires_at, box = row
        body = self._open(box, f"quote|{store}|{quote_id}")
        return QuoteRow(
            store=store,
            quote_id=quote_id,
            fingerprint=fingerprint,
            expires_at=moment(expires_at),
            answer=body["answer"],
            keeps=body["keeps"],
            basket=body["basket"],
        )

    async def put_quote(self, quote: QuoteRow) -> None:
        """Write a quote."""
        body = {"answer": quote.answer, "keeps": quote.keeps, "basket": quote.basket}
        await self._run(
            "put_quote",
            quote.store,
            quote.quote_id,
            quote.fingerprint,
            stamp(quote.expires_at),
            self._close(body, f"quote|{quote.store}|{quote.quote_id}"),
        )

    async def add_event(self, store: str, at: datetime, body: dict[str, Any]) -> None:
        """Tell whoever listens."""
        await self._run("add_event", store, stamp(at), self._close(body, f"event|{store}"))

    async def events(self, store: str, after: int, limit: int) -> list[Event]:
        """Read events after one; one that does not open is of type `damaged`, and nothing else."""
        return [
            Event(id=id_, store=store, at=moment(at), body=self._told(store, box))
            for id_, at, box in await self._run("events", store, after, limit)
        ]

    async def audit(self, at: datetime, what: dict[str, Any]) -> None:
        """Write down what an operator did."""
        await self._run("audit", stamp(at), self._close(what, "audit"))

    def _told(self, store: str, box: bytes) -> dict[str, Any]:
        try:
            body: dict[str, Any] = self._open(box, f"event|{store}")
        except Damaged:
            return {"type": "damaged"}
        return body
