"""What a listener hears: every outcome, again from where it was, and a heartbeat between."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse

from gateway.api import events
from tests.api.conftest import Till
from tests.api.house import latte

EVENTS = "/v1/stores/0042/events"


@asynccontextmanager
async def listening(till: Till, last: str | None = None) -> AsyncIterator[ClientResponse]:
    """A listener that has connected."""
    headers = {} if last is None else {"Last-Event-ID": last}
    async with till.client.get(EVENTS, headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        assert await frame(response) == ": listening"
        yield response


async def frame(response: ClientResponse) -> str:
    """The next thing said."""
    async with asyncio.timeout(5):
        return (await response.content.readuntil(b"\n\n")).decode().strip()


async def heard(response: ClientResponse) -> tuple[str, dict[str, Any]]:
    """The next event: its id, and what it says."""
    lines = dict(line.split(": ", 1) for line in (await frame(response)).split("\n"))
    assert lines["event"] == "outcome"
    return lines["id"], json.loads(lines["data"])


async def test_every_outcome_is_heard_and_a_listener_goes_on_where_it_was(till: Till) -> None:
    async with listening(till) as ear:
        await till.ask("PUT", "/orders/1", latte("1"))
        await till.ask("PUT", "/orders/2", latte("2", total="666.00"))
        first, event = await heard(ear)
        assert (event["subject"], event["outcome"], event["store"]) == ("1", "applied", "0042")
        assert (await heard(ear))[1]["outcome"] == "declined"
    await till.ask("PUT", "/orders/3", latte("3"))
    async with listening(till, first) as ear:
        assert [(await heard(ear))[1]["subject"] for _ in range(2)] == ["2", "3"]
    async with listening(till) as ear:
        assert [(await heard(ear))[1]["subject"] for _ in range(3)] == ["1", "2", "3"]


async def test_a_store_hears_only_its_own(till: Till) -> None:
    await till.ask("PUT", "/orders/9", latte("9"), store="0077")
    async with listening(till) as ear:
        await till.ask("PUT", "/orders/1", latte("1"))
        assert (await heard(ear))[1]["subject"] == "1"


async def test_a_silent_line_has_a_heartbeat(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.02)
    async with listening(till) as ear:
        assert await frame(ear) == ": heartbeat"


async def test_listeners_are_bounded_and_a_place_is_free_again(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LISTENERS_PER_STORE", 1)
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.02)
    async with listening(till):
        assert (await till.ask("GET", "/events"))[1]["code"] == "too_many_requests"
    async with asyncio.timeout(5):
        while True:
            async with till.client.get(EVENTS) as again:
                if again.status == 200:
                    break
            await asyncio.sleep(0.02)


async def test_listeners_are_let_go_when_the_gateway_drains(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.02)
    async with listening(till) as ear:
        till.house.draining = True
        async with asyncio.timeout(5):
            await ear.content.read()


async def test_an_outcome_that_comes_to_nobody_is_kept_for_the_next_listener(till: Till) -> None:
    till.house.hold()
    await till.ask("PUT", "/orders/1", latte(), wait=0)
    await till.ask("POST", "/orders/1/void", {"reason": "x"}, wait=0)
    async with listening(till) as ear:
        told = [(await heard(ear))[1] for _ in range(2)]
    assert {(event["operation"], event["outcome"]) for event in told} == {
        ("submit", "cancelled"),
        ("void", "cancelled"),
    }
