"""The configuration changes while the gateway works: as a whole, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from adapters.spoonity import ADAPTER
from gateway.app import STOPPED, App
from gateway.app.finding import find_adapters
from gateway.edge.clock import SystemClock
from gateway.ops.metrics import Counted
from gateway.sandbox.server import SandboxServer
from gateway.settings import load
from tests.engine.conftest import latte
from tests.world import Log

OPS = {"Authorization": "Bearer ops-token-0123456789", "Prefer": "wait=0.3"}
POLL_SECONDS, POLLS = 0.05, 400
MEMBER = {"kind": "email", "value": "ana@example.test"}

CONFIG = """
listen: 127.0.0.1:{port}
data_dir: data
till_auth: none
ops: {{token: {{env: OPS}}}}
seal_keys: [{{file: seal.key}}]
vendors:
  {vendor}: {{adapter: spoonity, base_url: "{url}", rate_per_second: 1000}}
stores:
  "0042":
    timezone: America/Toronto
    currency: CAD
    routes: [{{vendor: {vendor}, api_key: {{file: key}}}}]
"""


@dataclass
class Life:
    """A gateway in this process, its configuration, and the vendor it speaks to."""

    folder: Path
    port: int
    sandbox: SandboxServer
    session: aiohttp.ClientSession

    def write(self, vendor: str = "spoonity-ca", key: str = "key-0042") -> Path:
        config = self.folder / "gateway.yaml"
        config.write_text(
            CONFIG.format(port=self.port, vendor=vendor, url=self.sandbox.url), "utf-8"
        )
        (self.folder / "key").write_text(key, "utf-8")
        (self.folder / "key").chmod(0o600)
        return config

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.session.request(method, url, json=body, headers=OPS) as answer:
            told: dict[str, Any] = await answer.json(content_type=None)
            return answer.status, told

    async def sell(self, order_id: str) -> tuple[int, dict[str, Any]]:
        order = latte(order_id, member=None).model_dump(mode="json") | {"member": MEMBER}
        return await self.ask("PUT", f"/v1/stores/0042/orders/{order_id}", order)

    async def until(self, done: Callable[[], Awaitable[bool]]) -> None:
        for _ in range(POLLS):
            if await done():
                return
            await asyncio.sleep(POLL_SECONDS)
        raise AssertionError("it never came to that")

    async def ready(self) -> bool:
        try:
            return (await self.ask("GET", "/readyz"))[0] == 200
        except aiohttp.ClientConnectionError:
            return False

    async def idle(self) -> bool:
        _, told = await self.ask("GET", "/ops/lanes")
        return all(lane["queued"] == 0 for lane in told["lanes"])


@asynccontextmanager
async def life(folder: Path, port: int, key: str = "key-0042") -> AsyncIterator[Life]:
    sandbox = SandboxServer(ADAPTER.sandbox(), SystemClock(), "127.0.0.1", 0)
    await sandbox.start()
    async with aiohttp.ClientSession() as session:
        alive = Life(folder=folder, port=port, sandbox=sandbox, session=session)
        environment = {"OPS": "ops-token-0123456789"}
        config = alive.write(key=key)
        app = App(
            config=config,
            environment=environment,
            settings=load(config, find_adapters(), environment),
            adapters=find_adapters(),
            log=Counted(log=Log()),
        )
        running = asyncio.create_task(app.run())
        await asyncio.sleep(0)
        await alive.until(alive.ready)
        yield alive
        app.stop()
        assert await running == STOPPED
    await sandbox.stop()


async def test_a_rotated_secret_frees_the_orders_that_waited_for_it(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with life(tmp_path, unused_tcp_port, key="revoked") as alive:
        status, told = await alive.sell("1")
        assert (status, told["results"][0]["reason"]) == (202, "unauthorized")
        alive.write(key="key-0042")
        status, told = await alive.ask("POST", "/ops/reload")
        assert status == 200
        assert any("api_key" in change for change in told["changes"])
        assert "key-0042" not in str(told)
        await alive.until(alive.idle)
        _, told = await alive.ask("GET", "/v1/stores/0042/orders/1")
        assert told["outcome"] == "applied"


async def test_a_vendor_with_a_backlog_cannot_be_dropped(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with life(tmp_path, unused_tcp_port) as alive:
        await alive.sandbox.unplug()
        assert (await alive.sell("1"))[0] == 202
        alive.write(vendor="another")
        status, told = await alive.ask("POST", "/ops/reload")
        assert status == 422
        assert "spoonity-ca still has entries waiting" in told["detail"]
        await alive.sandbox.plug_in()
        await alive.until(alive.idle)
        status, _ = await alive.ask("POST", "/ops/reload")
        assert status == 200
        assert (await alive.sell("2"))[1]["results"][0]["vendor"] == "another"


async def test_a_broken_configuration_changes_nothing(tmp_path: Path, unused_tcp_port: int) -> None:
    async with life(tmp_path, unused_tcp_port) as alive:
        (alive.folder / "gateway.yaml").write_text("listen: 5\nstorse: {}\n", "utf-8")
        status, told = await alive.ask("POST", "/ops/reload")
        assert status == 422
        assert "gateway.yaml:2:1" in told["detail"]
        assert "stores" in told["detail"]
        assert (await alive.sell("1"))[0] in (200, 202)
