"""A store's power fails three hundred times; nothing a till was told is lost."""

from pathlib import Path

import pytest

from tests.torture.storm import Storm

pytestmark = pytest.mark.torture

KILLS = 300
ORDERS_EACH = 250


@pytest.mark.parametrize("seed", [1, 2])
async def test_three_hundred_power_cuts_lose_double_and_reorder_nothing(
    seed: int, tmp_path: Path
) -> None:
    storm = Storm(tmp_path, seed=seed, kills=KILLS, orders_each=ORDERS_EACH)
    verdict, clearing = await storm.rage()
    print(f"{KILLS} kills, {storm.early} of them before the gateway was ready: {verdict}")
    print(f"parked on the way: {clearing.parked}; vendors: {dict(storm.faults)}")
    assert not verdict.faults
    assert verdict.acknowledged > KILLS
    assert "Traceback" not in storm.gateway.said
