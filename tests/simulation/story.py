"""One seeded story: tills sell and void, vendors fail, the gateway dies and lives again."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from gateway.core.flow import Call
from gateway.core.order import Order
from gateway.engine.ports import Account as WireAccount
from gateway.engine.ports import StorageFull
from gateway.engine.refusal import Refused
from tests.baskets import basket
from tests.simulation.vendors import ACCOUNTS, Account, plan_of, wire_of
from tests.virtual import SeededChance, VirtualClock
from tests.world import Gateway

FAULTS = ("unsent", "lost_before", "lost_after", "error", "html")
QUIET_SECONDS = 4000.0
"""Long enough for every backoff, look and breaker once the vendors are healthy."""


@dataclass
class Told:
    """What a till was told of one request: the last answer, or that none came."""

    store: str
    order_id: str
    operation: str
    accepted: bool
    standing: str | None
    at: int


@dataclass
class Story:
    """Everything that happened, for the oracle."""

    seed: int
    gateway: Gateway
    accounts: tuple[Account, ...]
    told: list[Told] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    kills: int = 0

    def say(self, text: str) -> None:
        self.lines.append(f"{self.gateway.clock.monotonic():10.3f}  {text}")


class Teller:
    """Plays one story from its seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        accounts = tuple(self.chance.sample(ACCOUNTS, self.chance.choice((1, 1, 2))))
        clock = VirtualClock()
        wire = wire_of(accounts, clock)
        wire.fault = self._fault
        wire.latency_seconds = self.chance.choice((0.0, 0.01, 0.3))
        gateway = Gateway(plan=plan_of(accounts), wire=wire, clock=clock, chance=SeededChance(seed))
        self.clock = clock
        self.story = Story(seed=seed, gateway=gateway, accounts=accounts)
        self.fault_rate = self.chance.choice((0.0, 0.1, 0.4))
        self.away: set[str] = set()
        self.sold: list[tuple[Account, str, dict[str, Any]]] = []

    def _fault(self, account: WireAccount, call: Call) -> str | None:
        if account.vendor in self.away:
            return self.chance.choice(("unsent", "unsent", "lost_before"))
        if self.chance.random() < self.fault_rate:
            fault = self.chance.choice(FAULTS)
            self.story.say(f"fault {fault} at {call.step}")
            return fault
        return None

    async def tell(self) -> Story:
        """Play to the end: trouble, then quiet, then a person clears what is parked."""
        await self.story.gateway.start()
        for number in range(self.chance.randint(4, 14)):
            await self._something(number)
            await asyncio.sleep(self.chance.choice((0.0, 0.05, 1.0, 20.0)))
        self.fault_rate, self.away = 0.0, set()
        self.clock.shift = timedelta()
        await self._quiet()
        return self.story

    async def _something(self, number: int) -> None:
        act = self.chance.choices(
            (self._sell, self._void, self._kill, self._plug, self._again, self._jump, self._resume),
            (8, 3, 2, 2, 2, 1, 1),
        )[0]
        await act(number)

    async def _sell(self, number: int) -> None:
        account = self.chance.choice(self.story.accounts)
        order_id = f"{account.store}-{number:04d}"
        body = basket(
            self.chance,
            receipt=order_id,
            currency=account.currency,
            member=self.chance.choice(account.members),
        )
        self.sold.append((account, order_id, body))
        await self._put(account, order_id, body)

    async def _again(self, _number: int) -> None:
        if self.sold:
            await self._put(*self.chance.choice(self.sold))

    async def _put(self, account: Account, order_id: str, body: dict[str, Any]) -> None:
        gateway = self.story.gateway
        await self._ask(
            account,
            order_id,
            "submit",
            gateway.doors.orders.put(
                gateway.store(account.store),
                order_id,
                Order.model_validate(body),
                deadline=gateway.deadline(self.chance.choice((0.0, 1.0, 3.0))),
                trace_id="t",
            ),
        )

    async def _void(self, _number: int) -> None:
        if not self.sold:
            return
        account, order_id, _ = self.chance.choice(self.sold)
        gateway = self.story.gateway
        await self._ask(
            account,
            order_id,
            "void",
            gateway.doors.undoing.undo(
                gateway.store(account.store),
                order_id,
                "void",
                reason="mistake",
                deadline=gateway.deadline(self.chance.choice((0.0, 2.0))),
                trace_id="t",
            ),
        )

    async def _ask(self, account: Account, order_id: str, operation: str, request: Any) -> None:
        standing, accepted = None, False
        try:
            told = await request
        except (Refused, StorageFull) as refused:
            self.story.say(f"{operation} {order_id}: refused, {refused}")
        else:
            accepted = True
            ended = [e for e in told.entries if e.operation == operation][-1]
            standing = ended.outcome.kind if ended.outcome else ended.state
            self.story.say(f"{operation} {order_id}: {standing}")
        self.story.told.append(
            Told(
                store=account.store,
                order_id=order_id,
                operation=operation,
                accepted=accepted,
                standing=standing,
                at=len(self.story.told),
            )
        )

    async def _kill(self, _number: int) -> None:
        self.story.say("killed, and started again")
        self.story.kills += 1
        await self.story.gateway.kill()
        await self.story.gateway.start()

    async def _plug(self, _number: int) -> None:
        vendor = self.chance.choice(self.story.accounts).vendor
        self.away ^= {vendor}
        self.story.say(f"{vendor} is {'away' if vendor in self.away else 'back'}")

    async def _jump(self, _number: int) -> None:
        self.clock.shift = timedelta(hours=self.chance.choice((-30, 5, 2000)))
        self.story.say(f"the wall clock jumps by {self.clock.shift}")

    async def _resume(self, _number: int) -> None:
        for lane in list(self.story.gateway.doors.desk.lanes.known()):
            await self.story.gateway.doors.operator.resume(lane, "op")

    async def _quiet(self) -> None:
        """Vendors are healthy; a person settles what happened, and skips what did not."""
        gateway = self.story.gateway
        for _ in range(60):
            await self._resume(0)
            await asyncio.sleep(QUIET_SECONDS)
            parked = await gateway.doors.operator.entries("parked", None)
            if not parked:
                return
            for entry in parked:
                reference = self._reference(entry.vendor, entry.operation, entry.receipt_number)
                if reference is None:
                    await gateway.doors.operator.skip(entry.id, "not there", "op")
                else:
                    await gateway.doors.operator.settle(entry.id, reference, "there", "op")
                self.story.say(f"operator: entry {entry.id} {reference or 'skipped'}")
        raise AssertionError("parked entries without end")

    def _reference(self, vendor: str, operation: str, receipt: str | None) -> str | None:
        for row in self.story.gateway.wire.sandboxes[vendor].ledger:
            if row.kind == operation and row.receipt and receipt and receipt in row.receipt:
                return row.reference
        return None
