"""Visits: a member identified, what each vendor gave for it, and giving it back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.core.operation import Identify, VendorVisit, identifiers
from gateway.core.outcome import Identified
from gateway.engine.conversation import Conversation, heard, primary_first
from gateway.engine.desk import Desk
from gateway.engine.endings import member_id_key, member_key
from gateway.engine.identified import answers_of, failure_of, given_by
from gateway.engine.ports import Tx
from gateway.engine.refusal import Refused
from gateway.engine.releasing import Releasing, sites_of
from gateway.engine.routing import Route, Store, matching
from gateway.engine.rows import Asked, VisitRow

TAKEN_UP_WITHIN = timedelta(hours=1)
"""An older scan is long forgotten at the till, and by most vendors."""

TAKEN_UP = 200
"""Scans under way at one moment: more than any chain has tills."""


@dataclass(frozen=True, kw_only=True)
class Visits:
    """POST, GET and DELETE of visits."""

    desk: Desk
    releasing: Releasing
    _opening: dict[str, asyncio.Task[VisitRow]] = field(default_factory=dict)

    async def open(
        self,
        store: Store,
        ask: Identify,
        said: str,
        *,
        replaces: str | None,
        deadline: float,
        trace_id: str,
    ) -> VisitRow:
        """Identify a member at every vendor the visit may concern; the primary one decides.

        A visit asked for twice at once is asked for once. What the till does not wait for is heard
        out all the same: the same request again finds it, or the sweeper gives it back.
        """
        opening = self._start(store, ask, said, replaces, trace_id)
        try:
            async with asyncio.timeout(max(0.0, self.desk.left(deadline))):
                row = await asyncio.shield(opening)
        except TimeoutError:
            raise Refused(
                "vendor_unreachable", "the vendor did not answer within the till's wait"
            ) from None
        if row.fingerprint != said:
            raise Refused("order_conflict", f"visit {ask.visit_id} was asked with another body")
        return row

    async def take_up(self) -> None:
        """After a restart: hear out what was being asked, so that nothing is held unknown.

        What a vendor answered is in the journal and is not asked again; the visit it makes is
        found by the same request, or given back at its deadline.
        """
        since = self.desk.clock.now() - TAKEN_UP_WITHIN
        unfinished = await self.desk.outbox.read(lambda tx: tx.unfinished_visits(since, TAKEN_UP))
        for asked in unfinished:
            store = self.desk.plan().stores.get(asked.store)
            if store is not None and asked.body:
                ask = Identify.model_validate(asked.body["ask"])
                self._start(store, ask, asked.fingerprint, asked.body["replaces"], "")

    def stop(self) -> None:
        """Hear nobody out any more."""
        for opening in self._opening.values():
            opening.cancel()

    def _start(
        self, store: Store, ask: Identify, said: str, replaces: str | None, trace_id: str
    ) -> asyncio.Task[VisitRow]:
        """Begin to ask, or join who asks already."""
        name = f"{store.code}/{ask.visit_id}"
        opening = self._opening.get(name)
        if opening is None:
            opening = asyncio.create_task(self._open(store, ask, said, replaces, trace_id))
            self._opening[name] = opening
            opening.add_done_callback(lambda task: self._opened(name, task))
        return opening

    def _opened(self, name: str, task: asyncio.Task[VisitRow]) -> None:
        del self._opening[name]
        if not task.cancelled():
            task.exception()  # it was told to whoever waited

    async def _open(
        self, store: Store, ask: Identify, said: str, replaces: str | None, trace_id: str
    ) -> VisitRow:
        known = await self._row(store, ask.visit_id)
        if known is not None:
            return known
        self.desk.check_extensions(ask.extensions)
        first = await self._replaced(store, replaces)
        routes = self._routes(store, ask)
        ask = ask.model_copy(update={"at": await self._asked_at(store, ask, said, replaces)})
        tasks = await primary_first(
            [self._identify(store, route, ask, first, trace_id) for route in routes]
        )
        results = [heard(task) for task in tasks]
        row = VisitRow(
            store=store.code,
            visit_id=ask.visit_id,
            fingerprint=said,
            state="open",
            deadline=self.desk.ages.moment() + timedelta(seconds=store.visit_ttl_seconds),
            answer={"till": ask.till, "results": answers_of(routes, results)},
            vendors=given_by(ask, routes, results),
            sites=sites_of(routes),
        )
        for route, task in zip(routes, tasks, strict=True):
            if not task.done():
                task.add_done_callback(self._too_late(row, ask, route, trace_id))
        failure = failure_of(results[0])
        if failure is not None:
            await self.releasing.at_once(row, trace_id)
            raise failure
        await self._keep(row, first)
        self.desk.log("visit.opened", store=store.code, visit=ask.visit_id, trace_id=trace_id)
        return row

    def _too_late(
        self, row: VisitRow, ask: Identify, route: Route, trace_id: str
    ) -> Callable[[asyncio.Task[Identified]], None]:
        """What a follower gives after the till was answered goes back at once."""

        def give_back(task: asyncio.Task[Identified]) -> None:
            if task.cancelled() or task.exception() is not None:
                return
            given = given_by(ask, [route], [task.result()])
            late = replace(row, vendors=given)
            name = f"{row.store}/{row.visit_id}/{route.vendor}"
            self._opening[name] = asyncio.create_task(self._give_back(name, late, trace_id))

        return give_back

    async def _give_back(self, name: str, late: VisitRow, trace_id: str) -> VisitRow:
        await self.releasing.at_once(late, trace_id)
        del self._opening[name]
        return late

    async def _keep(self, row: VisitRow, replaced: VisitRow | None) -> None:
        """Put a visit on disk, in the place of the one it replaces."""

        async def keep(tx: Tx) -> None:
            if replaced is not None:
                await tx.put_visit(replace(replaced, state="closed"))
            await tx.put_visit(row)
            for vendor, given in row.vendors.items():
                await _learn(tx, row.store, vendor, given)

        await self.desk.outbox.write(keep, accepts=True)

    async def get(self, store: Store, visit_id: str) -> VisitRow:
        """Read a visit again; Refused `visit_not_found`."""
        row = await self._row(store, visit_id)
        if row is None:
            raise Refused("visit_not_found", f"store {store.code} has no visit {visit_id}")
        return row

    async def close(self, store: Store, visit_id: str, *, deadline: float, trace_id: str) -> bool:
        """The member walks away: give back what is held; True if all of it is given back."""
        row = await self.get(store, visit_id)
        added = await self.releasing.release(row, trace_id)
        if not added:
            entries = await self.desk.outbox.read(
                lambda tx: tx.entries_of(store.code, visit_id, "visit")
            )
            added = [entry for entry in entries if entry.operation == "release"]
        first = [entry for entry in added if entry.role == "primary"]
        await self.desk.until_settled(first, deadline)
        ended = await self.desk.settled(added, self.desk.clock.monotonic())
        await self.desk.told(ended)
        return all(entry.state == "done" for entry in ended)

    async def _row(self, store: Store, visit_id: str) -> VisitRow | None:
        return await self.desk.outbox.read(lambda tx: tx.visit(store.code, visit_id))

    async def _asked_at(
        self, store: Store, ask: Identify, said: str, replaces: str | None
    ) -> datetime:
        """When this visit was first asked for: a repeated request says the very same calls."""
        asked = Asked(
            store=store.code,
            kind="visit",
            id=ask.visit_id,
            revision=1,
            fingerprint=said,
            state=None,
            accepted_at=ask.at,
            body={"ask": ask.model_dump(mode="json"), "replaces": replaces},
        )

        async def job(tx: Tx) -> datetime:
            for before in await tx.asked(store.code, "visit", ask.visit_id):
                if before.fingerprint != said:
                    raise Refused(
                        "order_conflict", f"visit {ask.visit_id} was asked with another body"
                    )
                return before.accepted_at
            await tx.put_asked(asked)
            return ask.at

        return await self.desk.outbox.write(job, accepts=True)

    async def _replaced(self, store: Store, replaces: str | None) -> VisitRow | None:
        if replaces is None:
            return None
        return await self.get(store, replaces)

    def _routes(self, store: Store, ask: Identify) -> list[Route]:
        """Every route not excluded by what is known, whose vendor can identify; primary first."""
        known: dict[str, str | None] = {
            "channel": ask.channel,
            "service_mode": ask.service_mode,
            "till": ask.till,
            "member": ask.member.kind,
        }
        routes = matching(store, known)
        adapters = self.desk.plan().adapters
        able = [r for r in routes if "identify" in adapters[r.adapter].operations]
        if not able or able[0].role != "primary":
            why = adapters[routes[0].adapter].cannot.get("identify", "") if routes else ""
            raise Refused(
                "unsupported_operation",
                f"store {store.code} cannot identify members. {why}".strip(),
            )
        return able

    async def _identify(
        self, store: Store, route: Route, ask: Identify, first: VisitRow | None, trace_id: str
    ) -> Identified:
        before = first.vendors.get(route.vendor) if first else None
        conversation = Conversation(
            desk=self.desk,
            store=store,
            route=route,
            name="identify",
            owner=f"visit:{store.code}/{ask.visit_id}/{route.vendor}",
            trace_id=trace_id,
        )
        result: Identified = await conversation.hold(
            ask.model_copy(update={"replaces": before}), None
        )
        return result


async def _learn(tx: Tx, store: str, vendor: str, given: VendorVisit) -> None:
    """Remember under which identifiers the vendor's member came."""
    if given.member_id is None:
        return
    for kind, value in identifiers(given.member).items():
        scope = f"{store}/{vendor}"
        await tx.alias(scope, member_key(kind, value), member_id_key(given.member_id))
