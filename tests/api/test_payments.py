"""Stored value over HTTP: taken once, undone where that is possible, never queued."""

import asyncio

from tests.api.conftest import Till
from tests.api.house import payment


async def test_a_payment_is_taken_once_and_told_again(till: Till) -> None:
    status, told = await till.ask("PUT", "/payments/p1", payment())
    assert (status, told["outcome"], told["final"], told["amount"]) == (
        200,
        "applied",
        True,
        "5.00",
    )
    assert (told["reference"], told["cashier"]["text"], told["reversed"]) == ("t-1", "Paid", False)
    assert await till.ask("PUT", "/payments/p1", payment()) == (200, told)
    assert await till.ask("GET", "/payments/p1") == (200, told)
    assert len(till.house.tiny.ledger) == 1


async def test_value_is_added(till: Till) -> None:
    status, told = await till.ask("PUT", "/payments/p1", payment(action="load"), store="0077")
    assert (status, told["operation"], told["cashier"]["text"]) == (200, "load", "Montant ajouté")


async def test_a_payment_never_sent_is_503_and_the_same_id_may_be_tried_again(till: Till) -> None:
    till.house.away()
    status, told = await till.ask("PUT", "/payments/p1", payment(), wait=1)
    assert (status, told["code"], told["retryable"]) == (503, "vendor_unreachable", True)
    assert (await till.ask("GET", "/payments/p1"))[1]["outcome"] == "cancelled"
    till.house.back()
    status, told = await till.ask("PUT", "/payments/p1", payment())
    assert (status, told["outcome"]) == (200, "applied")
    assert len(till.house.tiny.ledger) == 1


async def test_a_payment_in_doubt_is_202_and_parked(till: Till) -> None:
    till.house.away("lost_after")
    status, told = await till.ask("PUT", "/payments/p1", payment(), wait=1)
    assert (status, told["final"]) == (202, False)
    async with asyncio.timeout(5):
        while told["outcome"] != "parked":
            till.house.back()
            status, told = await till.ask("PUT", "/payments/p1", payment(), wait=0)
    assert (status, told["reason"]) == (202, "in_doubt")
    assert told["cashier"]["action"] == "call_manager"


async def test_a_reversal_speaks_for_itself_and_the_payment_says_it_is_reversed(till: Till) -> None:
    await till.ask("PUT", "/payments/p1", payment(), store="0077")
    for _ in range(2):
        status, told = await till.ask("POST", "/payments/p1/reverse", {}, store="0077")
        assert (status, told["operation"], told["outcome"]) == (200, "reverse", "applied")
    _, paid = await till.ask("GET", "/payments/p1", store="0077")
    assert (paid["operation"], paid["outcome"], paid["reversed"]) == ("pay", "applied", True)
