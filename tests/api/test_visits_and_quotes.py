"""Visits, quotes, rewards and what a store can do, over HTTP."""

from typing import Any

import pytest

from tests.api.conftest import Till
from tests.api.house import latte

ANA: dict[str, Any] = {"till": "1", "member": {"kind": "card", "value": "ana"}, "visit_id": "v1"}


async def test_a_visit_is_201_the_first_time_and_every_time(till: Till) -> None:
    first = await till.ask("POST", "/visits", ANA, store="0077")
    assert first[0] == 201
    [result] = first[1]["results"]
    assert (result["outcome"], result["member"]["id"]) == ("applied", "m-ana")
    assert result["rewards"][0]["reward_id"] == "7001"
    assert "seat" not in str(first)
    assert await till.ask("POST", "/visits", ANA, store="0077") == first
    assert await till.ask("GET", "/visits/v1", store="0077") == (200, first[1])
    assert till.house.tiny.seats == ["seat-0"]


async def test_a_visit_without_an_id_gets_one(till: Till) -> None:
    said = {"till": "1", "member": ANA["member"]}
    ids = {(await till.ask("POST", "/visits", said))[1]["visit_id"] for _ in range(2)}
    assert len(ids) == 2


async def test_a_member_who_walks_away_is_given_up_at_once(till: Till) -> None:
    await till.ask("POST", "/visits", ANA)
    assert await till.ask("DELETE", "/visits/v1") == (204, None)
    assert till.house.tiny.seats == []
    assert await till.ask("DELETE", "/visits/v1") == (204, None)


async def test_giving_back_is_queued_while_the_vendor_is_away(till: Till) -> None:
    await till.ask("POST", "/visits", ANA)
    till.house.hold()
    assert await till.ask("DELETE", "/visits/v1", wait=0) == (202, None)


async def test_a_quote_is_given_and_the_order_that_keeps_to_it_is_taken(till: Till) -> None:
    await till.ask("POST", "/visits", ANA, store="0077")
    discount = {"id": "d", "name": "Free coffee", "amount": "5.00", "reward_id": "7001"}
    basket = {
        **latte(visit_id="v1", member=None, discounts=[discount], payments=[]),
        "discount_total": "5.00",
        "total": "0.00",
    }
    status, quote = await till.ask(
        "POST", "/quotes", {**basket, "order_id": "1", "state": "placed"}, store="0077"
    )
    assert (status, quote["accepted"], quote["discount_total"]) == (200, True, "5.00")
    assert quote.keys() == {"quote_id", "accepted", "discount_total", "results", "expires_at"}
    order = {**basket, "quote_id": quote["quote_id"]}
    status, told = await till.ask("PUT", "/orders/1", order, store="0077")
    assert (status, told["outcome"]) == (200, "applied")


async def test_rewards_are_listed_where_the_vendor_has_such_a_list(till: Till) -> None:
    status, told = await till.ask("GET", "/rewards", store="0077")
    assert (status, [one["name"] for one in told["rewards"]]) == (200, ["Free coffee"])


@pytest.mark.parametrize(("away", "online"), [(False, True), (True, False)])
async def test_what_a_store_can_do_says_why_not(till: Till, *, away: bool, online: bool) -> None:
    if away:
        till.house.hold()
    status, told = await till.ask("GET", "/capabilities")
    submit, quote = told["operations"]["submit"], told["operations"]["quote"]
    assert (status, told["primary"]) == (200, "tiny-ca")
    assert (submit["online"], submit["offline"]) == (online, "queue")
    assert quote == {"online": False, "offline": "refuse", "reason": "Tiny prices nothing"}
