"""A house for every test, and a till that speaks to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from tests.api.house import House, open_house

Clients = Callable[[web.Application], Awaitable[TestClient[web.Request, web.Application]]]


class Till:
    """Speaks JSON to one store."""

    def __init__(self, client: TestClient[web.Request, web.Application], house: House) -> None:
        self.client = client
        self.house = house

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        store: str = "0042",
        wait: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Send one request; the status and the JSON that came back."""
        preference = {} if wait is None else {"Prefer": f"wait={wait}"}
        async with self.client.request(
            method,
            f"/v1/stores/{store}{path}",
            json=body,
            headers={**preference, **(headers or {})},
        ) as answer:
            if answer.content_length == 0 or answer.status == 204:
                return answer.status, None
            return answer.status, await answer.json(content_type=None)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A gateway over a file of its own."""
    async with open_house(tmp_path / "outbox.db") as opened:
        yield opened


@pytest.fixture
async def till(house: House, aiohttp_client: Clients) -> Till:
    """A till that needs no key."""
    return Till(await aiohttp_client(house.app()), house)
