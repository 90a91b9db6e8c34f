"""No till ever waits longer than it asked to, whatever the vendor does."""

import asyncio
import random
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.core.order import Order
from gateway.sandbox.faults import Fault
from tests.baskets import basket
from tests.simulation.vendors import ACCOUNTS, Account, plan_of, wire_of
from tests.torture.gateway_process import Desk, GatewayProcess
from tests.torture.scene import SHOPS, SPENDGO_SHOP, SPOONITY_SHOP, Shop, open_scene
from tests.virtual import SeededChance, VirtualClock, run
from tests.world import Gateway

WAITS: tuple[tuple[str | None, float], ...] = (
    ("respond-async", 0.0),
    (None, 0.5),
    ("wait=1", 1.0),
    ("wait=2", 2.0),
)
"""What a till says, and the seconds it means; without a word it is the store's own wait."""

TILLS_EACH = 4

NOISE_SECONDS = 1.0
"""What a busy machine may add; the promise itself is held to the tick in virtual time below."""

HANGING_SECONDS = 100.0
"""How long the vendor of the virtual world takes to answer: longer than anyone waits."""


@dataclass
class Watch:
    """What was measured: for every wait, the seconds each answer came after it was over."""

    over: dict[float, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def buy(self, desk: Desk, shop: Shop, till: int) -> None:
        """Sell once with every wait, one after the other."""
        chance = random.Random(f"{shop.store}/{till}")
        for prefer, seconds in WAITS:
            order_id = f"{shop.store}-{till}-{seconds}"
            member = shop.members[till % len(shop.members)]
            order = basket(chance, receipt=order_id, currency=shop.currency, member=member)
            began = time.monotonic()
            heard = await desk.put(shop.store, order_id, order, prefer=prefer)
            self.over[seconds].append(time.monotonic() - began - seconds)
            assert heard.status == 202, heard.body
            assert heard.json()["outcome"] == "queued"


async def test_every_answer_comes_within_its_wait_from_a_vendor_that_is_gone(
    tmp_path: Path,
) -> None:
    watch = Watch()
    async with open_scene(tmp_path, overrides={"wait": "500ms"}) as scene, AsyncExitStack() as on:
        scene.servers[SPOONITY_SHOP.vendor].faults.add([Fault(kind="hang", times=None)])
        await scene.servers[SPENDGO_SHOP.vendor].unplug()
        await on.enter_async_context(GatewayProcess(scene))
        async with asyncio.TaskGroup() as tills:
            for shop in SHOPS:
                for till in range(TILLS_EACH):
                    desk = await on.enter_async_context(Desk(scene))
                    tills.create_task(watch.buy(desk, shop, till))
        assert not any(sandbox.ledger for sandbox in scene.sandboxes.values())
    for seconds, over in watch.over.items():
        print(f"wait {seconds:g} s: the latest of {len(over)} answers {max(over) * 1000:+.0f} ms")
    assert [len(over) for over in watch.over.values()] == [len(SHOPS) * TILLS_EACH] * len(WAITS)
    assert max(map(max, watch.over.values())) < NOISE_SECONDS


@pytest.mark.parametrize("mine", ACCOUNTS, ids=lambda account: account.vendor)
def test_every_wait_is_kept_to_the_tick(mine: Account) -> None:
    """Two tills at each wait from 0 to 30, all at once, and a vendor that takes 100 s."""
    clock = VirtualClock()
    wire = wire_of((mine,), clock)
    wire.latency_seconds = HANGING_SECONDS
    gateway = Gateway(plan=plan_of((mine,)), wire=wire, clock=clock, chance=SeededChance(7))

    async def sell(wait: int, till: int) -> tuple[int, float]:
        order_id = f"{mine.store}-{till}-{wait}"
        order = basket(
            random.Random(order_id),
            receipt=order_id,
            currency=mine.currency,
            member=mine.members[till % len(mine.members)],
        )
        began = clock.monotonic()
        story = await gateway.doors.orders.put(
            gateway.store(mine.store),
            order_id,
            Order.model_validate(order),
            deadline=gateway.deadline(wait),
            trace_id="t",
        )
        assert story.entries
        return wait, clock.monotonic() - began

    async def rush_hour() -> list[tuple[int, float]]:
        await gateway.start()
        answers = await asyncio.gather(*(sell(wait, till) for wait in range(31) for till in (1, 2)))
        await gateway.kill()
        return answers

    answers = run(rush_hour())
    assert not [(wait, took) for wait, took in answers if took > wait]
    assert [took > 29 for wait, took in answers if wait == 30] == [True, True]
