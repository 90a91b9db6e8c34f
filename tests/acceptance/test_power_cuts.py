"""A store's power fails fifty times in a rush hour; nothing a till was told is lost."""

from pathlib import Path

from tests.torture.storm import Storm

KILLS = 50
ORDERS_EACH = 60
"""Orders a till sells at most: enough for the whole storm, little enough to drain soon."""


async def test_fifty_power_cuts_lose_double_and_reorder_nothing(tmp_path: Path) -> None:
    storm = Storm(tmp_path, seed=1120, kills=KILLS, orders_each=ORDERS_EACH)
    verdict, clearing = await storm.rage()
    print(f"{KILLS} kills, {storm.early} of them before the gateway was ready: {verdict}")
    print(f"parked on the way: {clearing.parked}; vendors: {dict(storm.faults)}")
    assert not verdict.faults
    assert verdict.acknowledged > KILLS
    assert verdict.applied > KILLS
