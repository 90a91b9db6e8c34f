"""The real engine, outbox and adapters before played vendors, in one process and one clock."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from gateway.core.adapter import Adapter, Outgoing, Site
from gateway.core.errors import NoReply, NotSent
from gateway.core.flow import Call, Reply
from gateway.core.sandbox import Sandbox, SandboxRequest
from gateway.edge.outbox import SqlOutbox
from gateway.edge.outbox.database import InLoopDatabase
from gateway.edge.seal import Seal, SealKey
from gateway.engine.doors import make_doors
from gateway.engine.ports import Account, Chance, Clock
from gateway.engine.routing import Plan, Store

KEY = SealKey(bytes(range(32)))
ROOM = 10**12


@dataclass
class Wire:
    """Carries calls to played vendors; `fault(call)` may name what goes wrong with one.

    Faults: `unsent` (refused), `lost_before` (the vendor never acts), `lost_after` (it acts, the
    answer is lost), `error` (HTTP 503 of somebody on the way), `html` (HTTP 200, HTML).
    """

    sandboxes: dict[str, Sandbox]
    adapters: dict[str, Adapter]
    credentials: dict[str, Any]
    clock: Clock
    adapter_of: dict[str, str]
    sites: dict[str, Site]
    fault: Callable[[Account, Call], str | None] = lambda _account, _call: None
    latency_seconds: float = 0.0
    sent: list[tuple[Account, Call]] = field(default_factory=list)

    async def __call__(self, account: Account, call: Call, site: Site) -> Reply:
        fault = self.fault(account, call)
        if fault == "unsent":
            raise NotSent("connection refused")
        self.sent.append((account, call))
        if self.latency_seconds:
            await self.clock.sleep(self.latency_seconds)
        if fault == "lost_before":
            raise NoReply("connection reset")
        if fault == "error":
            return Reply(status=503, body=b"upstream")
        if fault == "html":
            return Reply(status=200, body=b"<html>")
        reply = self._play(account, call)
        if fault == "lost_after":
            raise NoReply("connection reset")
        return reply

    def _play(self, account: Account, call: Call) -> Reply:
        adapter = self.adapters[self.adapter_of[account.vendor]]
        body = call.payload()
        kind = "application/x-www-form-urlencoded" if call.form is not None else "application/json"
        outgoing = Outgoing(
            method=call.method,
            target=call.target(),
            headers={"content-type": kind, "accept": "application/json", **dict(call.headers)},
            body=body,
            token=self._token(adapter, account),
        )
        now = self.clock.now()
        signed = adapter.sign(outgoing, self.credentials[account.vendor], now)
        answer = self.sandboxes[account.vendor].handle(
            SandboxRequest(
                method=signed.method,
                target=signed.target,
                headers={name.lower(): value for name, value in signed.headers.items()},
                body=signed.body,
                now=now,
            )
        )
        dated = {"date": format_datetime(now, usegmt=True), **answer.headers}
        return Reply(status=answer.status, headers=dated, body=answer.body)

    def _token(self, adapter: Adapter, account: Account) -> str:
        if adapter.authorize is None:
            return ""
        credentials = self.credentials[account.vendor]
        if not adapter.authorize.needed(credentials):
            return ""
        return self.token(adapter, account)

    def token(self, adapter: Adapter, account: Account) -> str:
        """Fetch a token from the played vendor, as the edge does."""
        assert adapter.authorize is not None
        flow = adapter.authorize.flow(self.sites[account.vendor])
        call = next(flow)
        outgoing = Outgoing(
            method=call.method,
            target=call.target(),
            headers={
                "content-type": "application/x-www-form-urlencoded",
                "accept": "application/json",
            },
            body=call.payload(),
        )
        signed = adapter.authorize.sign(
            outgoing, self.credentials[account.vendor], self.clock.now()
        )
        answer = self.sandboxes[account.vendor].handle(
            SandboxRequest(
                method=signed.method,
                target=signed.target,
                headers={name.lower(): value for name, value in signed.headers.items()},
                body=signed.body,
                now=self.clock.now(),
            )
        )
        try:
            flow.send(Reply(status=answer.status, headers=answer.headers, body=answer.body))
        except StopIteration as end:
            return str(end.value.value)
        raise AssertionError("authorize asked twice")


@dataclass
class Log:
    """Keeps every line for a look."""

    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, event: str, **facts: Any) -> None:
        self.lines.append((event, facts))

    def events(self, name: str) -> list[dict[str, Any]]:
        """Every line of one event."""
        return [facts for event, facts in self.lines if event == name]


def fast_file() -> Path:
    """A file of its own, in memory where the machine has such a place: it lives one test long."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    folder = tempfile.mkdtemp(dir=shared if shared.is_dir() else None, prefix="tillbridge-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder) / "outbox.db"


@dataclass
class Gateway:
    """One life of the engine over a file: start it, kill it, start another."""

    plan: Plan
    wire: Wire
    clock: Clock
    chance: Chance
    path: Path = field(default_factory=fast_file)
    log: Log = field(default_factory=Log)
    retention_seconds: float = 90 * 86400
    free_bytes: int = ROOM

    async def start(self) -> None:
        """Open the file and begin to work: starting is recovering."""
        self.outbox = SqlOutbox(
            InLoopDatabase(self.path),
            Seal([KEY]),
            free_bytes=lambda: self.free_bytes,
            on_failure=lambda failure: self.log("storage.failed", detail=str(failure)),
        )
        await self.outbox.start()
        self.doors = make_doors(
            outbox=self.outbox,
            send=self.wire,
            clock=self.clock,
            chance=self.chance,
            log=self.log,
            plan=lambda: self.plan,
            rate=lambda _vendor: 1000,
            retention_seconds=lambda: self.retention_seconds,
        )
        await self.doors.open()

    async def kill(self) -> None:
        """Die at once: whatever was not on disk is gone."""
        await self.doors.close()
        await self.outbox.stop()

    def store(self, code: str) -> Store:
        """A store of the plan."""
        return self.plan.stores[code]

    def deadline(self, seconds: float) -> float:
        """A deadline so many seconds from now."""
        return self.clock.monotonic() + seconds

    def replan(self, store: Store) -> None:
        """Swap one store of the plan."""
        self.plan = replace(self.plan, stores={**self.plan.stores, store.code: store})


def money(text: str) -> Decimal:
    """An amount as people write it."""
    return Decimal(text)
