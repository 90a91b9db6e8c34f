"""A copy of the outbox: whole or not there, and never a reason for the outbox to stop."""

import shutil
from pathlib import Path

import pytest

from gateway.edge.outbox import RESERVE_BYTES
from gateway.engine.ports import StorageFull
from gateway.engine.refusal import Refused
from tests.edge.outbox.conftest import STORE, Life, broken_disk

COPY_BYTES = 1024 * 1024
"""More than a few entries take."""


def names(folder: Path) -> set[str]:
    """What is in a folder."""
    return {path.name for path in folder.iterdir()}


@pytest.fixture
async def full(life: Life) -> Life:
    """An outbox with an entry in it, and room for a copy of it."""
    life.free_bytes = RESERVE_BYTES + COPY_BYTES
    await life.accept("o-1")
    return life


async def test_a_copy_holds_what_was_accepted_and_the_outbox_goes_on(
    full: Life, tmp_path: Path
) -> None:
    copy = Path(await full.outbox.backup("day-1"))
    assert copy == tmp_path / "day-1.db"
    assert (await full.accept("o-2")).sequence == 2
    await full.outbox.stop()
    full.path.unlink()
    shutil.move(copy, full.path)
    outbox = await full.again()
    assert len(await outbox.read(lambda tx: tx.entries_of(STORE, "o-1"))) == 1
    assert await outbox.read(lambda tx: tx.entries_of(STORE, "o-2")) == []


@pytest.mark.parametrize("name", ["day-1", "outbox"])
async def test_a_name_that_is_taken_is_refused_and_what_has_it_stays(
    full: Life, tmp_path: Path, name: str
) -> None:
    taken = tmp_path / f"{name}.db"
    if name != "outbox":
        taken.write_text("another copy")
    before = taken.stat()
    with pytest.raises(Refused, match=rf"{name}\.db is there: give another name") as refused:
        await full.outbox.backup(name)
    assert refused.value.code == "operation_conflict"
    assert taken.stat().st_ino == before.st_ino
    assert (await full.accept("o-2")).sequence == 2
    assert full.failures == []


async def test_a_copy_that_fails_leaves_nothing_and_stops_nothing(
    full: Life, tmp_path: Path
) -> None:
    before = names(tmp_path)

    def half_written(sql: str) -> None:
        if sql.startswith("VACUUM"):
            (tmp_path / "day-1.db.part").write_text("half a copy")
        broken_disk("VACUUM INTO ?")(sql)

    full.database.breaks = half_written
    with pytest.raises(Refused, match="could not be written: disk I/O error") as refused:
        await full.outbox.backup("day-1")
    assert refused.value.code == "internal_error"
    assert names(tmp_path) == before
    full.database.breaks = lambda _sql: None
    assert (await full.accept("o-2")).sequence == 2
    assert full.failures == []
    await full.outbox.backup("day-1")
    assert names(tmp_path) == {*before, "day-1.db"}


async def test_a_copy_takes_no_room_of_the_reserve(full: Life, tmp_path: Path) -> None:
    full.free_bytes = RESERVE_BYTES + 1
    with pytest.raises(StorageFull, match="no room for a copy of"):
        await full.outbox.backup("day-1")
    assert not [name for name in names(tmp_path) if name.startswith("day-1")]


async def test_what_an_interrupted_copy_left_is_no_obstacle(full: Life, tmp_path: Path) -> None:
    (tmp_path / "day-1.db.part").write_text("half a copy")
    await full.outbox.backup("day-1")
    assert "day-1.db.part" not in names(tmp_path)
