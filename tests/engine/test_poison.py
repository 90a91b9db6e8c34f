"""Poison and outage: one order that never gets a reply must not look like a vendor that is away."""

from gateway.core.flow import Call
from gateway.engine.ports import Account
from tests.engine.conftest import Shop
from tests.virtual import run


def _poison(order_id: str) -> object:
    def fault(_account: Account, call: Call) -> str | None:
        body = call.body if isinstance(call.body, dict) else {}
        return "error" if order_id in (body.get("reference"), body.get("id")) else None

    return fault


def test_a_poison_void_is_parked_and_the_others_pass() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        await shop.sell("1")
        shop.wire.fault = _poison("t-1")  # type: ignore[assignment]
        await shop.undo("1", wait=1)
        for number in range(2, 6):
            await shop.sell(str(number), member=f"m{number}", wait=1)
        await shop.clock.sleep(600)
        told = await shop.gateway.doors.orders.get(shop.gateway.store("0042"), "1")
        assert [entry.state for entry in told.entries] == ["done", "parked"]
        assert [receipt for receipt, _ in shop.held()] == ["1", "2", "3", "4", "5"]
        await shop.gateway.kill()

    run(story())


def test_an_outage_that_swallows_replies_stops_the_lane_before_it_swallows_them_all() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        await shop.sell("1")
        shop.wire.fault = lambda _account, _call: "error"
        await shop.undo("1", wait=1)
        for number in range(2, 6):
            await shop.sell(str(number), member=f"m{number}", wait=1)
        await shop.clock.sleep(3600)
        assert len(shop.gateway.log.events("lane.stopped")) == 1
        assert len(shop.wire.sent) < 15
        shop.wire.fault = lambda _account, _call: None
        await shop.gateway.doors.operator.resume("0042/tiny-ca", "op")
        await shop.clock.sleep(600)
        told = await shop.gateway.doors.orders.get(shop.gateway.store("0042"), "1")
        assert [entry.state for entry in told.entries] == ["done", "done"]
        parked = await shop.gateway.doors.operator.entries("parked", None)
        assert [entry.reason for entry in parked] == ["in_doubt"] * 3
        assert len(parked) + len(shop.held()) == 5
        await shop.gateway.kill()

    run(story())
