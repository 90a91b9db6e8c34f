"""Time and chance as the machine has them."""

import re
from datetime import UTC, datetime, timedelta

from gateway.edge.clock import SystemChance, SystemClock
from gateway.engine.ports import Chance, Clock


async def test_the_time_is_aware_utc_and_the_timer_goes_on() -> None:
    clock: Clock = SystemClock()
    now, began = clock.now(), clock.monotonic()
    await clock.sleep(0.01)
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.monotonic() - began >= 0.009


def test_chance_stays_in_its_range_and_names_nothing_twice() -> None:
    chance: Chance = SystemChance()
    names = {chance.identity() for _ in range(200)}
    assert len(names) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,64}", name) for name in names)
    assert all(0 <= chance.random() < 1 for _ in range(200))
