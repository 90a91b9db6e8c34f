"""The wire of a stormy night: slow, lossy, and able to take the gateway down in mid-call."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from gateway.core.adapter import Site
from gateway.core.errors import NoReply, NotSent
from gateway.core.flow import Call, Reply
from gateway.engine.ports import Account
from tests.world import Wire

Place = tuple[str, str]
"""(vendor, step) of a call."""


@dataclass
class StormyWire(Wire):
    """Carries calls, and remembers what the gateway cannot know.

    Faults beside those of `Wire`: `throttled` (429, nothing is done), `crash_before` and
    `crash_after` (the gateway dies before, or after, the vendor acts). `lost` counts calls that
    may have arrived and whose answer did not; `unheard` names what the vendor holds for them.
    """

    doom: asyncio.Event = field(default_factory=asyncio.Event)
    lost: Counter[Place] = field(default_factory=Counter)
    unheard: set[str] = field(default_factory=set)
    _heard: list[tuple[float, Place, set[str]]] = field(default_factory=list)

    async def __call__(self, account: Account, call: Call, site: Site) -> Reply:
        fault = self.fault(account, call)
        if fault == "unsent":
            raise NotSent("connection refused")
        if fault == "throttled":
            return Reply(status=429, headers={"retry-after": "2"})
        self.sent.append((account, call))
        place = (account.vendor, call.step)
        self.lost[place] += 1
        await self._pass()
        if fault == "lost_before":
            raise NoReply("connection reset")
        if fault == "error":
            return Reply(status=503, body=b"upstream")
        if fault == "crash_before":
            await self._crash()
        before = {held.reference for held in self.sandboxes[account.vendor].ledger}
        reply = Reply(status=200, body=b"<html>")
        if fault != "html":
            reply = self._play(account, call)
        new = {held.reference for held in self.sandboxes[account.vendor].ledger} - before
        self.unheard |= new
        if fault == "lost_after":
            raise NoReply("connection reset")
        if fault == "crash_after":
            await self._crash()
        await self._pass()
        self.unheard -= new
        self.lost[place] -= 1
        self._heard.append((self.clock.monotonic(), place, new))
        return reply

    def die(self) -> None:
        """The gateway dies now: an answer that arrives at this moment may not be written down."""
        now = self.clock.monotonic()
        for at, place, new in self._heard:
            if at == now:
                self.lost[place] += 1
                self.unheard |= new
        self._heard.clear()

    async def _pass(self) -> None:
        if self.latency_seconds:
            await self.clock.sleep(self.latency_seconds / 2)

    async def _crash(self) -> None:
        self.doom.set()
        await asyncio.Event().wait()
