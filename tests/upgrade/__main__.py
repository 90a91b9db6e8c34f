"""Writes the outbox of this release, with an entry in every state, to be kept for ever."""

import sys
from pathlib import Path

from gateway.core.flow import Call
from gateway.engine.ports import Account
from tests.engine.conftest import Shop
from tests.upgrade.identify import identify
from tests.virtual import run

HERE = Path(__file__).parent


def main() -> None:
    """Write tests/upgrade/<release>.db."""
    path = HERE / f"{sys.argv[1]}.db"
    path.unlink(missing_ok=True)
    run(_fill(path))
    for left in HERE.glob("*.db-*"):
        left.unlink()


async def _fill(path: Path) -> None:
    shop = Shop(path)
    await shop.gateway.start()
    await shop.sell("applied")
    await shop.sell("declined", total="666")
    await shop.sell("skipped", state="placed", payments=[])
    await shop.sell("voided", member="vera")
    await shop.undo("voided")
    await identify(shop, "visit", "vic")
    shop.wire.fault = _losing("parked")  # type: ignore[assignment]
    await shop.sell("parked", member="paul")
    await shop.clock.sleep(30)
    await shop.sell("behind", member="paul")
    shop.wire.fault = _losing("doubted")  # type: ignore[assignment]
    await shop.sell("doubted", member="dora", wait=0)
    await shop.clock.sleep(0.001)
    await shop.sell("cancelled", member="carl", wait=0)
    await shop.undo("cancelled", wait=0)
    await shop.sell("queued", member="quin", wait=0)
    await shop.gateway.kill()


def _losing(order_id: str) -> object:
    def fault(_account: Account, call: Call) -> str | None:
        return "lost_after" if call.body.get("id") == order_id else None

    return fault


main()
