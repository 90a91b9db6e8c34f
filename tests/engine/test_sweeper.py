"""What a dead till left behind is given back, and old bodies go."""

from dataclasses import replace
from datetime import timedelta

from gateway.engine.delivery import LEAP_SECONDS
from gateway.engine.routing import Plan
from gateway.engine.sweeper import AT_ONCE, EVERY_SECONDS
from tests.engine.conftest import opened
from tests.virtual import in_virtual_time

TTL_SECONDS = 1800


@in_virtual_time
async def test_however_many_walked_away_all_of_them_are_given_back() -> None:
    async with opened() as shop:
        for number in range(AT_ONCE + 5):
            await shop.identify(f"v{number}", f"m{number}")
        await shop.clock.sleep(TTL_SECONDS + 2 * EVERY_SECONDS)
        assert shop.tiny.seats == []
        assert len(shop.gateway.log.events("visit.overdue")) == AT_ONCE + 5


@in_virtual_time
async def test_visits_of_a_store_that_is_gone_are_given_back_too() -> None:
    async with opened() as shop:
        stores = {"0042": shop.store, "0043": replace(shop.store, code="0043")}
        shop.gateway.plan = Plan(stores=stores, adapters=shop.gateway.plan.adapters)
        for number in range(AT_ONCE + 1):
            await shop.identify(f"v{number}", f"m{number}")
        shop.gateway.plan = Plan(
            stores={"0043": stores["0043"]}, adapters=shop.gateway.plan.adapters
        )
        await shop.clock.sleep(TTL_SECONDS + 3 * EVERY_SECONDS)
        assert shop.tiny.seats == []


@in_virtual_time
async def test_a_clock_that_leaps_for_a_moment_gives_nothing_back_before_its_time() -> None:
    async with opened() as shop:
        await shop.identify("v1")
        await shop.clock.sleep(EVERY_SECONDS)
        shop.clock.shift = timedelta(days=30)
        await shop.clock.sleep(4 * EVERY_SECONDS)
        assert len(shop.tiny.seats) == 1
        shop.clock.shift = timedelta()
        await shop.clock.sleep(TTL_SECONDS - 4 * EVERY_SECONDS)
        assert shop.tiny.seats == []


@in_virtual_time
async def test_a_clock_that_stays_where_it_leapt_to_is_believed_in_the_end() -> None:
    async with opened() as shop:
        shop.clock.shift = timedelta(days=-30)
        await shop.clock.sleep(LEAP_SECONDS + EVERY_SECONDS)
        await shop.identify("v1")
        await shop.clock.sleep(TTL_SECONDS + 2 * EVERY_SECONDS)
        assert shop.tiny.seats == []


@in_virtual_time
async def test_bodies_go_when_retention_ends_unless_the_clock_cannot_be_trusted() -> None:
    async with opened() as shop:
        shop.gateway.retention_seconds = 3600
        await shop.sell("1")
        shop.clock.shift = timedelta(days=30)
        await shop.clock.sleep(2 * EVERY_SECONDS)
        assert (await shop.story("1")).asked.body is not None
        shop.clock.shift = timedelta()
        await shop.clock.sleep(3600 + EVERY_SECONDS)
        assert (await shop.story("1")).asked.body is None


@in_virtual_time
async def test_a_look_that_fails_is_said_and_the_next_one_comes() -> None:
    async with opened() as shop:
        await shop.identify("v1")
        plan = shop.gateway.plan
        shop.gateway.plan = replace(plan, adapters={})
        await shop.clock.sleep(TTL_SECONDS + 2 * EVERY_SECONDS)
        assert shop.gateway.log.events("sweep.failed")[0] == {"error": "KeyError"}
        shop.gateway.plan = plan
        await shop.clock.sleep(2 * EVERY_SECONDS)
        assert shop.tiny.seats == []


@in_virtual_time
async def test_a_visit_that_went_meanwhile_is_nobodys_any_more() -> None:
    async with opened() as shop:
        await shop.gateway.doors.sweeper._release("0042", "v9")
        assert shop.gateway.log.events("visit.closed") == []
