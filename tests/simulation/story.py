"""What a story is made of: the gateway, what the tills were told, and the night around them."""

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

import gateway
from gateway.engine.delivery import LEAP_SECONDS
from gateway.engine.ports import StorageFull
from gateway.engine.refusal import Refused
from tests.simulation.vendors import Account
from tests.simulation.wire import StormyWire
from tests.virtual import VirtualClock
from tests.world import Gateway, Log

T = TypeVar("T")

GATEWAY = str(Path(gateway.__file__).parent)
"""Where the code of the gateway lies."""

RECENT = 20
"""Log lines of one moment: more than a lane writes between two calls."""

Answer = Literal["accepted", "refused", "none"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a till was told of one request: the answer, or that none came.

    `standing` is the outcome it was told, `code` why it was refused; `at` and `deadline` are when
    it was answered and by when it had to be, by the steady clock.
    """

    store: str
    subject: str
    operation: str
    revision: int
    answer: Answer
    standing: str | None
    code: str | None
    at: float
    deadline: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the gateway's log, with its time by the steady clock."""

    at: float
    event: str
    facts: dict[str, Any]


@dataclass
class Chronicle(Log):
    """The gateway's log of all its lives."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    told: list[Line] = field(default_factory=list)

    def __call__(self, event: str, **facts: Any) -> None:
        self.told.append(Line(at=self.clock.monotonic(), event=event, facts=facts))

    def of(self, *events: str) -> list[Line]:
        """Every line of some events."""
        return [line for line in self.told if line.event in events]


@dataclass(kw_only=True)
class Story:
    """Everything that happened, for the oracle.

    `abrupt` counts deaths at a moment at which the gateway did something: a call may have been
    written down then and not sent. `blind` says that the wall clock was wrong when a life began,
    or for long: nobody could know ages. `by_hand` are orders that a person put right at the
    vendor, past the gateway.
    """

    seed: int
    gateway: Gateway
    clock: VirtualClock
    wire: StormyWire
    chronicle: Chronicle
    accounts: tuple[Account, ...]
    told: list[Told] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    by_hand: set[str] = field(default_factory=set)
    kills: int = 0
    abrupt: int = 0
    blind: bool = False
    _leapt: float = 0.0
    _asking: set[asyncio.Task[Any]] = field(default_factory=set)
    _alive: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, text: str) -> None:
        """Add a line to the tale."""
        self.lines.append(f"{self.clock.monotonic():10.3f}  {text}")

    def leap(self, hours: int) -> None:
        """Set the wall clock wrong by so many hours, or right again with none."""
        now = self.clock.monotonic()
        self.blind = self.blind or (bool(self.clock.shift) and now - self._leapt >= LEAP_SECONDS)
        self.clock.shift, self._leapt = timedelta(hours=hours), now
        self.say(f"the wall clock is wrong by {hours} h")

    async def start(self) -> None:
        """Begin the gateway's first life."""
        await self.gateway.start()
        self._alive.set()

    async def restart(self, seconds: float) -> None:
        """Kill the gateway in whatever it does, and begin its next life later."""
        if not self._alive.is_set():
            return
        self._alive.clear()
        self.kills += 1
        self.say("killed")
        self.blind = self.blind or bool(self.clock.shift)
        now = self.clock.monotonic()
        self.abrupt += any(line.at == now for line in self.chronicle.told[-RECENT:])
        self.wire.die()
        await self.end()
        await asyncio.sleep(seconds)
        self.wire.doom.clear()
        self.blind = self.blind or bool(self.clock.shift)
        await self.gateway.start()
        self._alive.set()
        self.say("alive again")

    async def end(self) -> None:
        """End the gateway's life at once."""
        await _end(self._asking | _of_the_gateway())
        await self.gateway.kill()

    async def alive(self) -> None:
        """Wait until there is somebody to talk to."""
        await self._alive.wait()

    async def do(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do something that the gateway's death ends; None if it did, or nobody is there."""
        if not self._alive.is_set():
            work.close()
            return None
        task = asyncio.create_task(work)
        self._asking.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            return None
        finally:
            self._asking.discard(task)

    async def watch(self) -> None:
        """Kill the gateway whenever the wire says that this is where it dies."""
        while True:
            await self.wire.doom.wait()
            await self.restart(1.0)

    async def ask(
        self,
        account: Account,
        subject: str,
        operation: str,
        request: Coroutine[Any, Any, Any],
        *,
        deadline: float,
        revision: int = 0,
    ) -> None:
        """Let a till ask, and remember what it was told."""
        answer: Answer = "none"
        standing = code = told = None
        try:
            told = await self.do(request)
        except (Refused, StorageFull) as refused:
            answer, code = "refused", getattr(refused, "code", "storage_full")
            self.say(f"{operation} {subject}: refused, {refused}")
        else:
            answer = "none" if told is None else "accepted"
            standing = standing_of(told, operation, revision)
            self.say(f"{operation} {subject}: {standing or answer}")
        self.told.append(
            Told(
                store=account.store,
                subject=subject,
                operation=operation,
                revision=revision,
                answer=answer,
                standing=standing,
                code=code,
                at=self.clock.monotonic(),
                deadline=deadline,
            )
        )


async def _end(tasks: set[asyncio.Task[Any]]) -> None:
    for task in sorted(tasks, key=_age):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _age(task: asyncio.Task[Any]) -> list[tuple[int, str]]:
    """In the order they were made, as the numbers in their names tell: a set has no order."""
    parts = re.split(r"(\d+)", task.get_name())
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def _of_the_gateway() -> set[asyncio.Task[Any]]:
    """Everything the process does, whoever waits for it: a death ends it all."""
    return {
        task
        for task in asyncio.all_tasks()
        if GATEWAY in getattr(task.get_coro(), "cr_code", _end.__code__).co_filename
    }


def standing_of(told: Any, operation: str, revision: int) -> str | None:
    """How the primary vendor's entry stood when the till was answered."""
    entries = [told.entry] if hasattr(told, "entry") else getattr(told, "entries", ())
    mine = [
        entry
        for entry in entries
        if entry.operation == operation
        and entry.role == "primary"
        and (operation != "submit" or entry.revision == revision)
    ]
    if not mine:
        return None
    outcome = mine[-1].outcome
    return str(mine[-1].state if outcome is None else outcome.kind)
