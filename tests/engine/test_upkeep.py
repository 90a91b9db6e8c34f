"""The outbox as a whole: its law, its boxes, its copies, its export."""

from pathlib import Path

import pytest

from gateway.engine.ports import StorageFull
from gateway.engine.refusal import Refused
from gateway.engine.upkeep import EXPORTED_AT_ONCE
from tests.engine.conftest import Shop, opened
from tests.virtual import in_virtual_time


async def _alter(shop: Shop, statement: str) -> None:
    """Do to the file what nobody should."""
    await shop.gateway.outbox._database.execute(statement)


@in_virtual_time
async def test_an_outbox_that_was_used_as_it_should_be_has_no_findings() -> None:
    async with opened() as shop:
        await shop.sell("1")
        await shop.undo("1")
        shop.lose("lost_before")
        await shop.sell("2", wait=1)
        shop.lose()
        await shop.sell("3", member="bob", wait=0)
        found = await shop.gateway.doors.upkeep.verify()
        assert (found["ok"], found["findings"]) == (True, [])
        assert set(found) == {"ok", "findings", "schema", "sqlite"}
        await shop.forget()
        assert (await shop.gateway.doors.upkeep.verify())["ok"]
        assert shop.gateway.log.events("outbox.verified") == [{"findings": 0}] * 2


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "DELETE FROM entry WHERE id = 2",
            ["0042/tiny-ca: 3 sequences were given, 2 entries are there, from 1 to 3"],
        ),
        (
            "DELETE FROM entry WHERE id = 1",
            ["0042/tiny-ca: 3 sequences were given, 2 entries are there, from 2 to 3"],
        ),
        (
            "UPDATE lane SET sequence = 7",
            ["0042/tiny-ca: 7 sequences were given, 3 entries are there, from 1 to 3"],
        ),
        ("UPDATE entry SET ask = x'00' WHERE id = 2", ["entry 2: ask|2"]),
        (
            "UPDATE entry SET site = ask, ending = ask WHERE id = 3",
            ["entry 3: site|3", "entry 3: ending|3"],
        ),
    ],
)
@in_virtual_time
async def test_what_is_missing_or_altered_is_named(statement: str, expected: list[str]) -> None:
    async with opened() as shop:
        for number in ("1", "2", "3"):
            await shop.sell(number)
        await _alter(shop, "PRAGMA foreign_keys = OFF")
        await _alter(shop, statement)
        found = await shop.gateway.doors.upkeep.verify()
        assert not found["ok"]
        assert [
            said.startswith(start) for said, start in zip(found["findings"], expected, strict=True)
        ] == [True] * len(expected)


@pytest.mark.parametrize("name", ["", ".hidden", "../day", "a/b", "a b", "a\n", "a" * 65, "-x"])
@in_virtual_time
async def test_a_copy_has_a_plain_name(name: str) -> None:
    async with opened() as shop:
        with pytest.raises(Refused, match="a backup's name has 1-64 of") as refused:
            await shop.gateway.doors.upkeep.backup(name)
        assert refused.value.code == "invalid_order"
        assert shop.gateway.log.events("outbox.copied") == []


@in_virtual_time
async def test_a_copy_is_made_and_said_where_or_refused(tmp_path: Path) -> None:
    async with opened(path=tmp_path / "outbox.db") as shop:
        upkeep = shop.gateway.doors.upkeep
        with pytest.raises(StorageFull):
            await upkeep.backup("day-1")
        shop.gateway.outbox._folder = tmp_path
        path = await upkeep.backup("day-1")
        assert path == str(tmp_path / "day-1.db")
        assert shop.gateway.log.events("outbox.copied") == [{"path": path}]


@pytest.mark.parametrize("at_once", [1, 2, 3, EXPORTED_AT_ONCE])
@in_virtual_time
async def test_an_export_has_every_entry_once_in_the_order_of_acceptance(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.engine.upkeep.EXPORTED_AT_ONCE", at_once)
    async with opened() as shop:
        for number in ("2", "1"):
            await shop.sell(number)
        await shop.undo("2")
        exported = [entry async for entry in shop.gateway.doors.upkeep.export()]
        assert [(entry.id, entry.operation, entry.subject) for entry in exported] == [
            (1, "submit", "2"),
            (2, "submit", "1"),
            (3, "void", "2"),
        ]
