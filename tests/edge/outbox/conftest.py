"""An outbox over a real file, a connection that can be watched and broken, and small entries."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.core.operation import Name
from gateway.edge.outbox import RESERVE_BYTES, SqlOutbox, StorageFailed
from gateway.edge.outbox.database import Database, Row, ThreadedDatabase
from gateway.edge.seal import Seal, SealKey
from gateway.engine.ports import Tx
from gateway.engine.rows import Entry, NewEntry

NOW = datetime(2026, 11, 20, 12, 31, 7, tzinfo=UTC)
KEY = SealKey(bytes(range(32)))
STORE, VENDOR = "0042", "tiny-ca"
LANE = f"{STORE}/{VENDOR}"


def new_entry(
    subject: str = "o-1",
    *,
    vendor: str = VENDOR,
    operation: Name = "submit",
    keys: tuple[str, ...] = (),
    **facts: Any,
) -> NewEntry:
    """One operation about to be accepted."""
    return NewEntry(
        vendor=vendor,
        adapter="tiny",
        role="primary",
        operation=operation,
        subject=subject,
        revision=0,
        ask={"subject": subject},
        site={"store": STORE},
        keys=(f"order:{subject}", *keys),
        **facts,
    )


def accept(subject: str = "o-1", **facts: Any) -> Callable[[Tx], Awaitable[Entry]]:
    """A job that accepts one entry."""
    return lambda tx: tx.add_entry(STORE, new_entry(subject, **facts), NOW)


@dataclass(kw_only=True)
class Watched:
    """A connection that counts its statements; `breaks` may raise, `gate` may hold one back."""

    inner: Database
    said: list[str] = field(default_factory=list)
    breaks: Callable[[str], None] = lambda _sql: None
    gated: str | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        self.said.append(sql)
        self.breaks(sql)
        if sql == self.gated:
            await self.gate.wait()
        return await self.inner.execute(sql, parameters)

    async def close(self) -> None:
        await self.inner.close()

    def count(self, sql: str) -> int:
        """How often a statement was said."""
        return self.said.count(sql)


@dataclass(kw_only=True)
class Life:
    """One life of an outbox over a file."""

    path: Path
    outbox: SqlOutbox = field(init=False)
    database: Watched = field(init=False)
    free_bytes: int = RESERVE_BYTES
    failures: list[StorageFailed] = field(default_factory=list)

    async def make(self) -> SqlOutbox:
        """Open the file and make an outbox over it, not yet started."""
        self.database = Watched(inner=await ThreadedDatabase.open(self.path))
        self.outbox = SqlOutbox(
            self.database,
            Seal([KEY]),
            folder=self.path.parent,
            free_bytes=lambda: self.free_bytes,
            on_failure=self.failures.append,
        )
        return self.outbox

    async def again(self) -> SqlOutbox:
        """Let go of the file and open it anew."""
        await self.outbox.stop()
        await (await self.make()).start()
        return self.outbox

    async def accept(self, subject: str = "o-1", **facts: Any) -> Entry:
        """Accept one entry."""
        return await self.outbox.write(accept(subject, **facts), accepts=True)


@pytest.fixture
async def closed(tmp_path: Path) -> AsyncIterator[Life]:
    """A file nobody has opened yet."""
    life = Life(path=tmp_path / "outbox.db")
    yield life
    await life.outbox.stop()


@pytest.fixture
async def life(closed: Life) -> Life:
    """An outbox at work."""
    await (await closed.make()).start()
    return closed


def broken_disk(statement: str) -> Callable[[str], None]:
    """What a disk says that cannot do one statement."""
    failure = sqlite3.OperationalError("disk I/O error")
    failure.sqlite_errorcode = sqlite3.SQLITE_IOERR

    def breaks(sql: str) -> None:
        if sql == statement:
            raise failure

    return breaks
