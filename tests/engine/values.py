"""Values the engine's tests are made of: adapters in other words, stores with two vendors, rows."""

from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.core.adapter import Adapter, Says
from gateway.engine.refusal import Refused
from gateway.engine.routing import Plan, Route
from gateway.engine.rows import Entry
from tests.engine.conftest import LANE, SITE, plan_of
from tests.tiny import ADAPTER
from tests.virtual import START

LATTE = {"line_id": "1", "sku": "s", "name": "Latte", "quantity": "1", "unit_price": "5.00"}


async def refused(told: Awaitable[object]) -> tuple[str, str]:
    """How something is refused: code and sentence."""
    with pytest.raises(Refused) as no:
        await told
    return no.value.code, no.value.detail


def free_coffee(reward_id: str = "7001", amount: str = "5.00") -> dict[str, Any]:
    """What an order says besides when a reward pays for the latte."""
    reward = {"id": "d1", "name": "Free coffee", "amount": amount, "reward_id": reward_id}
    left = str(Decimal("5.00") - Decimal(amount))
    return {
        "lines": [LATTE],
        "discounts": [reward],
        "discount_total": amount,
        "total": left,
        "subtotal": "5.00",
        "payments": [{"tender": "cash", "amount": left}],
    }


def plan_of_two(primary: Adapter = ADAPTER, follower: Adapter = ADAPTER, **store: Any) -> Plan:
    """One store, a primary vendor and one that follows."""
    routes = (
        Route(vendor="tiny-2", adapter="other", role="follower", site=SITE),
        Route(vendor="tiny-ca", adapter="tiny", role="primary", site=SITE),
    )
    plan = plan_of(primary, routes=routes, **store)
    return Plan(stores=plan.stores, adapters={"tiny": primary, "other": follower})


def saying(adapter: Adapter = ADAPTER, **flows: Any) -> Adapter:
    """An adapter that says some operations in other words."""
    others = {
        name: Says(flow=flow, doubt="unproved", offline="queue") for name, flow in flows.items()
    }
    return replace(adapter, operations={**adapter.operations, **others})  # type: ignore[dict-item]  # keywords are names


def an_entry(**facts: Any) -> Entry:
    """A queued submit as the outbox holds it."""
    given: dict[str, Any] = {
        "id": 1,
        "store": "0042",
        "vendor": "tiny-ca",
        "adapter": "tiny",
        "role": "primary",
        "lane": LANE,
        "sequence": 1,
        "operation": "submit",
        "subject": "1",
        "revision": 1,
        "receipt_number": None,
        "state": "queued",
        "attempts": 0,
        "starts": 0,
        "lost_runs": 0,
        "accepted_at": START,
        "due_at": None,
        "finished_at": None,
        "outcome": None,
        "reason": None,
        "detail": None,
        "overtook": (),
        "unattended": False,
        "approved": False,
        "trace_id": "t",
        "ask": {},
        "site": {},
    }
    return Entry(**{**given, **facts})
