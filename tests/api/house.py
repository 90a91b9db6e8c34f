"""The till's and the operator's HTTP over real sockets, real SQLite, and Tiny behind it."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from gateway.api import make_app
from gateway.api.auth import SCHEME, signature
from gateway.core import strict_json
from gateway.edge.clock import SystemChance, SystemClock
from gateway.edge.outbox import SqlOutbox
from gateway.edge.outbox.database import ThreadedDatabase
from gateway.edge.seal import Seal
from gateway.engine.doors import Doors, make_doors
from gateway.engine.gate import TRIP_AFTER
from gateway.engine.routing import Plan, Route, Store, When
from gateway.ops import make_ops
from gateway.ops.metrics import Counted, metrics_text
from tests.api import plus
from tests.tiny import ADAPTER as TINY
from tests.tiny import TinyCredentials, TinySandbox, TinySite
from tests.world import KEY, ROOM, Log, Wire

T = TypeVar("T")

SECRET = b"till-secret-0001"
TOKEN = "ops-token"
TILLS = {"0042-1": ("0042", SECRET), "0077-1": ("0077", b"another-secret")}

ADAPTERS = {"tiny": TINY, "plus": plus.ADAPTER}
VENDORS = {"tiny-ca": "tiny", "plus-ca": "plus", "tiny-2": "tiny"}


def store_of(code: str, *routes: Route, **facts: Any) -> Store:
    """A Canadian store."""
    known: dict[str, Any] = {"timezone": "America/Toronto", "currency": "CAD", **facts}
    return Store(code=code, routes=routes, phone_region="CA", **known)


def route_to(vendor: str, store: str, **facts: Any) -> Route:
    """A route to a vendor, primary unless said otherwise."""
    site = TinySite(store=store, timezone="America/Toronto", currency="CAD")
    return Route(
        **{"vendor": vendor, "adapter": VENDORS[vendor], "role": "primary", **facts}, site=site
    )


STORES = (
    store_of("0042", route_to("tiny-ca", "0042"), name="King & Bay"),
    store_of("0077", route_to("plus-ca", "0077"), locale="fr-CA"),
    store_of(
        "0099",
        route_to("tiny-ca", "0099", when=When(channel=frozenset({"in_store"}))),
        route_to("tiny-2", "0099", role="follower"),
    ),
)


@dataclass
class House:
    """One gateway, all its HTTP, and what stands behind it."""

    doors: Doors
    wire: Wire
    tiny: TinySandbox
    clock: SystemClock
    log: Log
    outbox: SqlOutbox
    counted: Counted
    free_bytes: int = ROOM
    tills: Mapping[str, tuple[str, bytes]] | None = None
    draining: bool = False
    ready: dict[str, bool] = field(default_factory=lambda: {"disk": True})
    changes: list[str] = field(default_factory=list)
    refusal: Exception | None = None

    def app(self) -> web.Application:
        """The whole of it, as the composition root puts it together."""
        tills = self.tills
        app = make_app(
            self.doors,
            tills=None if tills is None else lambda: tills,
            ready=lambda: self.ready,
            metrics_text=lambda: metrics_text(self.doors, self.counted),
            draining=lambda: self.draining,
        )
        app.add_subapp("/ops", make_ops(self.doors, token=lambda: TOKEN, reload=self.reload))
        return app

    async def reload(self) -> list[str]:
        if self.refusal is not None:
            raise self.refusal
        return self.changes

    def away(self, kind: str = "unsent") -> None:
        """No vendor can be reached any more."""
        self.wire.fault = lambda _account, _call: kind

    def hold(self, vendor: str = "tiny-ca") -> None:
        """A vendor's breaker is open for a minute, nothing is in flight."""
        gate = self.doors.desk.gates.of(vendor)
        gate._failures = TRIP_AFTER
        gate._open_until = self.clock.monotonic() + 60

    def back(self) -> None:
        """All is well again, and no lane waits any longer."""
        self.wire.fault = lambda _account, _call: None
        for vendor in VENDORS:
            self.doors.desk.gates.of(vendor)._failures = 0
        for lane in self.doors.desk.lanes.known().values():
            lane.release_hold()

    async def doubt(self, ask: Callable[[], Awaitable[object]]) -> None:
        """Lose the answer to what is asked, and wait until that is known."""
        self.away("lost_after")
        await ask()

        async def parked() -> bool:
            if self.wire.sent:
                self.back()
            return bool(self.log.events("entry.parked"))

        await eventually(parked)

    async def count(self, table: str) -> int:
        """Rows that rest on disk."""
        [(rows,)] = await self.outbox._database.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - a table of ours
        return int(rows)


def wire_to(tiny: TinySandbox, clock: SystemClock) -> Wire:
    """Carries the calls of every vendor account to one Tiny."""
    credentials = TinyCredentials.model_validate({"key": "tiny-key"})
    return Wire(
        sandboxes=dict.fromkeys(VENDORS, tiny),
        adapters=ADAPTERS,
        credentials=dict.fromkeys(VENDORS, credentials),
        clock=clock,
        adapter_of=VENDORS,
        sites={},
    )


@asynccontextmanager
async def open_house(path: Path) -> AsyncIterator[House]:
    """A house over a file."""
    clock, tiny, log = SystemClock(), TinySandbox(), Log()
    wire = wire_to(tiny, clock)
    outbox = SqlOutbox(
        await ThreadedDatabase.open(path),
        Seal([KEY]),
        folder=path.parent,
        free_bytes=lambda: house.free_bytes,
        on_failure=lambda failure: log("storage.failed", detail=str(failure)),
    )
    counted = Counted(log=log)
    plan = Plan(stores={store.code: store for store in STORES}, adapters=ADAPTERS)
    doors = make_doors(
        outbox=outbox,
        send=wire,
        clock=clock,
        chance=SystemChance(),
        log=counted,
        plan=lambda: plan,
        rate=lambda _vendor: 1000,
        retention_seconds=lambda: 90 * 86400.0,
    )
    house = House(
        doors=doors, wire=wire, tiny=tiny, clock=clock, log=log, outbox=outbox, counted=counted
    )
    await outbox.start()
    await doors.open()
    try:
        yield house
    finally:
        await doors.close()
        await outbox.stop()


def authorization(
    method: str,
    target: str,
    body: bytes = b"",
    *,
    till: str = "0042-1",
    secret: bytes = SECRET,
    ts: int | None = None,
    nonce: str | None = None,
) -> str:
    """Sign a request as a till does."""
    ts = int(datetime.now(UTC).timestamp()) if ts is None else ts
    nonce = nonce or secrets.token_hex(8)
    sig = signature(secret, ts=ts, nonce=nonce, method=method, target=target, body=body)
    spelled = base64.b64encode(sig).decode()
    return f"{SCHEME} till={till}, ts={ts}, nonce={nonce}, sig={spelled}"


def latte(receipt: str = "1", *, total: str = "5.00", **changes: Any) -> dict[str, Any]:
    """One latte, as JSON."""
    return {
        "till": "1",
        "receipt_number": receipt,
        "business_date": "2026-11-20",
        "opened_at": "2026-11-20T12:00:00-05:00",
        "channel": "in_store",
        "service_mode": "eat_in",
        "currency": "CAD",
        "member": {"kind": "card", "value": "ana"},
        "lines": [
            {"line_id": "1", "sku": "s", "name": "Latte", "quantity": "1", "unit_price": total}
        ],
        "subtotal": total,
        "total": total,
        "payments": [{"tender": "cash", "amount": total}],
        **changes,
    }


def payment(**changes: Any) -> dict[str, Any]:
    """A debit of five dollars, as JSON."""
    return {
        "instrument": "gift_card",
        "action": "debit",
        "amount": "5.00",
        "currency": "CAD",
        "member": {"kind": "card", "value": "gift-1"},
        "till": "1",
        "at": "2026-11-20T12:00:00-05:00",
        **changes,
    }


def spelled(value: Any) -> bytes:
    """A body as bytes."""
    return strict_json.dumps(value)


async def eventually(look: Callable[[], Awaitable[T | None]]) -> T:
    """Look again and again until there is something to see."""
    async with asyncio.timeout(10):
        while True:
            seen = await look()
            if seen:
                return seen
            await asyncio.sleep(0.01)
