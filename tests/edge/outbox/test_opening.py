"""Taking the file: whose it is, how new it is, and how safe its commits are."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.edge.outbox import (
    RESERVE_BYTES,
    AlreadyOpen,
    ForeignFile,
    NewerFile,
    SqlOutbox,
    StorageFailed,
)
from gateway.edge.outbox.database import PRAGMAS, InLoopDatabase, Row
from gateway.edge.seal import KEY_BYTES, Seal, SealKey
from gateway.engine.ports import Damaged
from tests.edge.outbox.conftest import KEY, STORE, Life, broken_disk

OTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from gateway.edge.outbox import AlreadyOpen, SqlOutbox
from gateway.edge.outbox.database import ThreadedDatabase
from gateway.edge.seal import Seal, SealKey

async def main():
    seal = Seal([SealKey(bytes(range(32)))])
    database = await ThreadedDatabase.open(Path(sys.argv[1]))
    outbox = SqlOutbox(database, seal, free_bytes=lambda: 10**9, on_failure=print)
    try:
        await outbox.start()
    except AlreadyOpen as refused:
        print("refused:", refused)
    finally:
        await outbox.stop()

asyncio.run(main())
"""


async def test_a_second_process_is_refused(life: Life) -> None:
    answer = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", OTHER_PROCESS, str(life.path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.stdout == "refused: another process holds the outbox\n", answer.stderr
    assert (await life.accept()).sequence == 1


async def test_a_second_outbox_in_this_process_is_refused_and_the_first_goes_on(life: Life) -> None:
    second = _over(InLoopDatabase(life.path))
    with pytest.raises(AlreadyOpen):
        await second.start()
    await second.stop()
    assert (await life.accept()).sequence == 1


async def test_a_file_of_a_newer_program_is_refused(life: Life) -> None:
    await life.outbox.stop()
    with sqlite3.connect(life.path) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(NewerFile, match="the file has version 99, this program knows 1"):
        await (await life.make()).start()


async def test_a_file_of_another_machine_is_refused_until_someone_confirms(closed: Life) -> None:
    await (await closed.make()).start(instance="here:1")
    await closed.accept()
    await closed.outbox.stop()
    with pytest.raises(ForeignFile):
        await (await closed.make()).start(instance="there:2")
    await closed.outbox.confirm("there:2")
    await closed.outbox.stop()
    await (await closed.make()).start(instance="there:2")
    assert len(await closed.outbox.read(lambda tx: tx.entries_of(STORE, "o-1"))) == 1
    await closed.outbox.stop()
    with pytest.raises(ForeignFile):
        await (await closed.make()).start(instance="here:1")


async def test_a_file_sealed_with_another_key_is_not_begun_with(life: Life) -> None:
    await life.outbox.stop()
    other = _over(InLoopDatabase(life.path), SealKey(b"x" * KEY_BYTES))
    with pytest.raises(Damaged, match="a key that is not configured"):
        await other.start()
    await other.stop()
    await (await life.make()).start()


@pytest.mark.parametrize(("name", "value"), PRAGMAS)
async def test_every_pragma_is_said_and_read_back(life: Life, name: str, value: object) -> None:
    assert life.database.count(f"PRAGMA {name} = {value}") == 1
    assert life.database.count(f"PRAGMA {name}") == 1
    assert await life.database.inner.execute(f"PRAGMA {name}") == [(value,)]


async def test_a_pragma_that_does_not_hold_is_a_storage_failure(tmp_path: Path) -> None:
    class Stubborn(InLoopDatabase):
        async def execute(self, sql: str, parameters: object = ()) -> list[Row]:
            if sql == "PRAGMA synchronous":
                return [(1,)]
            return await super().execute(sql)

    outbox = _over(Stubborn(tmp_path / "outbox.db"))
    with pytest.raises(StorageFailed, match="PRAGMA synchronous is 1, 2 is needed"):
        await outbox.start()
    await outbox.stop()


async def test_a_file_half_made_is_made_again(closed: Life) -> None:
    """A disk that fails during the first start leaves no half of a table."""
    outbox = await closed.make()
    closed.database.breaks = broken_disk("PRAGMA user_version = 1")
    with pytest.raises(StorageFailed, match="disk I/O error"):
        await outbox.start()
    await outbox.stop()
    await (await closed.make()).start()
    assert (await closed.accept()).sequence == 1


async def test_a_file_that_is_no_database_is_damage(closed: Life) -> None:
    closed.path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(Damaged, match="file is not a database"):
        await (await closed.make()).start()


def _over(database: InLoopDatabase, key: SealKey = KEY) -> SqlOutbox:
    return SqlOutbox(
        database, Seal([key]), free_bytes=lambda: RESERVE_BYTES, on_failure=lambda _failure: None
    )
