"""The engine put together: every door of the gateway over one outbox and one way to send."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.engine.delivery import Ages, Delivery
from gateway.engine.desk import Desk
from gateway.engine.lanes import Gates, Lanes
from gateway.engine.notices import Notices
from gateway.engine.operator import Operator
from gateway.engine.orders import Orders
from gateway.engine.payments import Payments
from gateway.engine.ports import Chance, Clock, Log, Outbox, Send
from gateway.engine.quotes import Quotes
from gateway.engine.releasing import Releasing
from gateway.engine.routing import Plan
from gateway.engine.runner import Runner
from gateway.engine.sweeper import Sweeper
from gateway.engine.undoing import Undoing
from gateway.engine.upkeep import Upkeep
from gateway.engine.visits import Visits


@dataclass(kw_only=True)
class Doors:
    """What the till's and the operator's sides knock on."""

    desk: Desk
    orders: Orders
    undoing: Undoing
    payments: Payments
    visits: Visits
    quotes: Quotes
    operator: Operator
    upkeep: Upkeep
    sweeper: Sweeper
    _sweeping: asyncio.Task[None] | None = field(default=None)

    async def open(self) -> None:
        """Start the lanes and the sweeper: starting is recovering."""
        await self.payments.cancel_left_over()
        await self.desk.lanes.start()
        await self.visits.take_up()
        self._sweeping = asyncio.create_task(self.sweeper.work(), name="sweeper")

    async def close(self) -> None:
        """Stop working; nothing depends on it."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        self.visits.stop()
        await self.desk.lanes.stop()


def make_doors(
    *,
    outbox: Outbox,
    send: Send,
    clock: Clock,
    chance: Chance,
    log: Log,
    plan: Callable[[], Plan],
    rate: Callable[[str], float],
    retention_seconds: Callable[[], float],
) -> Doors:
    """Put the engine together; `plan`, `rate` and `retention_seconds` may change under way."""
    gates = Gates(send=send, clock=clock, chance=chance, log=log, rate=rate)
    runner = Runner(outbox=outbox, send=gates, clock=clock, log=log, turn=gates.turn)
    desk = _desk(runner, gates, chance, plan)
    releasing = Releasing(desk=desk)
    orders = Orders(desk=desk)
    visits = Visits(desk=desk, releasing=releasing)
    return Doors(
        desk=desk,
        orders=orders,
        undoing=Undoing(desk=desk, orders=orders),
        payments=Payments(desk=desk),
        visits=visits,
        quotes=Quotes(desk=desk),
        operator=Operator(desk=desk),
        upkeep=Upkeep(desk=desk),
        sweeper=Sweeper(desk=desk, releasing=releasing, retention_seconds=retention_seconds),
    )


def _desk(runner: Runner, gates: Gates, chance: Chance, plan: Callable[[], Plan]) -> Desk:
    outbox, clock, log, notices = runner.outbox, runner.clock, runner.log, Notices()
    ages = Ages(clock)
    lanes = Lanes(
        outbox=outbox,
        delivery=Delivery(runner=runner, plan=plan, clock=clock, ages=ages),
        gates=gates,
        clock=clock,
        chance=chance,
        notices=notices,
        plan=plan,
        log=log,
    )
    return Desk(
        outbox=outbox,
        runner=runner,
        lanes=lanes,
        gates=gates,
        ages=ages,
        notices=notices,
        plan=plan,
        clock=clock,
        chance=chance,
        log=log,
    )
