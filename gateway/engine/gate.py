"""The gate to one vendor account: a breaker behind which lanes wait, and a rate."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.core.adapter import Site
from gateway.core.errors import NoReply, NotSent, Unauthorized, Unreachable
from gateway.core.flow import Call, Reply
from gateway.engine import policy
from gateway.engine.ports import Account, Chance, Clock, Log, Send

TRIP_AFTER = 3
"""Failures in a row that open the breaker: one is a hiccup, three are an outage."""

SLOW_SECONDS = 2.0
"""A call given up by its till after this long counts against the vendor."""


@dataclass(kw_only=True)
class Gate:
    """Sends through one account; while the breaker is open nothing is sent but a probe."""

    vendor: str
    send: Send
    clock: Clock
    chance: Chance
    log: Log
    rate: Callable[[str], float]
    on_close: Callable[[str], None] = field(default=lambda _vendor: None)
    _failures: int = 0
    _open_until: float = 0.0
    _probing: bool = False
    _next_slot: float = 0.0

    @property
    def is_open(self) -> bool:
        """Tell whether the vendor is taken to be away."""
        return self._failures >= TRIP_AFTER

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    def wait_seconds(self) -> float:
        """Seconds until a call may be tried; 0 if now."""
        if not self.is_open:
            return 0.0
        if self._probing:
            return policy.BACKOFF_BASE_SECONDS
        return max(0.0, self._open_until - self.clock.monotonic())

    async def __call__(self, account: Account, call: Call, site: Site) -> Reply:
        """Send one call; NotSent at once while the breaker is open."""
        self._refuse_if_away()
        if not self.is_open:
            return await self._send(account, call, site)
        self._probing = True
        try:
            return await self._send(account, call, site)
        finally:
            self._probing = False

    async def _send(self, account: Account, call: Call, site: Site) -> Reply:
        """Send; what fails, or is given up after long, counts against the vendor."""
        began = self.clock.monotonic()
        try:
            reply = await self.send(account, call, site)
        except Unauthorized:
            raise
        except Unreachable as error:
            self._failed(error)
            raise
        except asyncio.CancelledError:
            if self.clock.monotonic() - began >= SLOW_SECONDS:
                self._failed(NoReply("given up by the till"))
            raise
        if reply.status >= 500 or reply.status == 429:
            self._failed(NoReply(f"HTTP {reply.status}"))
        else:
            self._worked()
        return reply

    def _refuse_if_away(self) -> None:
        if self.wait_seconds() > 0:
            raise NotSent(f"{self.vendor} is away; the breaker is open")

    async def turn(self) -> None:
        """Wait for this account's next turn, before anything is written down as sent.

        NotSent at once while the breaker is open: a line before a closed door helps nobody.
        """
        self._refuse_if_away()
        now = self.clock.monotonic()
        at = max(now, self._next_slot)
        self._next_slot = at + 1 / self.rate(self.vendor)
        if at > now:
            await self.clock.sleep(at - now)

    def _failed(self, error: Unreachable) -> None:
        was_open = self.is_open
        self._failures += 1
        if self.is_open:
            pause = policy.backoff(self._failures - TRIP_AFTER + 2, self.chance.random())
            self._open_until = self.clock.monotonic() + pause
        if self.is_open and not was_open:
            self.log("breaker.opened", vendor=self.vendor, detail=error.detail)

    def _worked(self) -> None:
        was_open = self.is_open
        self._failures = 0
        if was_open:
            self.log("breaker.closed", vendor=self.vendor)
            self.on_close(self.vendor)
