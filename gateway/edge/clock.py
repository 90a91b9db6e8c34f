"""The one place that asks for the time and for chance."""

import asyncio
import secrets
import time
from datetime import UTC, datetime

IDENTITY_BYTES = 16
"""128 bits: nobody guesses one, no two are ever alike."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Wall clock, aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait; not at all for zero or less."""
        await asyncio.sleep(seconds)


class SystemChance:
    """The machine's own randomness."""

    def __init__(self) -> None:
        self._random = secrets.SystemRandom()

    def random(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def identity(self) -> str:
        """A new unguessable id: 32 hexadecimal digits."""
        return secrets.token_hex(IDENTITY_BYTES)
