"""A vendor on a real socket, and one call to it that meets a fault."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from aiohttp import web

from gateway.core.adapter import Site
from gateway.core.flow import Call, Reply
from gateway.edge.clock import SystemClock
from gateway.edge.vendor import VendorClient
from gateway.engine.ports import Account
from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.server import SandboxServer

Trouble = Literal[
    "not_sent", "lost_before", "lost_after", "proxy_5xx", "html_200", "empty_200", "cut_short"
]
TROUBLES: tuple[Trouble, ...] = get_args(Trouble)

KINDS: dict[Trouble, FaultKind] = {
    "lost_before": "drop_before",
    "lost_after": "drop_after",
    "proxy_5xx": "error_after",
    "html_200": "html",
    "empty_200": "empty",
}
"""How the sandbox makes each; `not_sent` pulls its plug, `cut_short` resets in mid-answer."""


class SkippingClock(SystemClock):
    """The system's clocks, which can be set forward together."""

    def __init__(self) -> None:
        self.skipped = timedelta()

    def now(self) -> datetime:
        return super().now() + self.skipped

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped.total_seconds()

    def skip(self, seconds: float) -> None:
        """Let time pass at once."""
        self.skipped += timedelta(seconds=seconds)


class CuttingServer(SandboxServer):
    """A sandbox that can also reset the connection in the middle of its next answer to a path."""

    cut: str | None = None

    async def _play(self, request: web.BaseRequest) -> web.StreamResponse:
        whole = await super()._play(request)
        if self.cut != request.path or not isinstance(whole, web.Response):
            return whole
        self.cut = None
        body = whole.body if isinstance(whole.body, bytes) else b""
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body) + 2)}
        response = web.StreamResponse(status=whole.status, headers=headers)
        await response.prepare(request)
        await response.write(body[: len(body) // 2] or b"{")
        if request.transport is not None:
            request.transport.abort()
        return response


@dataclass(kw_only=True)
class Striking:
    """Sends calls for real; strikes the armed step once, and counts what goes out of it."""

    client: VendorClient
    server: CuttingServer
    step: str | None = None
    troubles: list[Trouble] = field(default_factory=list)
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    calls: list[Call] = field(default_factory=list)

    async def __call__(self, account: Account, call: Call, site: Site) -> Reply:
        self.calls.append(call)
        if call.step != self.step or not self.troubles:
            return await self.client(account, call, site)
        trouble = self.troubles.pop(0)
        if trouble == "not_sent":
            await self.server.unplug()
        elif trouble == "cut_short":
            self.server.cut = call.path
        else:
            self.server.faults.add([Fault(kind=KINDS[trouble], match=f"{call.method} {call.path}")])
        try:
            return await self.client(account, call, site)
        finally:
            await self.server.plug_in()
            if not self.troubles:
                self.struck.set()

    def arrived(self) -> int:
        """How many requests to the armed step's place the vendor has read off the wire."""
        places = {(call.method, call.path) for call in self.calls if call.step == self.step}
        return sum(
            (heard.method, heard.target.partition("?")[0]) in places
            for heard in self.server.record.latest
        )
