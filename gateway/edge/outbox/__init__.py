"""The durable queue in SQLite: one writer, group commit, everything on disk before it is said."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from gateway.edge.outbox.database import PRAGMAS, Database
from gateway.edge.outbox.entries import EntryActs
from gateway.edge.outbox.journal import JournalActs
from gateway.edge.outbox.statements import migrations, statements
from gateway.edge.outbox.upkeep import UpkeepActs
from gateway.edge.outbox.visits import VisitActs
from gateway.edge.seal import Seal
from gateway.engine.ports import Damaged, Job, StorageFull
from gateway.engine.refusal import Refused

T = TypeVar("T")

GROUP = 64
"""Jobs that share one transaction: enough for a rush, short enough for the first of them."""

WAITING = 2000
"""Jobs that may wait for the writer; beyond it the till is told to come again."""

RESERVE_BYTES = 32 * 1024 * 1024
"""Room kept so that queued entries still progress when accepting is refused."""

HASH_KEY_BYTES = 32

_BUSY = 5  # SQLITE_BUSY: another process holds the file
_UNREADABLE = (11, 26)  # SQLITE_CORRUPT, SQLITE_NOTADB: what is there is no outbox

_OWN = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
)
"""A statement that may not be said: its job's own fault, the file is as it was."""


class StorageFailed(Exception):
    """The disk failed after a transaction began: what became of it is unknown until a restart."""


class AlreadyOpen(Exception):
    """Another process holds the outbox."""


class NewerFile(Exception):
    """The file was written by a newer program."""


class ForeignFile(Exception):
    """The file is from another machine, or was restored: nothing is sent until confirmed."""


class SqlTx(EntryActs, JournalActs, VisitActs, UpkeepActs):
    """All acts on the outbox, inside one transaction."""


@dataclass(frozen=True)
class _Waiting:
    job: Job[Any]
    writes: bool
    accepts: bool
    alone: bool
    done: asyncio.Future[Any] = field(repr=False)


class SqlOutbox:
    """The outbox port over one database connection, owned by one writer task."""

    def __init__(
        self,
        database: Database,
        seal: Seal,
        *,
        folder: Path | None = None,
        free_bytes: Callable[[], int],
        on_failure: Callable[[StorageFailed], None],
    ) -> None:
        self._database = database
        self._seal = seal
        self._folder = folder
        self._free_bytes = free_bytes
        self._on_failure = on_failure
        self._sql = statements()
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(WAITING)
        self._writer: asyncio.Task[None] | None = None
        self._tx: SqlTx | None = None
        self.failed: StorageFailed | None = None

    async def start(self, *, instance: str | None = None) -> None:
        """Take the file, bring it up to date, and begin to write.

        Raises AlreadyOpen, NewerFile, ForeignFile (`instance` is what the machine remembers),
        Damaged if it cannot be read or the seal keys are not this file's, StorageFailed.
        """
        try:
            for name, value in PRAGMAS:
                await self._database.execute(f"PRAGMA {name} = {value}")
                [(got,)] = await self._database.execute(f"PRAGMA {name}")
                if got != value:
                    raise StorageFailed(f"PRAGMA {name} is {got!r}, {value!r} is needed")
            await self._migrate()
            hash_key = await self._kept("hash_key", os.urandom(HASH_KEY_BYTES))
            known = await self._kept("instance", (instance or "").encode())
        except sqlite3.Error as error:
            raise _told_at_start(error) from None
        if instance is not None and known.decode() != instance:
            raise ForeignFile("the outbox was made for another instance of this store's machine")
        self._tx = SqlTx(self._database, self._sql, self._seal, hash_key)
        self._writer = asyncio.create_task(self._write_on(), name="outbox writer")

    @property
    def healthy(self) -> bool:
        """Tell whether the disk works and has room to accept."""
        return self.failed is None and self._free_bytes() >= RESERVE_BYTES

    async def confirm(self, instance: str) -> None:
        """Take over a file that came from elsewhere: an operator says it is the only one."""
        box = self._seal.close(instance.encode(), "meta|instance")
        await self._database.execute(self._sql["put_meta"], ("instance", box))

    async def stop(self) -> None:
        """Let go of the file."""
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        await self._database.close()

    async def write(self, job: Job[T], *, accepts: bool = False) -> T:
        """Run a job in a transaction; returns when the disk has it.

        `accepts` jobs take in something new: StorageFull when only the reserve is left.
        """
        return await self._wait_for(job, writes=True, accepts=accepts)

    async def read(self, job: Job[T]) -> T:
        """Run a job that only looks."""
        return await self._wait_for(job, writes=False, accepts=False)

    async def backup(self, name: str) -> str:
        """Copy the whole outbox beside itself; returns where. The copy sends nothing by itself.

        Refused for a name that is taken and a copy that fails, StorageFull without room for it.
        """
        if self._folder is None:
            raise StorageFull("this outbox has no folder for copies")
        target = self._folder / f"{name}.db"
        return await self._wait_for(
            lambda _tx: self._copy(target), writes=False, accepts=False, alone=True
        )

    async def _copy(self, target: Path) -> str:
        """Copy beside, then name; what fails is the copy, never the outbox, and leaves nothing."""
        part = target.with_name(target.name + ".part")
        try:
            _refuse_taken(target)
            [(pages,)] = await self._database.execute("PRAGMA page_count")
            [(page_bytes,)] = await self._database.execute("PRAGMA page_size")
            if self._free_bytes() - pages * page_bytes < RESERVE_BYTES:
                raise StorageFull(f"no room for a copy of {pages * page_bytes} bytes")
            part.unlink(missing_ok=True)
            await self._database.execute("VACUUM INTO ?", (str(part),))
            part.rename(target)
        except (sqlite3.Error, OSError) as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise Refused("internal_error", f"{target} could not be written: {error}") from None
        return str(target)

    async def _wait_for(
        self, job: Job[T], *, writes: bool, accepts: bool, alone: bool = False
    ) -> T:
        if self.failed is not None:
            raise self.failed
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if accepts and self._queue.full():
            raise StorageFull(f"{WAITING} requests wait for the disk")
        await self._queue.put(_Waiting(job, writes, accepts, alone, done))
        if self.failed is not None:
            raise self.failed
        return await done

    async def _write_on(self) -> None:
        while self.failed is None:
            group = [await self._queue.get()]
            while len(group) < GROUP and not self._queue.empty() and not group[-1].alone:
                group.append(self._queue.get_nowait())
            try:
                if group[-1].alone:
                    await self._commit(group[:-1])
                    group = group[-1:]
                await self._commit(group)
            except (sqlite3.Error, OSError) as error:
                self._fail(StorageFailed(f"{type(error).__name__}: {error}"), group)

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        """One transaction for all; each job stands or falls alone, none is told before the sync."""
        group = self._with_room(group)
        writes = any(waiting.writes for waiting in group)
        if writes:
            await self._database.execute("BEGIN IMMEDIATE")
        results = [await self._attempt(waiting) for waiting in group]
        if writes:
            await self._database.execute("COMMIT")
        for waiting, (value, error) in zip(group, results, strict=True):
            if waiting.done.done():
                continue
            if error is not None:
                waiting.done.set_exception(error)
            else:
                waiting.done.set_result(value)

    async def _attempt(self, waiting: _Waiting) -> tuple[Any, Exception | None]:
        assert self._tx is not None  # noqa: S101 - set before the writer starts
        if waiting.writes:
            await self._database.execute("SAVEPOINT job")
        try:
            value = await waiting.job(self._tx)
        except Exception as error:
            if isinstance(error, (sqlite3.Error, OSError)) and not isinstance(error, _OWN):
                raise
            if waiting.writes:
                await self._database.execute("ROLLBACK TO job")
                await self._database.execute("RELEASE job")
            return None, error
        if waiting.writes:
            await self._database.execute("RELEASE job")
        return value, None

    def _with_room(self, group: Sequence[_Waiting]) -> list[_Waiting]:
        if not any(waiting.accepts for waiting in group) or self._free_bytes() >= RESERVE_BYTES:
            return list(group)
        full = StorageFull("the disk is full: only what is already accepted goes on")
        for waiting in group:
            if waiting.accepts and not waiting.done.done():
                waiting.done.set_exception(full)
        return [waiting for waiting in group if not waiting.accepts]

    def _fail(self, failure: StorageFailed, group: Sequence[_Waiting]) -> None:
        """Say nothing about what was begun: the process stops, and the next start looks."""
        self.failed = failure
        waiting = list(group)
        while not self._queue.empty():
            waiting.append(self._queue.get_nowait())
        for one in waiting:
            if not one.done.done():
                one.done.set_exception(failure)
        self._on_failure(failure)

    async def _migrate(self) -> None:
        steps = migrations()
        [(version,)] = await self._database.execute("PRAGMA user_version")
        if version > len(steps):
            raise NewerFile(f"the file has version {version}, this program knows {len(steps)}")
        for number, script in enumerate(steps[version:], start=version + 1):
            await self._database.execute("BEGIN IMMEDIATE")
            for statement in script.split(";\n"):
                if statement.strip():
                    await self._database.execute(statement)
            await self._database.execute(f"PRAGMA user_version = {number}")
            await self._database.execute("COMMIT")

    async def _kept(self, name: str, value: bytes) -> bytes:
        rows = await self._database.execute(self._sql["meta"], (name,))
        if rows:
            return self._seal.open(rows[0][0], f"meta|{name}")
        box = self._seal.close(value, f"meta|{name}")
        await self._database.execute(self._sql["put_meta"], (name, box))
        return value


def _told_at_start(error: sqlite3.Error) -> Exception:
    """Say what keeps the file from being taken, sorted by what a person does next."""
    code = error.sqlite_errorcode & 0xFF
    if code == _BUSY:
        return AlreadyOpen("another process holds the outbox")
    if code in _UNREADABLE:
        return Damaged(f"the file cannot be read as an outbox: {error}")
    return StorageFailed(f"{type(error).__name__}: {error}")


def _refuse_taken(target: Path) -> None:
    if target.exists():
        raise Refused("operation_conflict", f"{target} is there: give another name")


def free_bytes(folder: Path) -> int:
    """Room left on the disk of a folder."""
    return shutil.disk_usage(folder).free
