"""Whoever passed whom at a vendor stays written down, whatever happened in between."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Literal

from gateway.core.flow import Call
from gateway.core.order import Order
from gateway.engine.ports import Account, Tx
from tests.baskets import basket
from tests.simulation.vendors import ACCOUNTS, plan_of, wire_of
from tests.virtual import SeededChance, VirtualClock, run
from tests.world import Gateway

SPENDGO = next(account for account in ACCOUNTS if account.vendor == "spendgo-us")


@dataclass
class Counter:
    """A store before one vendor that is away, loses its answers to what moves value, or is well."""

    mood: Literal["away", "losing", "well"] = "away"
    gateway: Gateway = field(init=False)

    def __post_init__(self) -> None:
        clock = VirtualClock()
        wire = wire_of((SPENDGO,), clock)
        wire.fault = self._fault
        self.gateway = Gateway(
            plan=plan_of((SPENDGO,)), wire=wire, clock=clock, chance=SeededChance(1)
        )

    def _fault(self, _account: Account, call: Call) -> str | None:
        if self.mood == "away":
            return "unsent"
        return "lost_after" if self.mood == "losing" and call.step == "billed" else None

    async def sell(self, order_id: str) -> None:
        """Sell without waiting, and without a card: orders depend on nothing."""
        order = basket(random.Random(order_id), receipt=order_id, currency=SPENDGO.currency)
        await self.gateway.doors.orders.put(
            self.gateway.store(SPENDGO.store),
            order_id,
            Order.model_validate(order),
            deadline=self.gateway.deadline(0),
            trace_id="t",
        )

    def arrived(self) -> list[str | None]:
        """The orders the vendor holds, in its order."""
        return [row.receipt for row in self.gateway.wire.sandboxes[SPENDGO.vendor].ledger]


def test_an_overtake_that_reached_the_vendor_outlives_a_restart_and_the_passed_ones_return() -> (
    None
):
    async def story() -> None:
        counter = Counter()
        gateway = counter.gateway
        await gateway.start()

        async def park(tx: Tx) -> None:
            await tx.park(1, "gateway_fault", "set aside")

        await counter.sell("first")
        await gateway.outbox.write(park)
        await counter.sell("second")
        counter.mood = "losing"
        await asyncio.sleep(30)
        assert counter.arrived() == ["second"]
        await gateway.kill()
        counter.mood = "well"
        await gateway.start()
        await gateway.doors.operator.retry(1, "sam", send_again=True)
        await asyncio.sleep(100)
        done = await gateway.doors.operator.entries("done", None)
        await gateway.kill()
        assert counter.arrived() == ["second", "first"]
        assert {entry.subject: entry.overtook for entry in done} == {"first": (), "second": (1,)}

    run(story())
