"""Visits: a member identified, what each vendor gave for it, and giving it back."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from gateway.core.operation import Identify, VendorVisit, identifiers
from gateway.core.outcome import Identified
from gateway.engine.conversation import Conversation, heard, primary_first
from gateway.engine.desk import Desk
from gateway.engine.endings import member_id_key, member_key
from gateway.engine.ports import Tx
from gateway.engine.refusal import Refused
from gateway.engine.releasing import Releasing, sites_of
from gateway.engine.routing import Route, Store, matching
from gateway.engine.rows import Asked, VisitRow

REFUSALS = {
    "member_not_found": "member_not_found",
    "member_inactive": "member_not_found",
    "code_used": "code_used",
    "member_differs": "member_differs",
}
"""What a vendor's decline of an identification is to the till."""


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
        name = f"{store.code}/{ask.visit_id}"
        opening = self._opening.get(name)
        if opening is None:
            opening = asyncio.create_task(self._open(store, ask, said, replaces, trace_id))
            self._opening[name] = opening
            opening.add_done_callback(lambda task: self._opened(name, task))
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

    def stop(self) -> None:
        """Hear nobody out any more."""
        for opening in self._opening.values():
            opening.cancel()

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
        ask = ask.model_copy(update={"at": await self._asked_at(store, ask, said)})
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
            answer={"till": ask.till, "results": _answers(routes, results)},
            vendors=_given(ask, routes, results),
            sites=sites_of(routes),
        )
        for route, task in zip(routes, tasks, strict=True):
            if not task.done():
                task.add_done_callback(self._too_late(row, ask, route, trace_id))
        failure = _failure(results[0])
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
            given = _given(ask, [route], [task.result()])
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
        ended = await self.desk.settled(added, deadline)
        await self.desk.told(ended)
        return all(entry.state == "done" for entry in ended)

    async def _row(self, store: Store, visit_id: str) -> VisitRow | None:
        return await self.desk.outbox.read(lambda tx: tx.visit(store.code, visit_id))

    async def _asked_at(self, store: Store, ask: Identify, said: str) -> datetime:
        """When this visit was first asked for: a repeated request says the very same calls."""
        asked = Asked(
            store=store.code,
            kind="visit",
            id=ask.visit_id,
            revision=1,
            fingerprint=said,
            state=None,
            accepted_at=ask.at,
            body={},
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


def _given(
    ask: Identify, routes: Sequence[Route], results: Sequence[Any]
) -> dict[str, VendorVisit]:
    """What each vendor that knows the member gave."""
    return {
        route.vendor: VendorVisit(
            visit_id=ask.visit_id,
            member=ask.member,
            member_id=result.member.id if result.member else None,
            rewards=result.rewards,
            keep=result.keep,
            holds=result.holds,
            till=ask.till,
            receipt_number=ask.receipt_number,
            cashier=ask.cashier,
            service_mode=ask.service_mode,
            order_id=ask.order_id,
        )
        for route, result in zip(routes, results, strict=True)
        if isinstance(result, Identified) and result.outcome == "applied"
    }


async def _learn(tx: Tx, store: str, vendor: str, given: VendorVisit) -> None:
    """Remember under which identifiers the vendor's member came."""
    if given.member_id is None:
        return
    for kind, value in identifiers(given.member).items():
        scope = f"{store}/{vendor}"
        await tx.alias(scope, member_key(kind, value), member_id_key(given.member_id))


def _failure(result: Any) -> Exception | None:
    """Why the primary vendor's answer is no visit."""
    if isinstance(result, Exception):
        return result
    if result.outcome == "applied":
        return None
    code = REFUSALS.get(result.reason or "", "member_not_found")
    return Refused(code, result.detail or f"the vendor says {result.reason}")


def _answers(routes: Sequence[Route], results: Sequence[Any]) -> list[dict[str, Any]]:
    answers = []
    for route, result in zip(routes, results, strict=True):
        spelled: dict[str, Any] = {"vendor": route.vendor, "adapter": route.adapter}
        if isinstance(result, Identified):
            spelled |= result.model_dump(mode="json", exclude={"keep", "holds"})
        else:
            detail = result.detail if isinstance(result, Refused) else "the gateway failed"
            spelled |= {"outcome": "declined", "reason": "unreachable", "detail": detail}
        answers.append(spelled)
    return answers
