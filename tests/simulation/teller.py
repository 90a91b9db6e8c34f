"""Tells one story from its seed: trouble, then quiet, then a person clears what is parked."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace

from gateway.core.flow import Call
from gateway.engine.ports import Account as WireAccount
from gateway.engine.rows import Entry
from tests.simulation.story import Chronicle, Story
from tests.simulation.tills import Tills
from tests.simulation.vendors import ACCOUNTS, FOLLOWER, Account, plan_of, wire_of
from tests.virtual import SeededChance, VirtualClock
from tests.world import Gateway

FAULTS = ("unsent", "lost_before", "lost_after", "error", "html", "throttled")
CRASHES = ("crash_before", "crash_after")

PAUSES = (0.0, 0.0, 0.05, 0.05, 1.0, 1.0, 20.0, 20.0, 400.0)
"""Seconds between two things that happen: within one call, one wait, one outage, one hold."""

QUIET_SECONDS = 1200.0
"""Longer than every backoff, look and hold once the vendors are healthy."""

NIGHT_SECONDS = 90_000.0
"""Longer than anything waits because the wall clock was wrong when it was told to wait."""

NIGHTS = 2

ROUNDS = 40
"""Times a person clears what is parked: each frees at least one entry of a lane."""

UNDONE = {"void": ("void", "refund"), "refund": ("refund", "void"), "release": ("void",)}
"""What vendors write down for an operation, where they have another word for it."""


class Teller:
    """Plays one story from its seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        accounts = self._accounts()
        clock = VirtualClock()
        wire = wire_of(accounts, clock)
        wire.fault = self._fault
        wire.latency_seconds = self.chance.choice((0.0, 0.01, 0.3, 0.3, 0.3, 4.0))
        chronicle = Chronicle(clock=clock)
        gateway = Gateway(
            plan=plan_of(accounts),
            wire=wire,
            clock=clock,
            chance=SeededChance(seed),
            log=chronicle,
        )
        self.story = Story(
            seed=seed,
            gateway=gateway,
            clock=clock,
            wire=wire,
            chronicle=chronicle,
            accounts=accounts,
        )
        self.tills = Tills(chance=self.chance, story=self.story)
        self.fault_rate = self.chance.choice((0.0, 0.1, 0.4))
        self.crash_rate = self.chance.choice((0.0, 0.0, 0.1))
        self.away: set[str] = set()
        self.nights = 0

    def _accounts(self) -> tuple[Account, ...]:
        accounts = tuple(self.chance.sample(ACCOUNTS, self.chance.choice((1, 1, 2))))
        policy = self.chance.choice(("latest_only", "unwind"))
        accounts = tuple(
            replace(one, site={**one.site, "void_policy": policy})
            if one.adapter.voids_newest_first
            else one
            for one in accounts
        )
        leads = any(account.vendor == FOLLOWER.follows for account in accounts)
        return (*accounts, FOLLOWER) if leads and self.chance.random() < 0.5 else accounts

    def _fault(self, account: WireAccount, call: Call) -> str | None:
        if account.vendor in self.away:
            return self.chance.choice(("unsent", "unsent", "lost_before"))
        fault = None
        if self.chance.random() < self.fault_rate:
            fault = self.chance.choice(FAULTS)
        elif self.chance.random() < self.crash_rate:
            fault = self.chance.choice(CRASHES)
        if fault is not None:
            self.story.say(f"{fault} at {account.vendor}'s {call.step}")
        return fault

    async def tell(self) -> Story:
        """Play to the end."""
        await self.story.start()
        watching = asyncio.create_task(self.story.watch())
        for _ in range(self.chance.randint(4, 18)):
            await self._something()
            await asyncio.sleep(self.chance.choice(PAUSES))
        self.fault_rate = self.crash_rate = 0.0
        self.away = set()
        self.story.leap(0)
        await self._quiet()
        watching.cancel()
        return self.story

    async def _something(self) -> None:
        """One thing happens, or several at once."""
        several = self.chance.choice((1, 1, 1, 2, 3))
        await asyncio.gather(*(self._act()() for _ in range(several)))

    def _act(self) -> Callable[[], Awaitable[None]]:
        tills = self.tills
        acts: dict[Callable[[], Awaitable[None]], int] = {
            tills.sell: 8,
            tills.place: 2,
            tills.complete: 3,
            tills.undo: 3,
            tills.again: 2,
            tills.identify: 4,
            tills.walk_away: 2,
            tills.pay: 2,
            self._kill: 2,
            self._plug: 2,
            self._jump: 1,
            self._look: 1,
        }
        return self.chance.choices([*acts], [*acts.values()])[0]

    async def _kill(self) -> None:
        await self.story.restart(self.chance.choice((0.0, 5.0, 400.0)))

    async def _plug(self) -> None:
        vendor = self.chance.choice(self.story.accounts).vendor
        self.away ^= {vendor}
        self.story.say(f"{vendor} is {'away' if vendor in self.away else 'back'}")

    async def _jump(self) -> None:
        self.story.leap(self.chance.choice((-30, 5, 2000)))

    async def _look(self) -> None:
        """A person looks in."""
        await self.story.do(self._resume())

    async def _resume(self) -> None:
        """Every lane that stands still goes on."""
        operator = self.story.gateway.doors.operator
        for lane in await operator.lanes():
            await operator.resume(lane["lane"], "op")

    async def _quiet(self) -> None:
        """Vendors are healthy; a person settles what happened, and skips what did not."""
        for _ in range(ROUNDS):
            await self.story.alive()
            await self.story.do(self._resume())
            await asyncio.sleep(QUIET_SECONDS)
            if await self.story.do(self._clear_all()) == 0 and await self._drained():
                return
        raise AssertionError("parked entries without end")

    async def _drained(self) -> bool:
        """Tell whether nothing waits; what waits for its time is given two nights."""
        queued = await self.story.do(self.story.gateway.doors.operator.entries("queued", None))
        if not queued or self.nights == NIGHTS:
            return True
        self.nights += 1
        await asyncio.sleep(NIGHT_SECONDS)
        return False

    async def _clear_all(self) -> int:
        """Decide about everything that is parked; returns how much it was."""
        parked = await self.story.gateway.doors.operator.entries("parked", None)
        for entry in parked:
            await self._clear(entry)
        return len(parked)

    async def _clear(self, entry: Entry) -> None:
        operator, story = self.story.gateway.doors.operator, self.story
        if entry.reason in ("needs_approval", "unreachable"):
            await operator.retry(entry.id, "op")
            story.say(f"operator: entry {entry.id} goes on")
            return
        if entry.approved:
            story.by_hand |= {
                sale.order_id for sale in self.tills.sold if sale.account.vendor == entry.vendor
            }
        reference = self._reference(entry)
        if reference is None:
            await operator.skip(entry.id, "not there", "op")
        else:
            await operator.settle(entry.id, reference, "there", "op")
        story.say(f"operator: entry {entry.id} {reference or 'skipped'}")

    def _reference(self, entry: Entry) -> str | None:
        """What the vendor's own books say of an entry."""
        kinds = UNDONE.get(entry.operation, (entry.operation,))
        receipt = entry.receipt_number
        for row in self.story.wire.sandboxes[entry.vendor].ledger:
            if row.kind in kinds and row.receipt and receipt and receipt in row.receipt:
                return row.reference
        return None
