"""Stored value at the door: it has its place in the lane, and never waits out an outage."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.core.operation import Load, Pay, Reverse, VendorVisit, member_of
from gateway.core.outcome import Outcome
from gateway.engine.accepting import check_can_say, fingerprint, keys_of, says_of
from gateway.engine.delivery import record_of
from gateway.engine.desk import Desk
from gateway.engine.endings import end_job, subject_key
from gateway.engine.notices import store_bell
from gateway.engine.ports import Job, Tx
from gateway.engine.refusal import Refused
from gateway.engine.routing import Route, Store, primary
from gateway.engine.rows import Asked, AskedKind, Entry, NewEntry

LEFT_OVER = 1000
"""More payments than tills there are at any chain: each waits for one at most."""


@dataclass(frozen=True, kw_only=True)
class PaymentStory:
    """What is known of a payment: its own entry, or its reversal's where that was asked for."""

    entry: Entry
    reversed: bool


@dataclass(frozen=True, kw_only=True)
class Payments:
    """PUT and GET of payments, POST of their reversal."""

    desk: Desk

    async def put(
        self,
        store: Store,
        payment: Pay | Load,
        said: str,
        *,
        visit_id: str | None,
        deadline: float,
        trace_id: str,
    ) -> PaymentStory:
        """Take or add stored value at the primary vendor.

        Refused `vendor_unreachable` where it certainly was not sent: the same id may be tried
        again. `said` is the fingerprint of the till's body.
        """
        route = self._primary(store, payment)
        given = await self._visit(store, route, visit_id)
        ask = payment.model_copy(update={"visit": given})
        return await self._accept(
            store, route, ask, "payment", payment.payment_id, said, deadline, trace_id
        )

    async def get(self, store: Store, payment_id: str) -> PaymentStory:
        """What became of a payment itself; Refused `order_not_found`."""
        entries = await self._entries(store, payment_id)
        paid = [entry for entry in entries if entry.operation != "reverse"]
        if not paid:
            raise Refused("order_not_found", f"store {store.code} has no payment {payment_id}")
        return _story(paid[-1], entries)

    async def reverse(
        self, store: Store, payment_id: str, reason: str, *, deadline: float, trace_id: str
    ) -> PaymentStory:
        """Undo a payment that was applied, where the vendor can."""
        await self.get(store, payment_id)
        paid = next(
            (
                entry
                for entry in await self._entries(store, payment_id)
                if entry.operation in ("pay", "load") and _applied(entry)
            ),
            None,
        )
        if paid is None:
            raise Refused(
                "operation_conflict", f"no payment {payment_id} was applied; nothing to reverse"
            )
        if not paid.ask:
            raise Refused("operation_conflict", "the payment is older than this gateway remembers")
        route = store.route_to(paid.vendor)
        if route is None:
            raise Refused("unsupported_operation", f"{paid.vendor} is no vendor here any more")
        now = self.desk.clock.now()
        ask = Reverse.model_validate(
            {"at": now, "payment": paid.ask, "reason": reason, "record": record_of([paid])}
        )
        said = fingerprint({"reason": reason})
        return await self._accept(
            store, route, ask, "reverse", payment_id, said, deadline, trace_id
        )

    async def _accept(
        self,
        store: Store,
        route: Route,
        ask: Pay | Load | Reverse,
        kind: AskedKind,
        payment_id: str,
        said: str,
        deadline: float,
        trace_id: str,
    ) -> PaymentStory:
        new = self._entry(route, ask, payment_id, trace_id)
        asked = Asked(
            store=store.code,
            kind=kind,
            id=payment_id,
            revision=1,
            fingerprint=said,
            state=None,
            accepted_at=self.desk.clock.now(),
            body=new.ask,
        )
        job = _accept_once(asked, new, away=self.desk.away(store, route))
        entry = await self.desk.outbox.write(job, accepts=True)
        if entry.accepted_at == asked.accepted_at:
            self.desk.say_accepted([entry])
        self.desk.wake([entry])
        ended = await self._settle(entry, deadline)
        return _story(ended, await self._entries(store, payment_id))

    async def cancel_left_over(self) -> None:
        """After a restart no till waits any more: what was not sent is not sent."""
        queued = await self.desk.outbox.read(lambda tx: tx.queued_money(LEFT_OVER))
        for entry in queued:
            await self._cancel(entry, "the gateway stopped before it was sent")

    async def _settle(self, entry: Entry, deadline: float) -> Entry:
        """Wait; what was not sent by then is cancelled, and the till told so."""
        [ended] = await self.desk.settled([entry], deadline, patient=True)
        if ended.state == "queued":
            ended = await self._cancel(ended)
        if _cancelled(ended):
            raise Refused("vendor_unreachable", f"{ended.vendor} was not reached; nothing was sent")
        await self.desk.told([ended])
        return ended

    async def _cancel(self, entry: Entry, why: str = "not sent in time") -> Entry:
        now = self.desk.clock.now()

        async def job(tx: Tx) -> Entry:
            if await tx.still_queued([entry.id]) and not await tx.was_said(entry.id):
                outcome = Outcome(kind="cancelled", reason="unreachable", detail=why)
                await end_job(entry, outcome, now)(tx)
            return await tx.entry(entry.id) or entry

        ended = await self.desk.outbox.write(job)
        self.desk.notices.ring(store_bell(entry.store))
        return ended

    def _primary(self, store: Store, payment: Pay | Load) -> Route:
        known: dict[str, str | None] = {"till": payment.till, "member": payment.member.kind}
        route = primary(store, known)
        if route is None:
            raise Refused("unsupported_operation", f"store {store.code} has no vendor for it")
        return route

    def _entry(
        self, route: Route, ask: Pay | Load | Reverse, payment_id: str, trace_id: str
    ) -> NewEntry:
        adapter = self.desk.plan().adapters[route.adapter]
        says_of(adapter, ask.name)
        check_can_say(ask, ask.name, route, adapter)
        paid: Pay | Load = ask.payment if isinstance(ask, Reverse) else ask
        member_id = paid.visit.member_id if paid.visit else None
        keys = keys_of(payment_id, member_of(ask), member_id, "payment")
        if paid.order_id:
            keys = (*keys, subject_key("order", paid.order_id))
        return NewEntry(
            vendor=route.vendor,
            adapter=route.adapter,
            role=route.role,
            operation=ask.name,
            subject=payment_id,
            revision=0,
            ask=ask.model_dump(mode="json"),
            site=route.site.model_dump(mode="json"),
            keys=keys,
            receipt_number=paid.receipt_number,
            trace_id=trace_id,
        )

    async def _visit(self, store: Store, route: Route, visit_id: str | None) -> VendorVisit | None:
        if visit_id is None:
            return None
        visit = await self.desk.outbox.read(lambda tx: tx.visit(store.code, visit_id))
        if visit is None:
            raise Refused("visit_not_found", f"store {store.code} has no visit {visit_id}")
        return visit.vendors.get(route.vendor)

    async def _entries(self, store: Store, payment_id: str) -> list[Entry]:
        entries = await self.desk.outbox.read(
            lambda tx: tx.entries_of(store.code, payment_id, "payment")
        )
        return [entry for entry in entries if entry.operation in ("pay", "load", "reverse")]


def amount_of(entry: Entry) -> Decimal | None:
    """What the till asked to move, in currency units; None once retention let it go."""
    payment = entry.ask.get("payment", entry.ask)
    amount = payment.get("amount")
    return None if amount is None else Decimal(amount)


def _story(entry: Entry, entries: Sequence[Entry]) -> PaymentStory:
    undone = any(one.operation == "reverse" and _applied(one) for one in entries)
    return PaymentStory(entry=entry, reversed=undone)


def _accept_once(asked: Asked, new: NewEntry, *, away: bool) -> Job[Entry]:
    """Accept a payment or a reversal unless it was taken before; what was cancelled may come again.

    Raises Refused `order_conflict` for another body, `offline_refused` while the vendor is away.
    """

    async def job(tx: Tx) -> Entry:
        before = await tx.asked(asked.store, asked.kind, asked.id)
        if before and before[-1].fingerprint != asked.fingerprint:
            raise Refused("order_conflict", f"{asked.id} was asked with another body")
        entries = [
            entry
            for entry in await tx.entries_of(asked.store, asked.id, "payment")
            if (entry.operation == "reverse") == (asked.kind == "reverse")
        ]
        if entries and not _cancelled(entries[-1]):
            return entries[-1]
        if away:
            raise Refused("offline_refused", f"{new.vendor} cannot be reached just now")
        await tx.put_asked(replace(asked, revision=len(before) + 1))
        return await tx.add_entry(asked.store, new, asked.accepted_at)

    return job


def _applied(entry: Entry) -> bool:
    return entry.outcome is not None and entry.outcome.kind == "applied"


def _cancelled(entry: Entry) -> bool:
    return entry.outcome is not None and entry.outcome.kind == "cancelled"
