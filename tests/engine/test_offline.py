"""What a store can do while its vendor is away, what it may promise, and what it says of it."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.engine.capabilities import capabilities
from tests.api import plus
from tests.engine.conftest import opened, plan_of
from tests.engine.values import free_coffee, plan_of_two, refused
from tests.tiny import ADAPTER
from tests.virtual import in_virtual_time


async def _away(shop: Any) -> None:
    """Let an order find out that the vendor is away."""
    shop.lose()
    await shop.sell("first", wait=0, member="zoe")
    await shop.clock.sleep(0.01)


@pytest.mark.parametrize(
    ("offline_reward", "away", "taken"),
    [("refuse", False, True), ("refuse", True, False), ("queue", True, True)],
)
@in_virtual_time
async def test_a_reward_nobody_quoted_is_a_promise_that_needs_the_vendor(
    offline_reward: str, away: bool, taken: bool
) -> None:
    async with opened(plan_of(plus.ADAPTER, offline_reward=offline_reward)) as shop:
        if away:
            await _away(shop)
        if taken:
            assert (await shop.sell("1", **free_coffee())).entries[0].operation == "submit"
            return
        assert await refused(shop.sell("1", **free_coffee())) == (
            "offline_refused",
            "tiny-ca cannot be reached, and the reward was never quoted: sell without it",
        )
        assert (await shop.sell("1")).entries[0].state == "queued"


@in_virtual_time
async def test_a_reward_quoted_before_the_outage_is_queued() -> None:
    async with opened(plan_of(plus.ADAPTER)) as shop:
        await shop.identify("v1")
        row = await shop.quote("1", **free_coffee(), visit_id="v1")
        await _away(shop)
        bound = {**free_coffee(), "visit_id": "v1", "quote_id": row.quote_id}
        assert (await shop.sell("1", **bound)).entries[0].state == "queued"


@pytest.mark.parametrize(
    ("reward_id", "visit_id", "taken"),
    [("7001", "v1", True), ("7002", "v1", False), ("7001", None, False)],
)
@in_virtual_time
async def test_where_nothing_is_quoted_a_reward_of_the_visit_counts_as_quoted(
    reward_id: str, visit_id: str | None, taken: bool
) -> None:
    says = plus.ADAPTER.operations
    local = replace(
        plus.ADAPTER, operations={**says, "quote": replace(says["quote"], offline="local")}
    )
    async with opened(plan_of(local)) as shop:
        await shop.identify("v1")
        await _away(shop)
        order = {**free_coffee(reward_id), "visit_id": visit_id}
        if taken:
            assert (await shop.sell("1", **order)).entries[0].state == "queued"
        else:
            assert (await refused(shop.sell("1", **order)))[0] == "offline_refused"


@in_virtual_time
async def test_what_a_store_can_do_just_now_and_why_not() -> None:
    async with opened(plan_of_two(offline={("void", "tiny"): "refuse"})) as shop:
        desk = shop.gateway.doors.desk
        online = capabilities(desk, shop.store)
        assert (online["primary"], online["operations"]["submit"]) == (
            "tiny-ca",
            {"online": True, "offline": "queue", "reason": None},
        )
        assert online["operations"]["quote"]["reason"] == "Tiny prices nothing"
        await _away(shop)
        await shop.clock.sleep(0.1)
        told = capabilities(desk, shop.store)
        assert [(one["vendor"], one["reachable"]) for one in told["vendors"]] == [
            ("tiny-2", False),
            ("tiny-ca", False),
        ]
        assert {name: told["operations"][name] for name in ("submit", "void", "identify")} == {
            "submit": {
                "online": False,
                "offline": "queue",
                "reason": "tiny-ca cannot be reached; it is queued",
            },
            "void": {
                "online": False,
                "offline": "refuse",
                "reason": "tiny-ca cannot be reached; it is refused until it is back",
            },
            "identify": {
                "online": False,
                "offline": "refuse",
                "reason": "tiny-ca cannot be reached; it is refused until it is back",
            },
        }


@in_virtual_time
async def test_a_store_without_a_vendor_can_do_nothing_and_says_so() -> None:
    async with opened(plan_of(routes=())) as shop:
        told = capabilities(shop.gateway.doors.desk, shop.store)
        assert (told["primary"], told["vendors"]) == (None, [])
        assert {str(one["reason"]) for one in told["operations"].values()} == {
            "no vendor is configured for it"
        }
        unknown = replace(ADAPTER, cannot={})
    async with opened(plan_of(unknown)) as shop:
        told = capabilities(shop.gateway.doors.desk, shop.store)
        assert told["operations"]["load"]["reason"] == "the adapter does not know it"


@pytest.mark.parametrize(("policy", "taken"), [("queue", True), ("refuse", False)])
@in_virtual_time
async def test_a_store_may_want_no_orders_while_its_vendor_is_away(
    policy: str, taken: bool
) -> None:
    async with opened(plan_of(offline={("submit", "tiny"): policy})) as shop:
        shop.lose()
        await shop.sell("1", wait=0)
        await shop.clock.sleep(0.01)
        if taken:
            assert (await shop.sell("2")).entries[0].state == "queued"
        else:
            assert await refused(shop.sell("2")) == (
                "offline_refused",
                "tiny-ca cannot be reached: submit needs the vendor",
            )
