"""Orders over HTTP: what a till is told, and how long it waits for it."""

import asyncio
import time
from typing import Any

from gateway.core.outcome import FINAL
from tests.api.conftest import Till
from tests.api.house import eventually, latte, payment

RESULT = {
    "vendor",
    "adapter",
    "role",
    "operation",
    "outcome",
    "reason",
    "detail",
    "reference",
    "lane",
    "sequence",
    "attempts",
    "next_attempt_at",
    "points",
    "balances",
    "receipt_lines",
    "receipt_qr",
    "changes",
}


async def finally_(till: Till, order_id: str) -> Any:
    """Ask until the order is final."""

    async def look() -> Any:
        _, told = await till.ask("GET", f"/orders/{order_id}")
        return told if told["final"] else None

    return await eventually(look)


async def test_an_applied_order_is_200_with_every_field_of_the_contract(till: Till) -> None:
    status, told = await till.ask("PUT", "/orders/1", latte())
    assert status == 200
    [result] = told.pop("results")
    assert told == {
        "store": "0042",
        "order_id": "1",
        "revision": 1,
        "state": "completed",
        "outcome": "applied",
        "final": True,
        "cashier": {"text": "Recorded", "action": "continue"},
    }
    assert result.keys() == RESULT
    assert (result["reference"], result["lane"], result["sequence"]) == ("t-1", "0042/tiny-ca", 1)


async def test_the_same_order_again_gets_the_same_answer_and_is_sold_once(till: Till) -> None:
    first = await till.ask("PUT", "/orders/1", latte())
    assert await till.ask("PUT", "/orders/1", latte()) == first
    assert len(till.house.tiny.ledger) == 1


async def test_many_at_once_of_one_order_are_one_order(till: Till) -> None:
    told = await asyncio.gather(*(till.ask("PUT", "/orders/1", latte()) for _ in range(12)))
    assert {status for status, _ in told} == {200}
    assert {result["reference"] for _, order in told for result in order["results"]} == {"t-1"}
    assert len(till.house.tiny.ledger) == 1


async def test_the_wait_is_honoured_and_the_order_goes_by_itself_later(till: Till) -> None:
    till.house.wire.latency_seconds = 1.6
    for wait, headers in ((1, {}), (0, {}), (None, {"Prefer": "respond-async"})):
        began = time.monotonic()
        status, told = await till.ask(
            "PUT", f"/orders/{wait}", latte(f"{wait}"), wait=wait, headers=headers
        )
        assert time.monotonic() - began <= (wait or 0) + 0.2
        assert (status, told["outcome"], told["final"]) == (202, "queued", False)
        till.house.wire.latency_seconds = 0
    assert (await finally_(till, "1"))["outcome"] == "applied"


async def test_an_outage_is_202_with_the_reason_and_the_next_attempt(till: Till) -> None:
    till.house.hold()
    status, told = await till.ask("PUT", "/orders/1", latte(), wait=1)
    [result] = told["results"]
    assert (status, result["outcome"], result["reason"]) == (202, "queued", "unreachable")
    assert result["next_attempt_at"] is not None
    assert "tiny-ca cannot be reached" in result["detail"]
    assert told["cashier"]["action"] == "continue"
    till.house.back()
    assert (await finally_(till, "1"))["results"][0]["reason"] is None


async def test_an_order_in_doubt_is_parked_and_what_depends_on_it_waits(till: Till) -> None:
    await till.house.doubt(lambda: till.ask("PUT", "/orders/1", latte("1"), wait=0))
    _, parked = await till.ask("GET", "/orders/1")
    assert parked["results"][0]["reason"] == "in_doubt"
    assert parked["cashier"]["action"] == "call_manager"
    status, told = await till.ask("PUT", "/orders/2", latte("2"), wait=1)
    assert (status, told["results"][0]["reason"]) == (202, "waiting_for")
    assert told["results"][0]["detail"] == (
        "waits for number 1 of the lane, which a person must look at"
    )


async def test_a_void_reads_voided_once_applied_and_get_tells_it_all(till: Till) -> None:
    await till.ask("PUT", "/orders/1", latte())
    status, told = await till.ask("POST", "/orders/1/void", {"reason": "wrong table"})
    assert (status, told["state"], told["outcome"]) == (200, "voided", "applied")
    assert [result["operation"] for result in told["results"]] == ["void"]
    assert told["cashier"]["text"] == "Reversed"
    _, all_ = await till.ask("GET", "/orders/1")
    assert [result["operation"] for result in all_["results"]] == ["submit", "void"]
    assert all_["state"] == "voided"
    again = await till.ask("POST", "/orders/1/void", {"reason": "wrong table"})
    assert again[1]["results"] == told["results"]


async def test_a_void_of_an_order_never_sent_cancels_both_and_reads_voided(till: Till) -> None:
    till.house.hold()
    await till.ask("PUT", "/orders/1", latte(), wait=0)
    status, told = await till.ask("POST", "/orders/1/void", {"reason": ""}, wait=1)
    assert (status, told["state"], told["outcome"]) == (200, "voided", "cancelled")
    assert till.house.tiny.ledger == []


async def test_a_refund_reads_refunded(till: Till) -> None:
    await till.ask("PUT", "/orders/1", latte(), store="0077")
    status, told = await till.ask("POST", "/orders/1/refund", {"reason": "cold"}, store="0077")
    assert (status, told["state"]) == (200, "refunded")
    assert told["cashier"]["text"] == "Annulé"


async def test_a_declined_order_is_final_and_says_why(till: Till) -> None:
    status, told = await till.ask("PUT", "/orders/1", latte(total="666.00"))
    assert (status, told["outcome"], told["final"]) == (200, "declined", True)
    assert told["results"][0]["reason"] == "vendor_declined"
    assert told["results"][0]["detail"] == "not that number"


async def test_a_skipped_order_is_final_and_no_fault(till: Till) -> None:
    status, told = await till.ask("PUT", "/orders/1", latte(state="placed"))
    assert (status, told["outcome"], told["results"][0]["reason"]) == (200, "skipped", "not_yet")
    assert told["outcome"] in FINAL


async def test_a_follower_never_speaks_for_the_order(till: Till) -> None:
    till.house.wire.fault = lambda account, _call: "unsent" if account.vendor == "tiny-2" else None
    status, told = await till.ask("PUT", "/orders/1", latte(), store="0099")
    assert (status, told["outcome"]) == (200, "applied")
    assert [result["role"] for result in told["results"]] == ["primary", "follower"]


async def test_phones_are_spelled_for_the_store_region_before_anything_is_kept(till: Till) -> None:
    member = {"kind": "phone", "value": "(416) 555-0123", "phone": "ask at the bar"}
    await till.ask("PUT", "/orders/1", latte(member=member))
    [account_and_call] = till.house.wire.sent
    assert b'"member":"+14165550123"' in account_and_call[1].payload()


async def test_a_payment_of_the_same_id_is_no_part_of_the_order(till: Till) -> None:
    await till.ask("PUT", "/payments/1", payment())
    await till.ask("PUT", "/orders/1", latte())
    _, told = await till.ask("GET", "/orders/1")
    assert [result["operation"] for result in told["results"]] == ["submit"]


async def test_the_log_names_the_route_and_the_order_and_never_the_member(till: Till) -> None:
    await till.ask("PUT", "/orders/order-1", latte(member={"kind": "email", "value": "ana@b.test"}))
    [line] = till.house.log.events("request.answered")
    assert line["route"] == "/v1/stores/{store}/orders/{order_id}"
    assert (line["method"], line["status"], line["store"], line["order"]) == (
        "PUT",
        200,
        "0042",
        "order-1",
    )
    assert "ana@b.test" not in str(till.house.log.lines)
