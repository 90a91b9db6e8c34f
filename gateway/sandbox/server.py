"""Serves one played vendor over HTTP, with the faults that were ordered and a plug to pull."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from gateway.core.sandbox import Sandbox, SandboxRequest, SandboxResponse
from gateway.engine.ports import Clock
from gateway.sandbox.control import KEPT_BODY, PREFIX, Control, Heard, Record
from gateway.sandbox.faults import ACTED, Fault, Faults, answered

STOP_SECONDS = 1.0
"""For answers under way; a sandbox has nothing to lose."""


class SandboxServer:
    """One vendor at a host and port; port 0 takes any free one.

    The control API answers under /_sandbox/ at the vendor's own port and, so that an unplugged
    vendor can be plugged in again, at `control_port` of the same host.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        clock: Clock,
        host: str = "127.0.0.1",
        port: int = 0,
        control_port: int = 0,
    ) -> None:
        self.faults = Faults()
        self.record = Record()
        self._sandbox = sandbox
        self._clock = clock
        self._end = asyncio.Event()
        self._vendor = _Door(self._play, host, port)
        self._desk = _Door(self._command, host, control_port)
        self._control = Control(
            sandbox=sandbox,
            faults=self.faults,
            record=self.record,
            plug=self._turn,
            door=lambda: self.control_url,
        )

    @property
    def port(self) -> int:
        """Where the vendor answers."""
        return self._vendor.port

    @property
    def url(self) -> str:
        """The vendor's base URL."""
        return self._vendor.url

    @property
    def control_url(self) -> str:
        """Where the control API answers always, also unplugged."""
        return f"{self._desk.url}{PREFIX}"

    async def start(self) -> int:
        """Begin to serve; returns the vendor's port."""
        self._end.clear()
        await self._vendor.open()
        await self._desk.open()
        return self._vendor.port

    async def stop(self) -> None:
        """Serve no more; what hangs is let go."""
        self._end.set()
        await self._vendor.close()
        await self._desk.close()

    async def unplug(self) -> None:
        """Be gone: open connections end, new ones are refused."""
        self._vendor.shut()

    async def plug_in(self) -> None:
        """Be back, at the same port and in the same state."""
        await self._vendor.open()

    async def _turn(self, out: bool) -> None:
        await (self.unplug() if out else self.plug_in())

    async def _command(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._control.answer(request.method, request.raw_path, await request.read())

    async def _play(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.raw_path.startswith(PREFIX):
            with self._vendor.sparing(request.protocol):
                response = await self._command(request)
            response.force_close()
            return response
        body = await request.read()
        fault = self.faults.take(request.method, request.raw_path)
        said = self._answer(request, body, fault)
        self.record.add(
            Heard(
                method=request.method,
                target=request.raw_path,
                body=body.decode("utf-8", "replace")[:KEPT_BODY],
                fault=None if fault is None else fault.kind,
                status=None if said is None else said.status,
            )
        )
        if fault is not None:
            await self._delay(fault)
        if said is None:
            if request.transport is not None:
                request.transport.close()
            return web.Response()
        return web.Response(status=said.status, headers=said.headers, body=said.body)

    def _answer(
        self, request: web.BaseRequest, body: bytes, fault: Fault | None
    ) -> SandboxResponse | None:
        answer = None
        if fault is None or fault.kind in ACTED:
            headers: dict[str, str] = {}
            for name, value in request.headers.items():
                key = name.lower()
                headers[key] = f"{headers[key]}, {value}" if key in headers else value
            answer = self._sandbox.handle(
                SandboxRequest(
                    method=request.method,
                    target=request.raw_path,
                    headers=headers,
                    body=body,
                    now=self._clock.now(),
                )
            )
        return answer if fault is None else answered(fault, answer)

    async def _delay(self, fault: Fault) -> None:
        if fault.kind == "hang":
            await self._end.wait()
        elif fault.kind == "slow":
            await self._clock.sleep(fault.seconds)


_Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Door:
    """A place where HTTP is answered: open, or shut with its address kept."""

    def __init__(self, handler: _Handler, host: str, port: int) -> None:
        self._handler = handler
        self._host = host
        self.port = port
        self._spared: set[object] = set()
        self._web: web.Server | None = None
        self._listening: asyncio.Server | None = None
        self._seat: socket.socket | None = None

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    @contextmanager
    def sparing(self, connection: object) -> Iterator[None]:
        """Leave a connection its answer while the door is shut under it."""
        self._spared.add(connection)
        try:
            yield
        finally:
            self._spared.discard(connection)

    async def open(self) -> None:
        """Answer; nothing happens if it already does."""
        if self._listening is not None:
            return
        if self._web is None:
            self._web = web.Server(
                self._handler, handler_cancellation=True, access_log=None, auto_decompress=False
            )
        seat = self._seat or self._bound()
        self._seat = None
        self.port = seat.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._web, sock=seat)

    def shut(self) -> None:
        """Refuse connections and end those there are that are not spared."""
        if self._listening is None or self._web is None:
            return
        self._listening.close()
        self._listening = None
        self._seat = self._bound()
        for connection in self._web.connections:
            if connection not in self._spared and connection.transport is not None:
                connection.transport.close()

    async def close(self) -> None:
        """Give the address back and end every connection."""
        for held in (self._listening, self._seat):
            if held is not None:
                held.close()
        self._listening = self._seat = None
        if self._web is not None:
            self._web.pre_shutdown()
            await self._web.shutdown(STOP_SECONDS)

    def _bound(self) -> socket.socket:
        """A socket that has the address and does not listen: who connects is refused."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        seat = socket.socket(family)
        seat.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            seat.bind((self._host, self.port))
        except OSError as error:
            seat.close()
            raise OSError(error.errno, f"cannot listen at {self.url}: {error.strerror}") from None
        return seat
