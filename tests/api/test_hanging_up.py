"""A till that does not wait for its answer: what it had to know waits for a person."""

import asyncio

import aiohttp
import pytest

from tests.api.conftest import Till
from tests.api.house import latte

POLLS, POLL_SECONDS = 200, 0.02


async def _flagged(till: Till) -> int:
    return len(await till.house.doors.operator.entries("done", None, unattended=True))


async def test_a_decline_that_was_heard_is_nobody_s(till: Till) -> None:
    _, told = await till.ask("PUT", "/orders/1", latte(total="666.00"))
    assert told["outcome"] == "declined"
    assert await _flagged(till) == 0


async def test_a_decline_that_nobody_heard_is_a_person_s(till: Till) -> None:
    till.house.wire.latency_seconds = 0.2
    url = till.client.make_url("/v1/stores/0042/orders/1")
    impatient = aiohttp.ClientTimeout(total=0.1)
    async with aiohttp.ClientSession(timeout=impatient) as session:
        with pytest.raises(TimeoutError):
            await session.put(url, json=latte(total="666.00"))
    for _ in range(POLLS):
        if await _flagged(till):
            break
        await asyncio.sleep(POLL_SECONDS)
    await asyncio.sleep(POLL_SECONDS)
    assert await _flagged(till) == 1
