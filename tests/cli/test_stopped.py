"""`outbox verify` and `outbox confirm` on the file of a gateway that is stopped."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.app import DATABASE
from gateway.cli.demo.stores import Written
from gateway.edge.keys import seal_keys
from gateway.edge.outbox import ForeignFile, SqlOutbox
from gateway.edge.outbox.database import ThreadedDatabase, instance_of
from gateway.edge.seal import Seal
from gateway.settings import Reference
from tests.cli.conftest import Shell
from tests.edge.outbox.conftest import accept
from tests.world import ROOM


def open_once(file: Path, instance: str | None = None) -> None:
    """One life of a gateway's outbox: it takes in an order, and stops."""
    key = Reference(kind="file", name=str(file.parents[1] / "seal.key"))

    async def live() -> None:
        outbox = SqlOutbox(
            await ThreadedDatabase.open(file),
            Seal(seal_keys((key,), {}, first_start=True)),
            free_bytes=lambda: ROOM,
            on_failure=print,
        )
        try:
            await outbox.start(instance=instance or instance_of(file))
            await outbox.write(accept(), accepts=True)
        finally:
            await outbox.stop()

    asyncio.run(live())


@pytest.fixture
def file(written: Written) -> Path:
    """An outbox that another machine wrote."""
    path = written.path.parent / "data" / DATABASE
    path.parent.mkdir()
    open_once(path, "another machine")
    return path


def test_an_outbox_from_elsewhere_is_taken_over_on_a_persons_word(
    shell: Shell, written: Written, file: Path
) -> None:
    with pytest.raises(ForeignFile):
        open_once(file)
    why = ("--by", "Sam", "--reason", "the old machine is scrap")
    result = shell("outbox", "confirm", "--config", written.path, *why)
    assert result.exit_code == 0, result.stderr
    assert "this copy is the only one, and may send" in result.stdout
    with closing(sqlite3.connect(file)) as seen:
        assert seen.execute("SELECT count(*) FROM audit").fetchone() == (1,)
    open_once(file)


def test_a_stopped_outbox_is_examined_where_it_lies(
    shell: Shell, written: Written, file: Path
) -> None:
    words = ("outbox", "verify", "--config", written.path)
    result = shell(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("The outbox is as it must be (file version 1, SQLite 3.")
    with closing(sqlite3.connect(file, isolation_level=None)) as harmed:
        harmed.execute("UPDATE entry SET ask = x'00'")
        harmed.execute("UPDATE lane SET sequence = 7")
    result = shell(*words)
    assert result.exit_code == 1
    assert "0042/tiny-ca: 7 sequences were given, 1 entries are there" in result.stdout
    assert "entry 1: " in result.stdout
    assert "2 findings" in result.stdout
    told = shell(*words, "--json")
    assert (told.exit_code, len(json.loads(told.stdout)["findings"])) == (1, 2)


def no_outbox(file: Path) -> None:
    file.unlink()


def no_key(file: Path) -> None:
    (file.parents[1] / "seal.key").unlink()


def another_key(file: Path) -> None:
    (file.parents[1] / "seal.key").write_text("00" * 32)


@pytest.mark.parametrize("act", ["verify", "confirm"])
@pytest.mark.parametrize(
    ("harm", "code", "says"),
    [
        (no_outbox, 1, "is not there: no gateway has worked with this configuration"),
        (no_key, 3, "is not there: put it back"),
        (another_key, 6, "sealed with a key that is not configured"),
    ],
)
def test_what_cannot_be_opened_is_said_and_nothing_is_made(
    shell: Shell,
    written: Written,
    file: Path,
    act: str,
    harm: Callable[[Path], None],
    code: int,
    says: str,
) -> None:
    harm(file)
    before = set(written.path.parent.rglob("*"))
    result = shell("outbox", act, "--config", written.path)
    assert result.exit_code == code
    assert says in result.stderr
    assert set(written.path.parent.rglob("*")) == before
