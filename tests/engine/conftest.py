"""Small orders, a store with one vendor, and a gateway in a world of one clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.core.adapter import Adapter
from gateway.core.operation import Identify, Load, Pay, ReturnedLine
from gateway.core.order import Order
from gateway.engine.accepting import fingerprint
from gateway.engine.orders import OrderStory
from gateway.engine.payments import PaymentStory
from gateway.engine.routing import Plan, Route, Store
from gateway.engine.rows import Entry, QuoteRow, VisitRow
from tests.tiny import ADAPTER, TinyCredentials, TinySandbox, TinySite
from tests.virtual import START, SeededChance, VirtualClock
from tests.world import Gateway, Wire, fast_file

SITE = TinySite(store="0042", timezone="America/Toronto", currency="CAD")
LANE = "0042/tiny-ca"
FAR = START + timedelta(days=3650)


def latte(receipt: str = "1", *, total: str = "5.00", member: Any = "ana", **changes: Any) -> Order:
    """One latte; a member is a card's number, or spelled out."""
    if isinstance(member, str):
        member = {"kind": "card", "value": member}
    body: dict[str, Any] = {
        "till": "1",
        "receipt_number": receipt,
        "business_date": "2026-11-20",
        "opened_at": "2026-11-20T12:00:00-05:00",
        "channel": "in_store",
        "service_mode": "eat_in",
        "currency": "CAD",
        "member": member,
        "lines": [
            {"line_id": "1", "sku": "s", "name": "Latte", "quantity": "1", "unit_price": total}
        ],
        "subtotal": total,
        "total": total,
        "payments": [{"tender": "cash", "amount": total}],
        **changes,
    }
    return Order.model_validate(body)


def plan_of(adapter: Adapter = ADAPTER, **store: Any) -> Plan:
    """One store, one primary vendor."""
    facts: dict[str, Any] = {
        "code": "0042",
        "timezone": "America/Toronto",
        "currency": "CAD",
        "routes": (Route(vendor="tiny-ca", adapter="tiny", role="primary", site=SITE),),
        **store,
    }
    return Plan(stores={"0042": Store(**facts)}, adapters={"tiny": adapter})


class Shop:
    """A gateway with Tiny behind it; made inside a virtual world."""

    def __init__(self, path: Path | None = None, plan: Plan | None = None) -> None:
        self.clock = VirtualClock()
        self.tiny = TinySandbox()
        self.wire = Wire(
            sandboxes={"tiny-ca": self.tiny, "tiny-2": self.tiny},
            adapters={"tiny": ADAPTER},
            credentials=dict.fromkeys(
                ("tiny-ca", "tiny-2"), TinyCredentials.model_validate({"key": "tiny-key"})
            ),
            clock=self.clock,
            adapter_of={"tiny-ca": "tiny", "tiny-2": "tiny"},
            sites={},
        )
        self.gateway = Gateway(
            plan=plan or plan_of(),
            wire=self.wire,
            clock=self.clock,
            chance=SeededChance(1),
            path=path or fast_file(),
        )

    @property
    def store(self) -> Store:
        """The one store there is."""
        return self.gateway.store("0042")

    @property
    def steps(self) -> list[str]:
        """Every call that reached the wire, by its step."""
        return [call.step for _, call in self.wire.sent]

    def lose(self, fault: str | None = "unsent", vendor: str | None = None) -> None:
        """Let calls go wrong from now on, those to one vendor or all; None mends it."""
        self.wire.fault = lambda account, _call: fault if vendor in (None, account.vendor) else None

    async def sell(self, order_id: str, wait: float = 3.0, **facts: Any) -> Any:
        """PUT a latte and return its story."""
        gateway = self.gateway
        return await gateway.doors.orders.put(
            gateway.store("0042"),
            order_id,
            latte(order_id, **facts),
            deadline=gateway.deadline(wait),
            trace_id="t",
        )

    async def story(self, order_id: str) -> OrderStory:
        """GET an order."""
        return await self.gateway.doors.orders.get(self.store, order_id)

    async def undo(
        self,
        order_id: str,
        undo: Any = "void",
        wait: float = 3.0,
        lines: tuple[ReturnedLine, ...] | None = None,
    ) -> Any:
        """POST a void or refund and return the story."""
        gateway = self.gateway
        return await gateway.doors.undoing.undo(
            gateway.store("0042"),
            order_id,
            undo,
            reason="mistake",
            lines=lines,
            deadline=gateway.deadline(wait),
            trace_id="t",
        )

    async def identify(
        self,
        visit_id: str,
        member: str = "ana",
        *,
        said: str = "f",
        replaces: str | None = None,
        wait: float = 3.0,
    ) -> VisitRow:
        """POST a visit."""
        ask = Identify.model_validate(
            {
                "at": self.clock.now(),
                "visit_id": visit_id,
                "till": "1",
                "member": {"kind": "card", "value": member},
            }
        )
        return await self.gateway.doors.visits.open(
            self.store,
            ask,
            said,
            replaces=replaces,
            deadline=self.gateway.deadline(wait),
            trace_id="t",
        )

    async def close(self, visit_id: str, wait: float = 3.0) -> bool:
        """DELETE a visit."""
        return await self.gateway.doors.visits.close(
            self.store, visit_id, deadline=self.gateway.deadline(wait), trace_id="t"
        )

    async def quote(self, order_id: str, wait: float = 3.0, **facts: Any) -> QuoteRow:
        """POST a quote for a latte."""
        return await self.gateway.doors.quotes.ask(
            self.store,
            order_id,
            latte(order_id, **facts),
            deadline=self.gateway.deadline(wait),
            trace_id="t",
        )

    async def pay(
        self,
        payment_id: str,
        wait: float = 3.0,
        *,
        load: bool = False,
        member: str = "ana",
        amount: str = "5.00",
        visit_id: str | None = None,
        order_id: str | None = None,
    ) -> PaymentStory:
        """PUT a payment or a load."""
        body = {
            "at": self.clock.now(),
            "payment_id": payment_id,
            "instrument": "gift_card",
            "amount": amount,
            "currency": "CAD",
            "member": {"kind": "card", "value": member},
            "till": "1",
            "order_id": order_id,
            "paid_at": self.clock.now(),
        }
        said = {key: body[key] for key in ("amount", "member")}
        return await self.gateway.doors.payments.put(
            self.store,
            Load.model_validate(body) if load else Pay.model_validate(body),
            fingerprint(said),
            visit_id=visit_id,
            deadline=self.gateway.deadline(wait),
            trace_id="t",
        )

    async def reverse(
        self, payment_id: str, reason: str = "mistake", wait: float = 3.0
    ) -> PaymentStory:
        """POST the reversal of a payment."""
        return await self.gateway.doors.payments.reverse(
            self.store,
            payment_id,
            reason,
            deadline=self.gateway.deadline(wait),
            trace_id="t",
        )

    async def parked(self) -> list[Entry]:
        """What waits for a person."""
        return await self.gateway.doors.operator.entries("parked", None)

    async def forget(self) -> None:
        """Let all bodies go, as retention does long after."""
        await self.gateway.outbox.write(lambda tx: tx.retire(FAR, 1000))

    def held(self) -> list[tuple[str | None, bool]]:
        """What Tiny holds: (receipt, standing)."""
        return [(row.receipt, row.standing) for row in self.tiny.ledger]


@asynccontextmanager
async def opened(plan: Plan | None = None, path: Path | None = None) -> AsyncIterator[Shop]:
    """A shop at work, and closed afterwards whatever happens."""
    shop = Shop(path, plan)
    await shop.gateway.start()
    try:
        yield shop
    finally:
        await shop.gateway.kill()
