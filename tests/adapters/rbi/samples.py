"""Sample stores and orders of RBI, for the tests beside this file."""

import json
from datetime import UTC, datetime
from typing import Any

from adapters.rbi.settings import RbiSite
from gateway.core.order import Order
from tests.adapters.transcript import HERE, SITE_FACTS, with_orders

AT = datetime(2026, 11, 20, 23, 31, 9, 250_000, tzinfo=UTC)
SITE = json.loads((HERE / "rbi" / "site.json").read_text("utf-8"))


def site(**facts: Any) -> RbiSite:
    return RbiSite.model_validate({**SITE_FACTS, **SITE, **facts})


def off(amount: str, reward: str | None = None) -> list[dict[str, Any]]:
    return [{"id": "d", "name": "less", "amount": amount, "reward_id": reward}]


def order(*lines: dict[str, Any], **changes: Any) -> Order:
    facts = with_orders({"basis": "rbi-burger", "changes": changes})
    return Order.model_validate({**facts, "lines": lines or facts["lines"]})
