"""One SQLite connection, in its own thread in production, in the loop in the simulation."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import aiosqlite

Row = tuple[Any, ...]

PRAGMAS = (
    ("locking_mode", "exclusive"),
    ("journal_mode", "wal"),
    ("synchronous", 2),
    ("foreign_keys", 1),
    ("trusted_schema", 0),
)
"""What makes a commit durable and the file ours alone; each is read back (traps.md)."""

LOCK_WAIT_SECONDS = 0
"""A second process is refused at once, it does not queue."""


class Database(Protocol):
    """Where statements go; exactly one task speaks to it at a time."""

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and fetch all it returns."""

    async def close(self) -> None:
        """Let go of the file."""


class ThreadedDatabase:
    """SQLite through aiosqlite."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> "ThreadedDatabase":
        """Open or create a file."""
        connection = await aiosqlite.connect(path, isolation_level=None, timeout=LOCK_WAIT_SECONDS)
        return cls(connection)

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement in the connection's thread."""
        return list(await self._connection.execute_fetchall(sql, parameters))  # type: ignore[arg-type]

    async def close(self) -> None:
        """End the thread: it is no daemon, and would keep the process."""
        await self._connection.close()


class InLoopDatabase:
    """The same statements without a thread, for a world with one clock."""

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(
            path, isolation_level=None, timeout=LOCK_WAIT_SECONDS, check_same_thread=False
        )

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement at once."""
        return self._connection.execute(sql, parameters).fetchall()

    async def close(self) -> None:
        """Close the file."""
        self._connection.close()


def instance_of(path: Path) -> str:
    """What tells this file on this machine from a copy: the machine, and the file itself."""
    machine = Path("/etc/machine-id")
    name = machine.read_text("ascii").strip() if machine.is_file() else ""
    return f"{name}:{path.stat().st_ino}"
