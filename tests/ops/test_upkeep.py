"""The outbox as a whole over HTTP: examined, copied, listed for finance."""

import json
from pathlib import Path

from tests.api.house import TOKEN, latte
from tests.ops.conftest import Operator


async def test_a_good_outbox_has_no_findings_and_a_damaged_one_names_its_entry(
    operator: Operator,
) -> None:
    await operator.till.ask("PUT", "/orders/1", latte())
    status, told = await operator.ask("GET", "/verify")
    assert (status, told["ok"], told["findings"]) == (200, True, [])
    assert set(told) == {"ok", "findings", "schema", "sqlite"}
    await operator.house.outbox._database.execute("UPDATE entry SET ask = x'00' WHERE id = 1")
    _, told = await operator.ask("GET", "/verify")
    assert not told["ok"]
    assert [finding.split(":")[0] for finding in told["findings"]] == ["entry 1"]


async def test_a_copy_has_a_new_name_or_is_a_problem_and_nothing_stops(
    operator: Operator, tmp_path: Path
) -> None:
    status, told = await operator.ask("POST", "/backup", {"name": "day-1"})
    assert (status, told) == (200, {"path": str(tmp_path / "day-1.db")})
    for name, code in (("day-1", "operation_conflict"), ("../day-1", "invalid_order")):
        status, told = await operator.ask("POST", "/backup", {"name": name})
        assert (status // 100, told["code"]) == (4, code)
    operator.house.free_bytes = 0
    status, told = await operator.ask("POST", "/backup", {"name": "day-2"})
    assert (status, told["code"]) == (503, "storage_full")
    assert operator.house.log.events("storage.failed") == []
    status, _ = await operator.ask("GET", "/lanes")
    assert status == 200


async def test_an_export_has_every_entry_once_on_a_line_of_its_own(operator: Operator) -> None:
    for number in ("1", "2", "3"):
        await operator.till.ask("PUT", f"/orders/{number}", latte(f"r-{number}"))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with operator.client.get("/ops/export", headers=headers) as answer:
        text = await answer.text()
    assert answer.content_type == "application/x-ndjson"
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["id"], line["order"], line["outcome"]) for line in lines] == [
        (number, str(number), "applied") for number in (1, 2, 3)
    ]
    assert "ana@" not in text
