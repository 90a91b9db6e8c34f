"""A disk that fails or fills up: said to all who wait, and never more than is known."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from gateway.edge.outbox import RESERVE_BYTES, WAITING, StorageFailed, free_bytes
from gateway.engine.ports import StorageFull, Tx
from tests.edge.outbox.conftest import STORE, Life, broken_disk


async def test_a_commit_that_fails_is_told_to_all_and_nothing_goes_on(life: Life) -> None:
    life.database.gated = "BEGIN IMMEDIATE"
    waiting: list[asyncio.Task[Any]] = [asyncio.create_task(life.accept("first"))]
    await asyncio.sleep(0.01)
    waiting += [asyncio.create_task(life.accept(f"o-{n}")) for n in range(3)]
    waiting.append(asyncio.create_task(life.outbox.read(lambda tx: tx.lanes())))
    await asyncio.sleep(0.01)
    life.database.breaks = broken_disk("COMMIT")
    life.database.gate.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(failure) for failure in told] == ["OperationalError: disk I/O error"] * 5
    assert len(life.failures) == 1
    said = len(life.database.said)
    later: Awaitable[Any]
    for later in (life.accept("later"), life.outbox.read(lambda tx: tx.lanes())):
        with pytest.raises(StorageFailed):
            await later
    assert len(life.database.said) == said
    assert len(life.failures) == 1


async def test_a_disk_that_fails_under_a_job_fails_for_all(life: Life) -> None:
    life.database.breaks = broken_disk("SAVEPOINT job")
    told = await asyncio.gather(
        life.accept("o-1"), life.outbox.read(lambda tx: tx.lanes()), return_exceptions=True
    )
    assert [type(failure) for failure in told] == [StorageFailed] * 2
    assert len(life.failures) == 1


async def test_after_a_failed_commit_the_next_start_tells_what_became_of_it(life: Life) -> None:
    """Lost here; a real disk may as well have kept it: only a restart knows."""
    await life.accept("kept")
    life.database.breaks = broken_disk("COMMIT")
    with pytest.raises(StorageFailed):
        await life.accept("unknown")
    outbox = await life.again()
    assert len(await outbox.read(lambda tx: tx.entries_of(STORE, "kept"))) == 1
    assert (await life.accept("next")).sequence == 2


async def test_a_full_disk_takes_nothing_new_and_goes_on_with_the_old(life: Life) -> None:
    entry = await life.accept("o-1")
    life.free_bytes = RESERVE_BYTES - 1
    life.database.said.clear()
    refused, began = await asyncio.gather(
        life.accept("o-2"),
        life.outbox.write(lambda tx: tx.begin(entry.id, [])),
        return_exceptions=True,
    )
    assert isinstance(refused, StorageFull)
    assert not isinstance(began, BaseException)
    assert began is not None
    assert began.attempts == 1
    with pytest.raises(StorageFull):
        await life.accept("o-2")
    assert life.database.count("BEGIN IMMEDIATE") == 1
    life.free_bytes = RESERVE_BYTES
    assert (await life.accept("o-2")).sequence == 2
    assert life.failures == []


async def test_too_many_waiting_are_told_to_come_again(life: Life) -> None:
    async def nothing(_tx: Tx) -> None:
        pass

    life.database.gated = "BEGIN IMMEDIATE"
    first = asyncio.create_task(life.accept("first"))
    await asyncio.sleep(0.01)
    waiting = [asyncio.create_task(life.outbox.read(nothing)) for _ in range(WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(StorageFull, match=f"{WAITING} requests wait for the disk"):
        await life.accept("one too many")
    life.database.gate.set()
    await asyncio.gather(first, *waiting)
    assert (await life.accept("later")).sequence == 2


def test_free_bytes_are_those_of_the_folders_disk(tmp_path: Path) -> None:
    assert 0 < free_bytes(tmp_path) < 2**63
