"""Quotes and reward lists: what a vendor says of a basket before anybody pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from gateway.core.money import plain
from gateway.core.operation import Quote, Rewards
from gateway.core.order import Order
from gateway.core.outcome import Quoted, RewardList
from gateway.engine.accepting import fingerprint
from gateway.engine.baskets import basket_of
from gateway.engine.conversation import Conversation, heard, primary_first
from gateway.engine.desk import Desk
from gateway.engine.refusal import Refused
from gateway.engine.routing import Route, Store, known_of, matching, primary
from gateway.engine.rows import QuoteRow, VisitRow

QUOTE_SECONDS = 900.0
"""A quarter of an hour: as long as the shortest-lived vendor's signature holds."""


@dataclass(frozen=True, kw_only=True)
class Quotes:
    """POST of quotes, GET of rewards."""

    desk: Desk

    async def ask(
        self, store: Store, order_id: str, order: Order, *, deadline: float, trace_id: str
    ) -> QuoteRow:
        """Have a basket checked by every vendor that prices one; the primary one decides."""
        desk = self.desk
        desk.check_extensions(order.extensions)
        visit = await self._visit(store, order)
        routes = self._routes(store, order, visit)
        quote_id = desk.chance.identity()
        tasks = await primary_first(
            [
                self._quote(store, route, order_id, order, visit, quote_id, deadline, trace_id)
                for route in routes
            ]
        )
        results = [heard(task) for task in tasks]
        for task in tasks:
            task.cancel()
        first = results[0]
        if not isinstance(first, Quoted):
            raise first
        row = QuoteRow(
            store=store.code,
            quote_id=quote_id,
            fingerprint=fingerprint(order),
            expires_at=desk.clock.now() + timedelta(seconds=QUOTE_SECONDS),
            answer={
                "quote_id": quote_id,
                "accepted": first.accepted,
                "discount_total": plain(first.discount),
                "results": _answers(routes, results),
                "promised": _promised(first),
            },
            keeps=_keeps(routes, results),
            basket=basket_of(order),
        )
        await desk.outbox.write(lambda tx: tx.put_quote(row), accepts=True)
        facts = {"store": store.code, "order": order_id, "trace_id": trace_id}
        desk.log("quote.given", quote=quote_id, accepted=first.accepted, **facts)
        return row

    async def rewards(self, store: Store, *, deadline: float, trace_id: str) -> RewardList:
        """List the active rewards of the primary vendor's brand."""
        route = primary(store, {})
        if route is None:
            raise Refused("unsupported_operation", f"store {store.code} has no vendor for it")
        conversation = Conversation(
            desk=self.desk,
            store=store,
            route=route,
            name="rewards",
            owner=f"rewards:{store.code}/{route.vendor}",
            trace_id=trace_id,
        )
        listed: RewardList = await conversation.hold(Rewards(at=self.desk.clock.now()), deadline)
        return listed

    async def _visit(self, store: Store, order: Order) -> VisitRow | None:
        if order.visit_id is None:
            return None
        visit_id = order.visit_id
        visit = await self.desk.outbox.read(lambda tx: tx.visit(store.code, visit_id))
        if visit is None:
            raise Refused("visit_not_found", f"store {store.code} has no visit {visit_id}")
        return visit

    def _routes(self, store: Store, order: Order, visit: VisitRow | None) -> list[Route]:
        adapters = self.desk.plan().adapters
        member = order.member
        if visit is not None:
            member = next((given.member for given in visit.vendors.values()), member)
        routes = matching(store, known_of(order, member))
        if not routes or routes[0].role != "primary":
            raise Refused("unsupported_by_vendor", f"no vendor of store {store.code} takes it")
        first = routes[0]
        self.desk.check_offline(store, first, "quote")
        return [route for route in routes if "quote" in adapters[route.adapter].operations]

    async def _quote(
        self,
        store: Store,
        route: Route,
        order_id: str,
        order: Order,
        visit: VisitRow | None,
        quote_id: str,
        deadline: float,
        trace_id: str,
    ) -> Quoted:
        conversation = Conversation(
            desk=self.desk,
            store=store,
            route=route,
            name="quote",
            owner=f"quote:{store.code}/{quote_id}/{route.vendor}",
            trace_id=trace_id,
        )
        ask = Quote(
            at=self.desk.clock.now(),
            order_id=order_id,
            order=order,
            visit=visit.vendors.get(route.vendor) if visit else None,
        )
        quoted: Quoted = await conversation.hold(ask, deadline)
        return quoted


def _promised(quoted: Quoted) -> dict[str, Any]:
    """What the order must say later: the reward's discount, and the vendor's totals if any."""
    totals = quoted.totals
    discount = quoted.discount if quoted.accepted else Decimal(0)
    return {
        "discount": plain(discount),
        "tax_total": plain(totals.tax_total) if totals else None,
        "total": plain(totals.total) if totals else None,
    }


def _keeps(routes: Sequence[Route], results: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """What each vendor wants back with the order."""
    return {
        route.vendor: {"discount": plain(result.discount), "keep": result.keep}
        for route, result in zip(routes, results, strict=True)
        if isinstance(result, Quoted)
    }


def _answers(routes: Sequence[Route], results: Sequence[Any]) -> list[dict[str, Any]]:
    answers = []
    for route, result in zip(routes, results, strict=True):
        spelled: dict[str, Any] = {"vendor": route.vendor}
        if isinstance(result, Quoted):
            spelled |= result.model_dump(mode="json", exclude={"keep"})
        else:
            detail = result.detail if isinstance(result, Refused) else "the gateway failed"
            spelled |= {"accepted": False, "reason": "unreachable", "detail": detail}
        answers.append(spelled)
    return answers
