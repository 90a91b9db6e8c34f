"""Where the demo plays: four vendors, one gateway, its tills, and a folder that is gone after."""

import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.app.finding import find_adapters
from gateway.cli.demo.baskets import Sale
from gateway.cli.demo.process import GatewayProcess, free_port
from gateway.cli.demo.stores import SHOPS, VENDORS, Written, write
from gateway.cli.peer import Peer
from gateway.cli.till import TillKey
from gateway.core import strict_json
from gateway.core.sandbox import Held, Sandbox
from gateway.edge.clock import SystemClock
from gateway.sandbox.control import Heard
from gateway.sandbox.server import SandboxServer


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a till was told, and how long it stood there."""

    status: int
    body: Any
    milliseconds: int

    def result(self, vendor: str) -> dict[str, Any]:
        """What became of it at one vendor; empty if nothing is said of that vendor."""
        results = [one for one in self.body.get("results", ()) if one["vendor"] == vendor]
        return dict(results[-1]) if results else {}


@dataclass(frozen=True, kw_only=True)
class Till:
    """One till of one store, with its key."""

    store: str
    key: TillKey
    peer: Peer

    @property
    def name(self) -> str:
        """The till's name."""
        return self.key.till

    async def ask(self, method: str, path: str, said: Any = None) -> Told:
        """Say something to the gateway, signed; `path` starts below the store."""
        target = f"/v1/stores/{self.store}{path}"
        body = b"" if said is None else strict_json.dumps(said)
        proof = self.key.authorization(method, target, body)
        began = time.monotonic()
        heard = await self.peer.ask(method, target, body=body, headers={"Authorization": proof})
        took = round((time.monotonic() - began) * 1000)
        return Told(status=heard.status, body=heard.json() if heard.body else {}, milliseconds=took)


@dataclass(frozen=True, kw_only=True)
class Sold:
    """One sale as it was said, and what the till was told at once."""

    sale: Sale
    till: Till
    told: Told

    def sequence(self, vendor: str) -> int:
        """The place in the vendor's lane that the till was told."""
        return int(self.told.result(vendor)["sequence"])


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """One played vendor, and the server it answers from."""

    sandbox: Sandbox
    server: SandboxServer

    def holds(self, receipt: str) -> list[Held]:
        """What it holds of one receipt."""
        return [held for held in self.sandbox.ledger if held.receipt == receipt]

    def heard(self) -> list[Heard]:
        """What it was sent so far."""
        return list(self.server.record.latest)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything an act needs; `sold` remembers every sale for the comparison at the end."""

    written: Written
    peer: Peer
    process: GatewayProcess
    vendors: Mapping[str, Vendor]
    sold: list[Sold] = field(default_factory=list)

    def till(self, name: str) -> Till:
        """One till by its name."""
        store = next(code for code, shop in SHOPS.items() if name in shop.tills)
        return Till(store=store, key=self.written.tills[name], peer=self.peer)

    async def lane(self, lane: str) -> dict[str, Any]:
        """How the operator sees a lane; empty if there is none."""
        heard = await self.peer.ask(
            "GET", "/ops/lanes", headers={"Authorization": f"Bearer {self.written.ops_token}"}
        )
        return next((one for one in heard.json()["lanes"] if one["lane"] == lane), {})


@asynccontextmanager
async def open_scene() -> AsyncIterator[Scene]:
    """Set everything up, and clear it away whatever happened."""
    adapters = find_adapters()
    sandboxes = {name: adapters[adapter].sandbox() for name, adapter in VENDORS.items()}
    vendors = {
        name: Vendor(sandbox=sandbox, server=SandboxServer(sandbox, SystemClock()))
        for name, sandbox in sandboxes.items()
    }
    with tempfile.TemporaryDirectory(prefix="tillbridge-demo-") as folder:
        try:
            for vendor in vendors.values():
                await vendor.server.start()
            urls = {name: vendor.server.url for name, vendor in vendors.items()}
            written = write(Path(folder), free_port(), urls)
            process = GatewayProcess(written.path)
            async with Peer(written.url) as peer:
                try:
                    await process.start(peer)
                    yield Scene(written=written, peer=peer, process=process, vendors=vendors)
                finally:
                    await process.kill()
        finally:
            for vendor in vendors.values():
                await vendor.server.stop()
