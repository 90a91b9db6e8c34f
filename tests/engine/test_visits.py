"""Visits: opened once, taken by their order, given back by hand, deadline or restart."""

import pytest

from gateway.engine.refusal import Refused
from tests.engine.conftest import Shop
from tests.virtual import run


def test_a_visit_asked_for_twice_is_identified_once() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        first = await shop.identify("v1")
        again = await shop.identify("v1")
        assert first == again
        assert len(shop.wire.sent) == 1
        with pytest.raises(Refused) as conflict:
            await shop.identify("v1", said="other")
        assert conflict.value.code == "order_conflict"
        await shop.gateway.kill()

    run(story())


def test_nobody_is_member_not_found() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        with pytest.raises(Refused) as refused:
            await shop.identify("v1", "nobody")
        assert refused.value.code == "member_not_found"
        await shop.gateway.kill()

    run(story())


def test_a_vendor_that_hangs_costs_the_till_no_more_than_its_wait() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        shop.wire.latency_seconds = 100
        before = shop.clock.monotonic()
        with pytest.raises(Refused) as refused:
            await shop.identify("v1")
        assert refused.value.code == "vendor_unreachable"
        assert shop.clock.monotonic() - before <= 3
        await shop.gateway.kill()

    run(story())


def test_a_member_who_walks_away_gives_the_seat_back() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        await shop.identify("v1")
        store = shop.gateway.store("0042")
        for _ in range(2):
            assert await shop.gateway.doors.visits.close(
                store, "v1", deadline=shop.gateway.deadline(3), trace_id="t"
            )
        assert shop.tiny.seats == []
        await shop.gateway.kill()

    run(story())


@pytest.mark.parametrize("restarts", [False, True])
def test_what_a_dead_till_left_is_released_at_its_deadline(restarts: bool) -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        await shop.identify("v1")
        await shop.clock.sleep(1700)
        if restarts:
            await shop.gateway.kill()
            await shop.gateway.start()
        assert len(shop.tiny.seats) == 1
        await shop.clock.sleep(150)
        assert shop.tiny.seats == []
        await shop.gateway.kill()

    run(story())


def test_an_order_takes_its_visit_over_and_a_declined_one_leaves_it_open() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        await shop.identify("v1")
        told = await shop.sell("1", total="666", visit_id="v1", member=None)
        assert told.entries[0].outcome.kind == "declined"
        assert not (await shop.gateway.doors.operator.entry(told.entries[0].id)).unattended
        again = await shop.sell("1", total="6", revision=2, visit_id="v1", member=None)
        assert again.entries[-1].outcome.kind == "applied"
        await shop.clock.sleep(4000)
        assert len(shop.tiny.seats) == 1
        await shop.gateway.kill()

    run(story())
