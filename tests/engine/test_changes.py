"""Change under way: settle delay, a store that moves, ages, declines nobody heard."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.engine.delivery import KNOWN_AGES, LEAP_SECONDS, Ages
from gateway.engine.refusal import Refused
from gateway.engine.routing import Plan, Route
from tests.engine.conftest import SITE, Shop
from tests.engine.values import an_entry
from tests.virtual import START, VirtualClock, in_virtual_time, run


def test_earning_waits_so_that_an_immediate_void_cancels_here() -> None:
    async def story() -> None:
        shop = Shop()
        store = shop.gateway.store("0042")
        route = replace(store.routes[0], settle_delay_seconds=60)
        shop.gateway.replan(replace(store, routes=(route,)))
        await shop.gateway.start()
        assert (await shop.sell("1")).entries[0].state == "queued"
        told = await shop.undo("1")
        assert [entry.outcome.kind for entry in told.entries] == ["cancelled", "cancelled"]
        assert (await shop.sell("2")).entries[0].state == "queued"
        await shop.clock.sleep(30)
        assert shop.held() == []
        await shop.clock.sleep(40)
        assert shop.held() == [("2", True)]
        await shop.gateway.kill()

    run(story())


def test_a_store_that_moves_drains_its_backlog_where_it_was_accepted() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        shop.wire.fault = lambda account, _call: "unsent" if account.vendor == "tiny-ca" else None
        await shop.sell("1", wait=0)
        store = shop.gateway.store("0042")
        moved = Route(vendor="tiny-2", adapter="tiny", role="primary", site=SITE)
        shop.gateway.replan(replace(store, routes=(moved,)))
        told = await shop.sell("2")
        assert (told.entries[0].vendor, told.entries[0].state) == ("tiny-2", "done")
        shop.wire.fault = lambda _account, _call: None
        await shop.clock.sleep(120)
        assert [(a.vendor, c.step) for a, c in shop.wire.sent] == [
            ("tiny-2", "sell"),
            ("tiny-ca", "sell"),
        ]
        void = await shop.undo("1")
        assert void.entries[-1].vendor == "tiny-ca"
        await shop.gateway.kill()

    run(story())


@pytest.mark.parametrize(("jump_days", "kind"), [(0, "declined"), (40, "applied")])
def test_ages_count_only_by_a_clock_that_can_be_trusted(jump_days: int, kind: str) -> None:
    async def story() -> None:
        shop = Shop()
        store = shop.gateway.store("0042")
        shop.gateway.replan(replace(store, max_age_seconds={("submit", "tiny"): 600.0}))
        await shop.gateway.start()
        shop.wire.fault = lambda _account, _call: "unsent"
        await shop.sell("1", wait=0)
        if jump_days:
            shop.clock.shift = timedelta(days=jump_days)
            await shop.clock.sleep(60)
        else:
            await shop.clock.sleep(700)
        shop.wire.fault = lambda _account, _call: None
        await shop.clock.sleep(120)
        told = await shop.gateway.doors.orders.get(store, "1")
        assert told.entries[0].outcome is not None
        assert told.entries[0].outcome.kind == kind
        await shop.gateway.kill()

    run(story())


def test_a_decline_nobody_heard_waits_for_a_person() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        shop.wire.latency_seconds = 5
        await shop.sell("1", total="666", wait=1)
        await shop.clock.sleep(10)
        operator = shop.gateway.doors.operator
        [entry] = await operator.entries("done", None, unattended=True)
        assert entry.subject == "1"
        await operator.ack(entry.id, "op")
        assert await operator.entries("done", None, unattended=True) == []
        with pytest.raises(Refused):
            await operator.ack(entry.id, "op")
        await shop.gateway.kill()

    run(story())


def test_a_configuration_may_change_while_orders_are_in_flight() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        shop.wire.latency_seconds = 2
        task = shop.sell("1", wait=5)
        plan = shop.gateway.plan
        shop.gateway.plan = Plan(stores=dict(plan.stores), adapters=plan.adapters)
        assert (await task).entries[0].outcome.kind == "applied"
        await shop.gateway.kill()

    run(story())


@in_virtual_time
async def test_ages_are_remembered_for_as_many_as_a_store_sells_while_it_is_cut_off() -> None:
    clock = VirtualClock()
    ages = Ages(clock)
    for number in range(KNOWN_AGES + 1):
        ages.accepted(number)
    await clock.sleep(100)
    clock.shift = timedelta(days=30)
    for known in (0, KNOWN_AGES):
        assert ages.now(an_entry(id=known)) == START + timedelta(seconds=100)
    await clock.sleep(LEAP_SECONDS)
    assert ages.now(an_entry(id=0)) == clock.now()
    assert ages.now(an_entry(id=1)) == START + timedelta(seconds=100 + LEAP_SECONDS)
