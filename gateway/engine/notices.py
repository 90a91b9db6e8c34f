"""Who waits for what: a till for its entry, a listener for the next event."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Self


class Notices:
    """In-process bells; the truth is in the outbox, a bell only says to look."""

    def __init__(self) -> None:
        self._bells: dict[str, set[asyncio.Event]] = defaultdict(set)

    def ring(self, name: str) -> None:
        """Wake everyone who listens to a name."""
        for bell in self._bells.get(name, ()):
            bell.set()

    def listen(self, names: Iterable[str]) -> "Listening":
        """Begin to listen, before looking, so that nothing is missed."""
        return Listening(self._bells, tuple(names))


class Listening:
    """One listener; use as a context."""

    def __init__(self, bells: dict[str, set[asyncio.Event]], names: tuple[str, ...]) -> None:
        self._bells = bells
        self._names = names
        self._bell = asyncio.Event()

    def __enter__(self) -> Self:
        for name in self._names:
            self._bells[name].add(self._bell)
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._names:
            self._bells[name].discard(self._bell)
            if not self._bells[name]:
                del self._bells[name]

    async def rung(self, timeout_seconds: float | None) -> bool:
        """Wait for a ring; False when the time is up first."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._bell.wait()
        except TimeoutError:
            return False
        self._bell.clear()
        return True


def entry_bell(entry_id: int) -> str:
    """Rung when an entry ends or is parked."""
    return f"entry:{entry_id}"


def store_bell(store: str) -> str:
    """Rung when a store has a new event."""
    return f"store:{store}"
