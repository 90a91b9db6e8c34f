"""Small orders, a store with one vendor, and a gateway in a world of one clock."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.core.adapter import Adapter
from gateway.core.order import Order
from gateway.engine.routing import Plan, Route, Store
from tests.tiny import ADAPTER, TinyCredentials, TinySandbox, TinySite
from tests.virtual import SeededChance, VirtualClock
from tests.world import Gateway, Wire, fast_file

SITE = TinySite(store="0042", timezone="America/Toronto", currency="CAD")


def latte(
    receipt: str = "1", *, total: str = "5.00", member: str | None = "ana", **changes: Any
) -> Order:
    """One latte."""
    body: dict[str, Any] = {
        "till": "1",
        "receipt_number": receipt,
        "business_date": "2026-11-20",
        "opened_at": "2026-11-20T12:00:00-05:00",
        "channel": "in_store",
        "service_mode": "eat_in",
        "currency": "CAD",
        "member": member and {"kind": "card", "value": member},
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

    async def undo(self, order_id: str, undo: Any = "void", wait: float = 3.0) -> Any:
        """POST a void or refund and return the story."""
        gateway = self.gateway
        return await gateway.doors.undoing.undo(
            gateway.store("0042"),
            order_id,
            undo,
            reason="mistake",
            deadline=gateway.deadline(wait),
            trace_id="t",
        )

    def held(self) -> list[tuple[str | None, bool]]:
        """What Tiny holds: (receipt, standing)."""
        return [(row.receipt, row.standing) for row in self.tiny.ledger]


@pytest.fixture
def shop() -> Callable[..., Shop]:
    """A shop not yet open."""
    return Shop


def total_of(shop: Shop) -> Decimal:
    """All money Tiny was told of."""
    return sum((row.amount for row in shop.tiny.ledger), Decimal(0))
