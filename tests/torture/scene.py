"""Two stores before two played vendors, written down as a configuration in a folder of its own."""

import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.spendgo import ADAPTER as SPENDGO
from adapters.spoonity import ADAPTER as SPOONITY
from gateway.core.sandbox import Sandbox
from gateway.edge.clock import SystemClock
from gateway.sandbox.server import SandboxServer

OPS_TOKEN = "ops-token-of-the-torture-room"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One store, the vendor it speaks to, and who buys there; None buys without a card."""

    store: str
    vendor: str
    timezone: str
    currency: str
    keys: Mapping[str, Any]
    secrets: Mapping[str, str]
    members: tuple[dict[str, Any] | None, ...]


SPOONITY_SHOP = Shop(
    store="0042",
    vendor="spoonity-ca",
    timezone="America/Toronto",
    currency="CAD",
    keys={"adapter": "spoonity"},
    secrets={"api_key": "key-0042"},
    members=(
        {"kind": "email", "value": "ana@example.test"},
        {"kind": "email", "value": "brandin@spoonity.com"},
    ),
)
SPENDGO_SHOP = Shop(
    store="0077",
    vendor="spendgo-us",
    timezone="America/New_York",
    currency="USD",
    keys={"adapter": "spendgo", "account_id": "90001"},
    secrets={
        "api_key": "spendgo-key",
        "secret": "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=",
    },
    members=(
        {"kind": "phone", "value": "4155550123", "consent": {"enrol": True}},
        {"kind": "phone", "value": "4155550124", "consent": {"enrol": True}},
        None,
    ),
)
SHOPS = (SPOONITY_SHOP, SPENDGO_SHOP)

ROUTE_KEYS: Mapping[str, Mapping[str, Any]] = {"spendgo-us": {"store_code": "0077"}}

VENDOR_SECONDS = "700ms"
"""How long a vendor is waited for: a vendor of ours answers at once or never."""


@dataclass(kw_only=True)
class Scene:
    """A configuration on disk, and the vendors it names; `data` is where the outbox lives."""

    folder: Path
    port: int
    sandboxes: Mapping[str, Sandbox]
    servers: Mapping[str, SandboxServer] = field(repr=False)
    data: Path
    shops: tuple[Shop, ...] = SHOPS
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where tills and operators knock."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> Path:
        """The configuration's file."""
        return self.folder / "gateway.yaml"

    @property
    def said(self) -> Path:
        """Where both outputs of the process go."""
        return self.folder / "said.txt"

    @property
    def database(self) -> Path:
        """The outbox's file."""
        return self.data / "outbox.db"

    def write(self) -> None:
        """Write the configuration and its secrets."""
        config = {
            "listen": f"127.0.0.1:{self.port}",
            "data_dir": str(self.data),
            "till_auth": "none",
            "ops": {"token": self.keep("ops-token", OPS_TOKEN)},
            "wait": "500ms",
            "vendors": {shop.vendor: self._vendor(shop) for shop in self.shops},
            "stores": {shop.store: _store(shop) for shop in self.shops},
            **self.overrides,
        }
        self.config.write_text(json.dumps(config, indent=1), "utf-8")

    def keep(self, name: str, secret: str) -> dict[str, str]:
        """Keep a secret in a file of its own; returns its reference."""
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_text(secret, "utf-8")
        return {"file": str(file)}

    def _vendor(self, shop: Shop) -> dict[str, Any]:
        kept = {key: self.keep(f"{shop.vendor}-{key}", s) for key, s in shop.secrets.items()}
        return {
            "base_url": self.servers[shop.vendor].url,
            "rate_per_second": 1000,
            "read_timeout": VENDOR_SECONDS,
            **shop.keys,
            **kept,
        }


@asynccontextmanager
async def open_scene(
    folder: Path,
    *,
    data: Path | None = None,
    shops: tuple[Shop, ...] = SHOPS,
    sandboxes: Mapping[str, Sandbox] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> AsyncIterator[Scene]:
    """Play the vendors in this very process, and write the configuration; no gateway yet."""
    played = sandboxes or {
        SPOONITY_SHOP.vendor: SPOONITY.sandbox(),
        SPENDGO_SHOP.vendor: SPENDGO.sandbox(),
    }
    servers = {vendor: SandboxServer(each, SystemClock()) for vendor, each in played.items()}
    for server in servers.values():
        await server.start()
    scene = Scene(
        folder=folder,
        port=_free_port(),
        sandboxes=played,
        servers=servers,
        data=data or folder / "data",
        shops=shops,
        overrides=overrides or {},
    )
    scene.write()
    try:
        yield scene
    finally:
        for server in servers.values():
            await server.stop()


def _store(shop: Shop) -> dict[str, Any]:
    return {
        "timezone": shop.timezone,
        "currency": shop.currency,
        "phone_region": shop.currency[:2],
        "routes": [{"vendor": shop.vendor, **ROUTE_KEYS.get(shop.vendor, {})}],
    }


def _free_port() -> int:
    with socket.socket() as seat:
        seat.bind(("127.0.0.1", 0))
        port: int = seat.getsockname()[1]
        return port
