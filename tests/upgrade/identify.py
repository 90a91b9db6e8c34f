"""One member identified at the small shop."""

from gateway.core.operation import Identify
from tests.engine.conftest import Shop


async def identify(shop: Shop, visit_id: str, name: str) -> None:
    """Open a visit."""
    gateway = shop.gateway
    ask = Identify.model_validate(
        {
            "at": shop.clock.now(),
            "visit_id": visit_id,
            "till": "1",
            "member": {"kind": "card", "value": name},
        }
    )
    await gateway.doors.visits.open(
        gateway.store("0042"),
        ask,
        "said",
        replaces=None,
        deadline=gateway.deadline(3),
        trace_id="t",
    )
