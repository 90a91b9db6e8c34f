"""A store before its played vendors, as its till knows it: everything goes through the engine."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from gateway.core.operation import Identify, Load, Pay, ReturnedLine
from gateway.core.order import Member, Order
from gateway.core.outcome import RewardList
from gateway.core.sandbox import Held
from gateway.engine.accepting import fingerprint
from gateway.engine.orders import OrderStory
from gateway.engine.ports import Account as WireAccount
from gateway.engine.routing import Plan, Store
from gateway.engine.rows import Entry, QuoteRow, VisitRow
from tests.simulation.vendors import ACCOUNTS, Account, plan_of, wire_of
from tests.virtual import SeededChance, VirtualClock
from tests.world import Gateway

EXAMPLES = Path(__file__).parents[1] / "orders" / "examples"
WAIT_SECONDS = 3.0
"""What a till waits by default."""

Body = dict[str, Any]
Undo = Literal["void", "refund"]


def example(name: str) -> tuple[str, Body]:
    """Read one of the published example orders: its id, and its body."""
    data = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    return data["order_id"], data["order"]


def lattes(receipt: str, *, currency: str, **changes: Any) -> Body:
    """Two lattes at 5.00, paid in cash."""
    return {
        "till": "1",
        "receipt_number": receipt,
        "business_date": "2026-11-20",
        "opened_at": "2026-11-20T12:00:00-05:00",
        "closed_at": "2026-11-20T12:01:00-05:00",
        "channel": "in_store",
        "service_mode": "eat_in",
        "currency": currency,
        "lines": [
            {
                "line_id": "1",
                "sku": "sku-9",
                "name": "Latte",
                "quantity": "2",
                "unit_price": "5.00",
            }
        ],
        "subtotal": "10.00",
        "total": "10.00",
        "payments": [{"tender": "cash", "amount": changes.get("total", "10.00")}],
        **changes,
    }


def account_of(vendor: str, **facts: Any) -> Account:
    """The simulation's account of a vendor, with some settings of its own."""
    [account] = [one for one in ACCOUNTS if one.vendor == vendor]
    return replace(account, site={**account.site, **facts})


@dataclass(kw_only=True)
class Shop:
    """One store's till; it knows one store, and its vendors by name."""

    gateway: Gateway
    code: str

    @property
    def store(self) -> Store:
        """The store as it is configured now."""
        return self.gateway.store(self.code)

    @property
    def _asked(self) -> dict[str, Any]:
        return {"deadline": self.gateway.deadline(WAIT_SECONDS), "trace_id": "t"}

    async def put(self, order_id: str, body: Body) -> OrderStory:
        """PUT an order; the story as the till hears it."""
        orders = self.gateway.doors.orders
        return await orders.put(self.store, order_id, Order.model_validate(body), **self._asked)

    async def sell(self, order_id: str, body: Body) -> Entry:
        """PUT an order; what became of it at the primary vendor."""
        return _last(await self.put(order_id, body), "submit")

    async def undo(self, order_id: str, undo: Undo, **facts: Any) -> Entry:
        """POST a void or a refund; what became of it at the primary vendor."""
        return _last(await self.undone(order_id, undo, **facts), undo)

    async def undone(
        self, order_id: str, undo: Undo, lines: tuple[ReturnedLine, ...] | None = None
    ) -> OrderStory:
        """POST a void or a refund; the story as the till hears it."""
        undoing = self.gateway.doors.undoing
        return await undoing.undo(
            self.store, order_id, undo, reason="mistake", lines=lines, **self._asked
        )

    async def story(self, order_id: str) -> OrderStory:
        """GET an order."""
        return await self.gateway.doors.orders.get(self.store, order_id)

    async def visit(
        self, visit_id: str, member: Body, *, replaces: str | None = None, **facts: Any
    ) -> VisitRow:
        """POST a visit."""
        ask = Identify(
            at=self.gateway.clock.now(),
            visit_id=visit_id,
            till="1",
            member=Member.model_validate(member),
            **facts,
        )
        return await self.gateway.doors.visits.open(
            self.store, ask, fingerprint(ask.member), replaces=replaces, **self._asked
        )

    async def walk_away(self, visit_id: str) -> bool:
        """DELETE a visit; whether all of it is given back."""
        return await self.gateway.doors.visits.close(self.store, visit_id, **self._asked)

    async def quote(self, order_id: str, body: Body) -> QuoteRow:
        """POST a quote."""
        order = Order.model_validate(body)
        return await self.gateway.doors.quotes.ask(self.store, order_id, order, **self._asked)

    async def rewards(self) -> RewardList:
        """GET the brand's rewards."""
        return await self.gateway.doors.quotes.rewards(self.store, **self._asked)

    async def pay(self, payment_id: str, amount: str, member: Body, **facts: Any) -> Entry:
        """PUT a payment: by gift card unless told otherwise."""
        return await self._move(Pay, payment_id, amount, member, facts)

    async def load(self, payment_id: str, amount: str, member: Body, **facts: Any) -> Entry:
        """PUT a load of a gift card."""
        return await self._move(Load, payment_id, amount, member, facts)

    async def reverse(self, payment_id: str) -> Entry:
        """POST the reversal of a payment."""
        payments = self.gateway.doors.payments
        return (await payments.reverse(self.store, payment_id, "mistake", **self._asked)).entry

    async def _move(
        self, way: type[Pay | Load], payment_id: str, amount: str, member: Body, facts: Body
    ) -> Entry:
        now = self.gateway.clock.now()
        said = {"instrument": "gift_card", "amount": amount, "currency": self.store.currency}
        payment = way.model_validate(
            {
                "at": now,
                "paid_at": now,
                "payment_id": payment_id,
                "member": member,
                "till": "1",
                **said,
                **facts,
            }
        )
        payments = self.gateway.doors.payments
        story = await payments.put(
            self.store, payment, fingerprint(payment), visit_id=None, **self._asked
        )
        return story.entry

    def next_token(self, vendor: str) -> str:
        """Fetch a token as every call does; the vendor numbers them."""
        wire = self.gateway.wire
        adapter = wire.adapters[wire.adapter_of[vendor]]
        return wire.token(adapter, WireAccount(vendor=vendor, store=self.code))

    def steps(self, vendor: str) -> list[str]:
        """Every step said to a vendor so far, in order."""
        return [call.step for account, call in self.gateway.wire.sent if account.vendor == vendor]

    def bytes_of(self, step: str) -> bytes:
        """The body of the last call with this step."""
        return [call for _, call in self.gateway.wire.sent if call.step == step][-1].payload()

    def body(self, step: str) -> Any:
        """The JSON of the last call with this step."""
        return json.loads(self.bytes_of(step))

    def books(self, vendor: str) -> list[Held]:
        """What a vendor holds."""
        return list(self.gateway.wire.sandboxes[vendor].ledger)

    def entries(self, vendor: str) -> list[tuple[str, str | None, str | None, str, bool]]:
        """What a vendor holds: kind, receipt, member, amount, and whether it stands."""
        return [
            (row.kind, row.receipt, row.member, f"{row.amount:.2f}", row.standing)
            for row in self.books(vendor)
        ]


@asynccontextmanager
async def opened(
    *accounts: Account, plan: Plan | None = None, strict: bool = True
) -> AsyncIterator[Shop]:
    """Open the first account's store; at the end no vendor may have seen a breach of its contract.

    `strict=False` is for a story that shows one.
    """
    clock = VirtualClock()
    accounts = tuple(replace(account, sandbox=None) for account in accounts)
    gateway = Gateway(
        plan=plan or plan_of(accounts),
        wire=wire_of(accounts, clock),
        clock=clock,
        chance=SeededChance(1),
    )
    await gateway.start()
    try:
        yield Shop(gateway=gateway, code=accounts[0].store)
    finally:
        await gateway.kill()
    for vendor, sandbox in gateway.wire.sandboxes.items():
        assert not strict or list(sandbox.violations) == [], vendor


def ended(entry: Entry) -> tuple[str, str | None]:
    """How an entry ended: kind and reason, or its state and why it waits."""
    if entry.outcome is None:
        return entry.state, entry.reason
    return entry.outcome.kind, entry.outcome.reason


def at_vendor(story: OrderStory, vendor: str, operation: str) -> Entry:
    """The latest entry of an operation at one vendor."""
    return [e for e in story.entries if (e.vendor, e.operation) == (vendor, operation)][-1]


def _last(story: OrderStory, operation: str) -> Entry:
    primary = (entry for entry in story.entries if entry.role == "primary")
    return [entry for entry in primary if entry.operation == operation][-1]
