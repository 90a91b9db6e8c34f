"""Void and refund at the door: they follow their order, or end it here if nothing was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.core.operation import Refund, ReturnedLine, Void, member_of
from gateway.core.order import Order
from gateway.core.outcome import Outcome, declined
from gateway.engine.accepting import check_can_say, fingerprint, keys_of
from gateway.engine.admission import undoes
from gateway.engine.desk import Desk
from gateway.engine.endings import accept_entry, end_job
from gateway.engine.orders import FORGOTTEN, Orders, OrderStory
from gateway.engine.ports import Tx
from gateway.engine.refusal import Refused
from gateway.engine.routing import Route, Store
from gateway.engine.rows import Asked, Entry, NewEntry

Undo = Literal["void", "refund"]


@dataclass(frozen=True, kw_only=True)
class Undoing:
    """POST of void and refund."""

    desk: Desk
    orders: Orders

    async def undo(
        self,
        store: Store,
        order_id: str,
        undo: Undo,
        *,
        reason: str,
        lines: tuple[ReturnedLine, ...] | None = None,
        deadline: float,
        trace_id: str,
    ) -> OrderStory:
        """Undo an order at every vendor it went to, and wait a while."""
        story = await self.orders.get(store, order_id)
        if not _already(story.entries, undo):
            new = self._entries(store, story, undo, reason, lines, trace_id)
            await self._accept(store, story, undo, reason, new)
        story = await self.orders.get(store, order_id)
        first = [entry for entry in _latest(story.entries, undo) if entry.role == "primary"]
        await self.desk.until_settled(first, deadline)
        story = await self.orders.get(store, order_id)
        await self.desk.told(_latest(story.entries, undo))
        return story

    def _entries(
        self,
        store: Store,
        story: OrderStory,
        undo: Undo,
        reason: str,
        lines: tuple[ReturnedLine, ...] | None,
        trace_id: str,
    ) -> list[NewEntry]:
        """One for every vendor of the order that is not undone yet."""
        if story.asked.body is None:
            raise Refused("operation_conflict", FORGOTTEN)
        order = Order.model_validate(story.asked.body)
        done = {
            entry.vendor
            for entry in story.entries
            if entry.operation == undo and not _failed(entry)
        }
        return [
            self._entry(story, order, route, undo, reason, lines, trace_id)
            for route in self.orders.first_routes(store, story.entries)
            if route.vendor not in done
        ]

    def _entry(
        self,
        story: OrderStory,
        order: Order,
        route: Route,
        undo: Undo,
        reason: str,
        lines: tuple[ReturnedLine, ...] | None,
        trace_id: str,
    ) -> NewEntry:
        if route.role == "primary":
            self.desk.check_offline(story.store, route, undo)
        submit = [entry for entry in story.entries if entry.vendor == route.vendor][-1]
        facts = {
            "at": self.desk.clock.now(),
            "order_id": story.order_id,
            "order": order,
            "visit": submit.ask.get("visit"),
            "reason": reason,
        }
        ask = Void(**facts) if undo == "void" else Refund(**facts, lines=lines)
        member_id = ask.visit.member_id if ask.visit else None
        return NewEntry(
            vendor=route.vendor,
            adapter=route.adapter,
            role=route.role,
            operation=undo,
            subject=story.order_id,
            revision=story.asked.revision,
            ask=ask.model_dump(mode="json"),
            site=route.site.model_dump(mode="json"),
            keys=keys_of(story.order_id, member_of(ask), member_id),
            receipt_number=order.receipt_number,
            trace_id=trace_id,
            outcome=self._cannot_say(ask, undo, route),
        )

    def _cannot_say(self, ask: Void | Refund, undo: Undo, route: Route) -> Outcome | None:
        """Refused where the primary vendor cannot be told; a follower is declined on its own."""
        try:
            check_can_say(ask, undo, route, self.desk.plan().adapters[route.adapter])
        except Refused as refused:
            if route.role == "primary":
                raise
            return declined("unsupported_by_vendor", refused.detail)
        return None

    async def _accept(
        self, store: Store, story: OrderStory, undo: Undo, reason: str, new: Sequence[NewEntry]
    ) -> None:
        now = self.desk.clock.now()

        async def accept(tx: Tx) -> list[Entry]:
            before = await tx.asked(store.code, undo, story.order_id)
            entries = await tx.entries_of(store.code, story.order_id)
            if _already(entries, undo):
                return []  # the same request came twice at once; the other one was first
            await tx.put_asked(
                Asked(
                    store=store.code,
                    kind=undo,
                    id=story.order_id,
                    revision=len(before) + 1,
                    fingerprint=fingerprint({"reason": reason}),
                    state=None,
                    accepted_at=now,
                    body={"reason": reason},
                )
            )
            added = []
            for entry in new:
                accepted = await accept_entry(tx, store.code, entry, now)
                await _cancel_unsaid(tx, accepted, entries, now)
                added.append(accepted)
            return added

        added = await self.desk.outbox.write(accept, accepts=True)
        self.desk.say_accepted(added)
        self.desk.wake(added)


async def _cancel_unsaid(tx: Tx, undo: Entry, entries: Sequence[Entry], now: datetime) -> None:
    """Orders never said end here, and so does their undoing where nothing else was said."""
    submits = [e for e in entries if e.vendor == undo.vendor and e.operation == "submit"]
    said = False
    for submit in submits:
        if submit.state == "done":
            ended = submit.outcome
            said = said or bool(ended and (ended.kind == "applied" or ended.keep))
        elif submit.state == "queued" and not await tx.was_said(submit.id):
            detail = f"cancelled by a {undo.operation} before anything was sent"
            await end_job(submit, Outcome(kind="cancelled", detail=detail), now)(tx)
        else:
            said = True
    if submits and not said and undo.state == "queued" and submits[-1].state == "queued":
        detail = "the order was never sent; nothing to undo"
        await end_job(undo, Outcome(kind="cancelled", detail=detail), now)(tx)


def _already(entries: Sequence[Entry], undo: Undo) -> bool:
    """Tell whether this was asked before and need not be asked again; Refused beside the other."""
    for entry in entries:
        if undoes(entry) and entry.operation != undo:
            raise Refused("operation_conflict", f"the order already has a {entry.operation}")
    latest = [entry for entry in _latest(entries, undo) if entry.role == "primary"]
    return bool(latest) and not _failed(latest[-1])


def _latest(entries: Sequence[Entry], undo: Undo) -> list[Entry]:
    """The latest undoing at each vendor."""
    by_vendor = {entry.vendor: entry for entry in entries if entry.operation == undo}
    return list(by_vendor.values())


def _failed(entry: Entry) -> bool:
    return entry.outcome is not None and entry.outcome.kind == "declined"
