"""Tokens some vendors want with every call: fetched below the journal, kept in memory only."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.core.adapter import Outgoing, Token
from gateway.engine.ports import Clock

REFRESH_AT = 0.9
"""Of its life: a token must not die between our desk and theirs."""


def key_of(url: str, outgoing: Outgoing) -> str:
    """Name a signed token request: who asks for the same in the same name shares the token."""
    said = [url, outgoing.method, outgoing.target]
    said += [f"{name}: {value}" for name, value in sorted(outgoing.headers.items())]
    return hashlib.sha256("\n".join(said).encode() + b"\n\n" + outgoing.body).hexdigest()


@dataclass(kw_only=True)
class _Kept:
    value: str = ""
    fresh_until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Tokens:
    """One token for each way of asking; one fetch of it at a time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    async def get(self, key: str, fetch: Callable[[], Awaitable[Token]]) -> tuple[str, bool]:
        """Return a token and whether it was fetched just now."""
        kept = self._kept.get(key)
        if kept is None:
            self._forget_stale()
            kept = self._kept[key] = _Kept()
        async with kept.lock:
            if self._clock.monotonic() < kept.fresh_until:
                return kept.value, False
            asked_at = self._clock.monotonic()
            token = await fetch()
            kept.value = token.value
            kept.fresh_until = asked_at + REFRESH_AT * token.expires_in_seconds
            return kept.value, True

    def drop(self, key: str, value: str) -> None:
        """Forget a token the vendor refused, unless another has taken its place."""
        kept = self._kept.get(key)
        if kept is not None and kept.value == value:
            kept.fresh_until = 0.0

    def _forget_stale(self) -> None:
        """Credentials rotate: what was kept under old ones goes when it is stale."""
        now = self._clock.monotonic()
        self._kept = {
            key: kept
            for key, kept in self._kept.items()
            if kept.lock.locked() or now < kept.fresh_until
        }
