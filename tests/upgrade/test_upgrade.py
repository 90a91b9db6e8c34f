"""An outbox of an earlier release goes on where it stood, whatever state its entries are in."""

import shutil
from pathlib import Path

import pytest

from tests.engine.conftest import Shop
from tests.upgrade.identify import identify
from tests.virtual import run

RELEASES = sorted(Path(__file__).parent.glob("*.db"))

ENDS = {
    "applied": ["done"],
    "declined": ["done"],
    "skipped": ["done"],
    "voided": ["done", "done"],
    "parked": ["parked"],
    "behind": ["queued"],
    "cancelled": ["done", "done"],
    "doubted": ["parked"],
    "queued": ["done"],
}
"""Each order's entries once the vendor is healthy: only a person frees what is in doubt."""


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_every_state_of_an_earlier_release_is_taken_up(release: Path, tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    shutil.copy(release, path)

    async def story() -> None:
        shop = Shop(path)
        await shop.gateway.start()
        await shop.clock.sleep(120)
        store, doors = shop.gateway.store("0042"), shop.gateway.doors
        found = {
            order: [entry.state for entry in (await doors.orders.get(store, order)).entries]
            for order in ENDS
        }
        assert found == ENDS
        assert [receipt for receipt, _ in shop.held()] == ["queued"]
        again = await shop.sell("applied")
        assert again.entries[0].outcome.reference == "t-1"
        await identify(shop, "visit", "vic")
        assert len(shop.wire.sent) == 1
        assert (await doors.upkeep.verify())["ok"]
        await doors.operator.settle(again.entries[0].id + 5, "t-3", "seen", "op")
        await shop.clock.sleep(5)
        assert [receipt for receipt, _ in shop.held()] == ["queued", "behind"]
        await shop.clock.sleep(2000)
        assert shop.wire.sent[-1][1].step == "free"
        await shop.gateway.kill()

    run(story())
