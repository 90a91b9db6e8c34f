"""An operator with a token, before a house."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from tests.api.conftest import Clients, Till
from tests.api.house import TOKEN, House, open_house


class Operator:
    """Speaks to /ops with the token."""

    def __init__(self, client: TestClient[web.Request, web.Application], house: House) -> None:
        self.client = client
        self.house = house
        self.till = Till(client, house)

    async def ask(
        self, method: str, path: str, body: Any = None, *, header: str = f"Bearer {TOKEN}"
    ) -> tuple[int, Any]:
        """Send one request; the status and the JSON that came back."""
        headers = {"Authorization": header} if header else {}
        async with self.client.request(method, "/ops" + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A gateway over a file of its own."""
    async with open_house(tmp_path / "outbox.db") as opened:
        yield opened


@pytest.fixture
async def operator(house: House, aiohttp_client: Clients) -> Operator:
    """An operator, and a till that makes work for them."""
    return Operator(await aiohttp_client(house.app()), house)
