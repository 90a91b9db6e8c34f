"""A share of poison in a thousand orders: what is independent passes, and little time is lost."""

import random

from gateway.core.flow import Call
from gateway.engine.ports import Account
from tests.engine.conftest import Shop
from tests.virtual import run

ORDERS = 1000
LATENCY_SECONDS = 0.3


def _drain_seconds(poison: frozenset[str], dependants: dict[str, str]) -> tuple[float, Shop]:
    async def story() -> tuple[float, Shop]:
        shop = Shop()
        shop.wire.latency_seconds = LATENCY_SECONDS
        shop.wire.fault = lambda _account, _call: "unsent"
        await shop.gateway.start()
        for number in range(ORDERS):
            order_id = str(number)
            member = dependants.get(order_id, f"m{number}")
            await shop.sell(order_id, wait=0, member=member)

        def fault(_account: Account, call: Call) -> str | None:
            return "lost_before" if call.body["id"] in poison else None

        shop.wire.fault = fault
        began = shop.clock.monotonic()
        while True:
            [lane] = await shop.gateway.doors.operator.lanes()
            waiting = len(poison) + len(dependants)
            if lane["queued"] + lane["parked"] <= waiting and lane["parked"] == len(poison):
                break
            await shop.clock.sleep(1)
        took = shop.clock.monotonic() - began
        await shop.gateway.kill()
        return took, shop

    return run(story())


def test_poison_costs_little_and_holds_only_its_own() -> None:
    clean, _ = _drain_seconds(frozenset(), {})
    for share in (0.01, 0.05):
        _check(share, clean)


def _check(share: float, clean: float) -> None:
    chance = random.Random(4)
    places = sorted(chance.sample(range(0, ORDERS - 30, 19), int(ORDERS * share)))
    poison = frozenset(str(place) for place in places)
    dependants = {str(place + 15): f"m{place}" for place in places[::2]}
    took, shop = _drain_seconds(poison, dependants)
    assert took <= 1.2 * clean
    delivered = [receipt for receipt, _ in shop.held()]
    expected = [str(n) for n in range(ORDERS) if str(n) not in poison | dependants.keys()]
    assert delivered == expected
