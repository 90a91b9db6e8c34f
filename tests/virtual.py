"""A world with one clock: an event loop whose time jumps to the next timer, and nothing sleeps."""

import asyncio
import functools
import random
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class _NoWaiting(selectors.SelectSelector):
    """Never waits for I/O: tells the loop how long it would have slept."""

    def __init__(self) -> None:
        super().__init__()
        self.slept = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("the world stands still: everyone waits and no timer is set")
        self.slept += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time passes only by sleeping, and then at once."""

    def __init__(self) -> None:
        self._no_waiting = _NoWaiting()
        super().__init__(self._no_waiting)

    def time(self) -> float:
        return self._no_waiting.slept


class VirtualClock:
    """The clock port on a virtual loop; `shift` moves the wall clock alone."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic()) + self.shift

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SeededChance:
    """The chance port from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def random(self) -> float:
        return self._random.random()

    def identity(self) -> str:
        return f"{self._random.getrandbits(64):016x}"


def run(story: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a world of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)


def in_virtual_time(story: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make a story a test in a world of its own, where nobody really waits."""

    @functools.wraps(story)
    def test(*args: Any, **kwargs: Any) -> None:
        run(story(*args, **kwargs))

    return test
