"""What an operator sees and does over HTTP."""

from typing import Any

import pytest

from gateway.core import strict_json
from gateway.core.totals import Fault
from gateway.engine.refusal import Refused
from tests.api.house import SECRET, authorization, eventually, latte
from tests.ops.conftest import Operator


async def parked(operator: Operator) -> int:
    """An order in doubt, and its entry's id."""
    sell = ("PUT", "/orders/1", latte("r-1"))
    await operator.house.doubt(lambda: operator.till.ask(*sell, wait=0))
    _, told = await operator.ask("GET", "/entries?state=parked")
    return int(told["entries"][0]["id"])


async def written_down(operator: Operator) -> list[Any]:
    """What the outbox keeps of the operator's acts."""
    outbox = operator.house.outbox
    rows = await outbox._database.execute("SELECT body FROM audit ORDER BY id")
    return [strict_json.loads(outbox._seal.open(body, "audit")) for (body,) in rows]


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("", 401, "unauthenticated"),
        ("Bearer", 401, "unauthenticated"),
        ("Bearer guess", 401, "unauthenticated"),
        ("Basic ops-token", 401, "unauthenticated"),
        (authorization("GET", "/ops/lanes"), 403, "forbidden"),
        (f"Bearer {SECRET.decode()}", 401, "unauthenticated"),
    ],
)
async def test_nothing_but_the_token_opens(
    operator: Operator, header: str, status: int, code: str
) -> None:
    got, told = await operator.ask("GET", "/lanes", header=header)
    assert (got, told["code"]) == (status, code)
    assert "ops-token" not in str(told) + str(operator.house.log.lines)


async def test_lanes_say_how_deep_they_are_and_why_they_wait(operator: Operator) -> None:
    operator.house.hold()
    await operator.till.ask("PUT", "/orders/1", latte(), wait=0)
    status, told = await operator.ask("GET", "/lanes")
    [lane] = told["lanes"]
    assert (status, lane["lane"], lane["queued"], lane["state"], lane["reason"]) == (
        200,
        "0042/tiny-ca",
        1,
        "waiting",
        "unreachable",
    )


async def test_an_entry_is_shown_with_its_calls_and_without_its_member(operator: Operator) -> None:
    entry_id = await parked(operator)
    status, entry = await operator.ask("GET", f"/entries/{entry_id}")
    assert (status, entry["state"], entry["reason"], entry["order"]) == (
        200,
        "parked",
        "in_doubt",
        "1",
    )
    assert entry["steps"] == [
        {"position": 1, "name": "sell", "state": "in doubt", "status": None, "lost": 0}
    ]
    _, by_receipt = await operator.ask("GET", "/receipts/0042/r-1")
    assert by_receipt["entries"] == [entry]
    assert "ana" not in str(entry)


async def test_what_did_happen_is_settled(operator: Operator) -> None:
    entry_id = await parked(operator)
    status, entry = await operator.ask(
        "POST", f"/entries/{entry_id}/settle", {"reference": "t-1", "by": "Sam"}
    )
    assert (status, entry["outcome"], entry["reference"]) == (200, "applied", "t-1")
    assert "Sam" in entry["detail"]
    status, told = await operator.ask("POST", f"/entries/{entry_id}/settle", {"reference": "t-1"})
    assert (status, told["code"]) == (409, "operation_conflict")


async def test_what_did_not_happen_is_sent_again(operator: Operator) -> None:
    entry_id = await parked(operator)
    operator.house.tiny.rows.clear()
    status, _ = await operator.ask(
        "POST", f"/entries/{entry_id}/retry", {"send_again": True, "reason": "not in their list"}
    )
    assert status == 200

    async def applied() -> bool:
        _, entry = await operator.ask("GET", f"/entries/{entry_id}")
        return bool(entry["outcome"] == "applied")

    await eventually(applied)
    assert len(operator.house.tiny.ledger) == 1


async def test_what_nobody_needs_is_given_up_with_a_reason(operator: Operator) -> None:
    entry_id = await parked(operator)
    status, told = await operator.ask("POST", f"/entries/{entry_id}/skip")
    assert (status, told["errors"][0]["path"]) == (422, "reason")
    status, entry = await operator.ask("POST", f"/entries/{entry_id}/skip", {"reason": "paid cash"})
    assert (status, entry["outcome"], entry["state"]) == (200, "cancelled", "done")


async def test_a_decline_nobody_was_told_is_listed_until_it_is_noted(operator: Operator) -> None:
    operator.house.hold()
    await operator.till.ask("PUT", "/orders/1", latte(total="666.00"), wait=0)
    operator.house.back()

    async def unattended() -> Any:
        return (await operator.ask("GET", "/entries?unattended=1"))[1]["entries"]

    [entry] = await eventually(unattended)
    assert (entry["outcome"], entry["unattended"]) == ("declined", True)
    _, spelled_out = await operator.ask("GET", "/entries?unattended=true")
    assert spelled_out["entries"] == [entry]
    note = {"reason": "told the guest", "by": "Sam"}
    status, noted = await operator.ask("POST", f"/entries/{entry['id']}/ack", note)
    assert (status, noted["unattended"]) == (200, False)
    assert await written_down(operator) == [
        {"act": "ack", "entry": entry["id"], "lane": "0042/tiny-ca", "order": "1", **note}
    ]
    status, told = await operator.ask("POST", f"/entries/{entry['id']}/ack")
    assert (status, told["code"]) == (409, "operation_conflict")


async def test_a_stopped_lane_goes_on(operator: Operator) -> None:
    await operator.till.ask("PUT", "/orders/1", latte())
    outbox = operator.house.doors.desk.outbox
    await outbox.write(lambda tx: tx.stop_lane("0042/tiny-ca", "three in a row"))
    assert (await operator.ask("GET", "/lanes"))[1]["lanes"][0]["state"] == "stopped"
    _, told = await operator.till.ask("PUT", "/orders/2", latte("2"), wait=0)
    assert told["results"][0]["detail"] == "three in a row"
    note = {"reason": "their API is mended", "by": "Sam"}
    status, told = await operator.ask("POST", "/lanes/0042/tiny-ca/resume", note)
    assert (status, told["lanes"][0]["lane"]) == (200, "0042/tiny-ca")
    assert await written_down(operator) == [{"act": "resume", "lane": "0042/tiny-ca", **note}]
    status, told = await operator.till.ask("PUT", "/orders/2", latte("2"))
    assert (status, told["outcome"]) == (200, "applied")


async def test_a_reload_tells_what_changed_or_what_is_wrong(operator: Operator) -> None:
    operator.house.changes.append("wait: 3s -> 2s")
    assert await operator.ask("POST", "/reload") == (200, {"changes": ["wait: 3s -> 2s"]})
    fault = Fault(code="configuration_invalid", path="gateway.yaml:3:1", message="unknown key")
    operator.house.refusal = Refused("configuration_invalid", "1 error", [fault])
    status, told = await operator.ask("POST", "/reload")
    assert (status, told["code"], told["errors"][0]["path"]) == (
        422,
        "configuration_invalid",
        "gateway.yaml:3:1",
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/entries/99", None, 404, "entry_not_found"),
        ("GET", "/entries/x", None, 422, "invalid_order"),
        ("GET", "/entries?state=lost", None, 422, "invalid_order"),
        ("GET", "/entries?unattended=maybe", None, 422, "invalid_order"),
        ("GET", "/receipts/0042/none", None, 404, "order_not_found"),
        ("GET", "/receipts/9999/none", None, 404, "unknown_store"),
        ("GET", "/nothing", None, 404, "not_found"),
        ("POST", "/lanes", None, 405, "method_not_allowed"),
        ("POST", "/lanes/0042/nobody/resume", None, 404, "lane_not_found"),
        ("POST", "/entries/99/retry", {"again": True}, 422, "invalid_order"),
        ("POST", "/entries/99/retry", {}, 404, "entry_not_found"),
    ],
)
async def test_an_operator_gets_problems_of_the_same_shape(
    operator: Operator, method: str, path: str, body: Any, status: int, code: str
) -> None:
    got, told = await operator.ask(method, path, body)
    assert (got, told["status"], told["code"]) == (status, status, code)
    assert told["trace_id"]
