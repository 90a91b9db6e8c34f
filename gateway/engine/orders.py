"""Orders at the door: accepted for every vendor they go to, or refused before anything is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.core.order import Order
from gateway.core.totals import Fault
from gateway.engine.accepting import fingerprint, submit_entry, submit_of
from gateway.engine.admission import check_next_state, known_revision
from gateway.engine.baskets import check_quote
from gateway.engine.desk import Desk
from gateway.engine.endings import accept_entry, turn_holds
from gateway.engine.ports import Tx
from gateway.engine.refusal import Refused
from gateway.engine.routing import Route, Store, known_of, matching
from gateway.engine.rows import Asked, Entry, NewEntry, QuoteRow, VisitRow

FORGOTTEN = "the order is older than this gateway remembers"
"""Why nothing new is said of an order whose bodies retention let go."""


@dataclass(frozen=True, kw_only=True)
class OrderStory:
    """What is known of an order: its latest revision and all its entries."""

    store: Store
    order_id: str
    asked: Asked
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class Orders:
    """PUT and GET of orders."""

    desk: Desk

    async def put(
        self, store: Store, order_id: str, order: Order, *, deadline: float, trace_id: str
    ) -> OrderStory:
        """Record an order in its state, and wait a while; Refused before anything is stored."""
        history, entries = await self._known(store, order_id)
        if not known_revision(history, order, fingerprint(order)):
            check_next_state(history, entries, order)
            _check_currency(store, order)
            self.desk.check_extensions(order.extensions)
            now = self.desk.clock.now()
            visit, quote = await self._conversations(store, order, entries)
            new = self._entries(store, order_id, order, entries, visit, quote, now, trace_id)
            await self._accept(store, order_id, order, new, visit, now)
        return await self._story(store, order_id, order.revision, deadline)

    async def _accept(
        self,
        store: Store,
        order_id: str,
        order: Order,
        new: Sequence[NewEntry],
        visit: VisitRow | None,
        now: datetime,
    ) -> None:
        """Put a revision, its entries and the visit it takes over on disk, all or none."""
        said = fingerprint(order)

        async def accept(tx: Tx) -> list[Entry]:
            before = await tx.asked(store.code, "order", order_id)
            if known_revision(before, order, said):
                return []
            earlier = await tx.entries_of(store.code, order_id)
            check_next_state(before, earlier, order)
            await tx.put_asked(
                Asked(
                    store=store.code,
                    kind="order",
                    id=order_id,
                    revision=order.revision,
                    fingerprint=said,
                    state=order.state,
                    accepted_at=now,
                    body=order.model_dump(mode="json"),
                )
            )
            if visit is not None:
                ttl = timedelta(seconds=store.visit_ttl_seconds)
                await _take_over(tx, visit, order, now + ttl)
            if order.state != "placed":
                await turn_holds(tx, earlier, "taken")
            return [await accept_entry(tx, store.code, entry, now) for entry in new]

        added = await self.desk.outbox.write(accept, accepts=True)
        self.desk.say_accepted(added)
        self.desk.wake(added)

    async def get(self, store: Store, order_id: str) -> OrderStory:
        """What became of an order; Refused `order_not_found`."""
        history, entries = await self._known(store, order_id)
        if not history:
            raise Refused("order_not_found", f"store {store.code} has no order {order_id}")
        return OrderStory(store=store, order_id=order_id, asked=history[-1], entries=tuple(entries))

    async def _known(self, store: Store, order_id: str) -> tuple[list[Asked], list[Entry]]:
        async def look(tx: Tx) -> tuple[list[Asked], list[Entry]]:
            return (
                await tx.asked(store.code, "order", order_id),
                await tx.entries_of(store.code, order_id),
            )

        return await self.desk.outbox.read(look)

    async def _conversations(
        self, store: Store, order: Order, earlier: Sequence[Entry]
    ) -> tuple[VisitRow | None, QuoteRow | None]:
        """The visit and the quote of an order; Refused where they are missing or do not fit.

        A later revision that names no visit keeps the one of the revision before.
        """
        outbox, visit, quote = self.desk.outbox, None, None
        visit_id = order.visit_id or _visit_before(earlier)
        if visit_id is not None:
            visit = await outbox.read(lambda tx: tx.visit(store.code, visit_id))
            if visit is None:
                raise Refused("visit_not_found", f"store {store.code} has no visit {visit_id}")
        if order.quote_id is not None:
            quote_id = order.quote_id
            quote = await outbox.read(lambda tx: tx.quote(store.code, quote_id))
            if quote is None:
                raise Refused("quote_expired", f"no quote {quote_id} is known")
            if quote.expires_at < self.desk.clock.now() and not earlier:
                raise Refused("quote_expired", f"quote {quote_id} ended at {quote.expires_at}")
            check_quote(quote, order)
        return visit, quote

    def _entries(
        self,
        store: Store,
        order_id: str,
        order: Order,
        earlier: Sequence[Entry],
        visit: VisitRow | None,
        quote: QuoteRow | None,
        now: datetime,
        trace_id: str,
    ) -> list[NewEntry]:
        routes = self._routes(store, order, earlier, visit)
        self.desk.check_offline(store, routes[0], "submit")
        self._check_reward(store, order, routes[0], visit, quote)
        adapters = self.desk.plan().adapters
        return [
            submit_entry(
                submit_of(order_id, order, route, visit, quote, now),
                route,
                adapters[route.adapter],
                trace_id=trace_id,
            )
            for route in routes
        ]

    def _routes(
        self, store: Store, order: Order, earlier: Sequence[Entry], visit: VisitRow | None
    ) -> list[Route]:
        """Those that match; a later revision goes where the first one went."""
        if not earlier:
            member = order.member
            if visit is not None:
                member = next((given.member for given in visit.vendors.values()), member)
            routes = list(matching(store, known_of(order, member)))
            if not routes or routes[0].role != "primary":
                raise Refused("unsupported_by_vendor", f"no vendor of store {store.code} takes it")
            return routes
        return self.first_routes(store, earlier)

    def first_routes(self, store: Store, earlier: Sequence[Entry]) -> list[Route]:
        """The routes an order's first revision took, as they were accepted if they are gone."""
        adapters = self.desk.plan().adapters
        routes: dict[str, Route] = {}
        for entry in earlier:
            if entry.operation == "submit" and entry.vendor not in routes:
                current = store.route_to(entry.vendor)
                if current is None and not entry.site:
                    raise Refused("operation_conflict", FORGOTTEN)
                site = adapters[entry.adapter].site
                routes[entry.vendor] = Route(
                    vendor=entry.vendor,
                    adapter=entry.adapter,
                    role=entry.role,
                    site=current.site if current else site.model_validate(entry.site),
                    settle_delay_seconds=current.settle_delay_seconds if current else 0,
                )
        return sorted(routes.values(), key=lambda route: route.role != "primary")

    def _check_reward(
        self,
        store: Store,
        order: Order,
        route: Route,
        visit: VisitRow | None,
        quote: QuoteRow | None,
    ) -> None:
        """A reward nobody quoted is a promise that needs the vendor (till-api.md §5)."""
        if store.offline_reward == "queue" or quote is not None or not order.redeems():
            return
        quotes = self.desk.plan().adapters[route.adapter].operations.get("quote")
        given = visit.vendors.get(route.vendor) if visit else None
        if quotes is not None and quotes.offline == "local" and given is not None:
            listed = {reward.reward_id for reward in given.rewards}
            wanted = {d.reward_id for d, _ in order.all_discounts() if d.reward_id}
            if wanted <= listed:
                return
        if self.desk.away(store, route):
            raise Refused(
                "offline_refused",
                f"{route.vendor} cannot be reached, and the reward was never quoted: "
                "sell without it",
            )

    async def _story(
        self, store: Store, order_id: str, revision: int, deadline: float
    ) -> OrderStory:
        story = await self.get(store, order_id)
        said = _said(story, revision)
        first = [entry for entry in said if entry.role == "primary" and entry.state == "queued"]
        if first:
            await self.desk.until_settled(first, deadline)
            story = await self.get(store, order_id)
        await self.desk.told(_said(story, revision))
        return story


def _said(story: OrderStory, revision: int) -> list[Entry]:
    """What a revision is at each vendor."""
    return [e for e in story.entries if e.operation == "submit" and e.revision == revision]


async def _take_over(tx: Tx, visit: VisitRow, order: Order, deadline: datetime) -> None:
    """A finished order answers for its visit from now on; an unfinished one gives it more time."""
    current = await tx.visit(visit.store, visit.visit_id)
    if current is None or current.state != "open":
        return
    if order.state == "completed":
        await tx.put_visit(replace(current, state="taken"))
    else:
        await tx.put_visit(replace(current, deadline=max(current.deadline, deadline)))


def _check_currency(store: Store, order: Order) -> None:
    if order.currency != store.currency:
        wrong = f"store {store.code} sells in {store.currency}, got {order.currency}"
        fault = Fault(code="invalid_order", path="currency", message=wrong)
        raise Refused("invalid_order", wrong, [fault])


def _visit_before(earlier: Sequence[Entry]) -> str | None:
    """The visit an earlier revision named."""
    orders = [entry.ask.get("order", {}) for entry in reversed(earlier)]
    return next((order["visit_id"] for order in orders if order.get("visit_id")), None)
