"""All lanes and all gates: made when first needed, woken when there is something to do."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.core.adapter import Site
from gateway.core.flow import Call, Reply
from gateway.engine.delivery import Delivery
from gateway.engine.gate import Gate
from gateway.engine.lane import Lane
from gateway.engine.notices import Notices
from gateway.engine.ports import Account, Chance, Clock, Log, Outbox, Send
from gateway.engine.routing import Plan


@dataclass(kw_only=True)
class Gates:
    """One gate per vendor account."""

    send: Send
    clock: Clock
    chance: Chance
    log: Log
    rate: Callable[[str], float]
    on_close: Callable[[str], None] = field(default=lambda _vendor: None)
    _gates: dict[str, Gate] = field(default_factory=dict)

    def of(self, vendor: str) -> Gate:
        """The gate of a vendor account."""
        if vendor not in self._gates:
            self._gates[vendor] = Gate(
                vendor=vendor,
                send=self.send,
                clock=self.clock,
                chance=self.chance,
                log=self.log,
                rate=self.rate,
                on_close=self._closed,
            )
        return self._gates[vendor]

    async def turn(self, account: Account) -> None:
        """Wait for the account's next turn."""
        await self.of(account.vendor).turn()

    async def __call__(self, account: Account, call: Call, site: Site) -> Reply:
        """Send through the gate of the account."""
        return await self.of(account.vendor)(account, call, site)

    def _closed(self, vendor: str) -> None:
        self.on_close(vendor)


@dataclass(kw_only=True)
class Lanes:
    """Every lane of this gateway, each with a task of its own."""

    outbox: Outbox
    delivery: Delivery
    gates: Gates
    clock: Clock
    chance: Chance
    notices: Notices
    plan: Callable[[], Plan]
    log: Log
    _lanes: dict[str, Lane] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def start(self) -> None:
        """Start a task for every lane the outbox knows: starting is recovering."""
        self.gates.on_close = self._vendor_is_back
        for _, store, vendor in await self.outbox.read(lambda tx: tx.lanes()):
            self.lane(store, vendor)

    async def stop(self) -> None:
        """Stop all tasks; nothing depends on it."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def lane(self, store: str, vendor: str) -> Lane:
        """The lane of a store for a vendor, working."""
        name = f"{store}/{vendor}"
        if name not in self._lanes:
            lane = Lane(
                lane=name,
                store=store,
                vendor=vendor,
                outbox=self.outbox,
                delivery=self.delivery,
                gate=self.gates.of(vendor),
                clock=self.clock,
                chance=self.chance,
                notices=self.notices,
                plan=self.plan,
                log=self.log,
            )
            self._lanes[name] = lane
            self._tasks[name] = asyncio.create_task(lane.work(), name=f"lane {name}")
        return self._lanes[name]

    def known(self) -> dict[str, Lane]:
        """Every lane that works, by name."""
        return dict(self._lanes)

    def wake(self, store: str, vendor: str) -> None:
        """Tell a lane that there is something to do."""
        self.lane(store, vendor).wake()

    def _vendor_is_back(self, vendor: str) -> None:
        for lane in self._lanes.values():
            if lane.vendor == vendor:
                lane.release_hold(spread=True)
