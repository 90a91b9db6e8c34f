"""The gateway as a real process over a real file: born, killed without a word, born again."""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any, Self

from gateway.cli.peer import Heard, Peer, Unanswered
from gateway.core import strict_json
from tests.torture.scene import OPS_TOKEN, Scene

READY_SECONDS = 60.0
"""A machine shared by many takes its time; a gateway that hangs takes for ever."""

POLL_SECONDS = 0.02

PRELOADED = ["gateway.app", "gateway.cli.running", "pytest", "tests.torture.gateway_process"]
"""Loaded once and inherited by every life: loading is most of a start, and no disk sees it.

pytest is among them because every such process first runs the main script of its parent.
"""


async def until(holds: Callable[[], Awaitable[bool]], within_seconds: float) -> None:
    """Look again and again until it holds; TimeoutError if it does not in time."""
    async with asyncio.timeout(within_seconds):
        while True:
            if await holds():
                return
            await asyncio.sleep(POLL_SECONDS)


class Dead(Exception):
    """The process ended before it was ready; the text is its exit code and what it said."""


@dataclass
class GatewayProcess:
    """`tillbridge serve`, through all its lives on one configuration and one outbox."""

    scene: Scene
    lives: int = 0
    _process: ForkServerProcess | None = field(default=None, repr=False)
    _gate: Connection | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """The process id of this life."""
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How this life ended; None while it lasts, below zero for a signal."""
        assert self._process is not None
        return self._process.exitcode

    @property
    def said(self) -> str:
        """Everything all lives said on their two outputs."""
        return self.scene.said.read_text("utf-8") if self.scene.said.exists() else ""

    def bear(self) -> None:
        """Make a process that waits at its gate: not a line of the gateway has run in it yet."""
        gate, self._gate = _forking().Pipe(duplex=False)
        self._process = _forking().Process(
            target=_live, args=(gate, str(self.scene.config), str(self.scene.said)), daemon=True
        )
        self._process.start()
        gate.close()
        self.lives += 1

    def let_go(self) -> None:
        """Open the gate."""
        assert self._gate is not None
        self._gate.send(True)
        self._gate.close()

    async def start(self) -> None:
        """Begin a life and wait until it is ready for tills; Dead says why it is not."""
        self.bear()
        self.let_go()
        await self.ready()

    async def ready(self) -> None:
        """Wait until tills are let in."""
        async with Peer(self.scene.url) as peer:
            await until(lambda: self._answers(peer), READY_SECONDS)

    async def kill(self) -> None:
        """Kill -9: no time to write anything down."""
        if self._process is None:
            return
        if self._process.exitcode is None:
            self._process.kill()
        await self.ended()

    async def stop(self) -> int:
        """Ask it to stop, as a supervisor does; returns its exit code."""
        assert self._process is not None
        self._process.terminate()
        return await self.ended()

    async def ended(self, within_seconds: float = READY_SECONDS) -> int:
        """Wait until this life is over; returns its exit code."""

        async def over() -> bool:
            return self.exit_code is not None

        await until(over, within_seconds)
        assert self.exit_code is not None
        return self.exit_code

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def _answers(self, peer: Peer) -> bool:
        try:
            return (await peer.ask("GET", "/readyz")).ok
        except Unanswered:
            if self.exit_code is not None:
                raise Dead(f"exit code {self.exit_code}: {self.said[-2000:]}") from None
            return False


@dataclass
class Desk:
    """A till's and an operator's voice to one gateway; use as a context."""

    scene: Scene

    async def __aenter__(self) -> Self:
        self._peer = await Peer(self.scene.url).__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._peer.__aexit__()

    async def put(self, store: str, order_id: str, order: Any, *, prefer: str | None) -> Heard:
        """PUT an order; Unanswered where no whole answer came."""
        return await self._say("PUT", f"/v1/stores/{store}/orders/{order_id}", order, prefer)

    async def void(self, store: str, order_id: str, *, prefer: str | None) -> Heard:
        """POST a void; Unanswered where no whole answer came."""
        target = f"/v1/stores/{store}/orders/{order_id}/void"
        return await self._say("POST", target, {"reason": "mistake"}, prefer)

    async def ops(self, method: str, path: str, body: Any = None) -> Any:
        """Ask as the operator; the answer, which must be a good one."""
        headers = {"Authorization": f"Bearer {OPS_TOKEN}"}
        heard = await self._peer.ask(method, f"/ops{path}", body=_spelled(body), headers=headers)
        assert heard.ok, f"{method} /ops{path}: {heard.status} {heard.body!r}"
        return heard.json()

    async def entries(self) -> list[dict[str, Any]]:
        """Every entry there ever was, oldest first; their ids are 1, 2, 3 and so on."""
        headers = {"Authorization": f"Bearer {OPS_TOKEN}"}
        found: list[dict[str, Any]] = []
        while True:
            target = f"/ops/entries/{len(found) + 1}"
            heard = await self._peer.ask("GET", target, headers=headers)
            if heard.status == 404:
                return found
            assert heard.ok, f"{target}: {heard.status} {heard.body!r}"
            found.append(heard.json())

    async def _say(self, method: str, target: str, body: Any, prefer: str | None) -> Heard:
        headers: Mapping[str, str] = {} if prefer is None else {"Prefer": prefer}
        return await self._peer.ask(method, target, body=_spelled(body), headers=headers)


def _spelled(body: Any) -> bytes:
    return b"" if body is None else strict_json.dumps(body)


@cache
def _forking() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _live(gate: Connection, config: str, said: str) -> None:
    """One life, in its own process: what `tillbridge serve --config` does, said into a file."""
    gate.recv()
    for name in [name for name in os.environ if name.startswith("TILLBRIDGE_")]:
        del os.environ[name]
    descriptor = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(descriptor, number)
    from gateway.cli import main  # noqa: PLC0415 - only the process that lives needs it

    sys.argv = ["tillbridge", "serve", "--config", config]
    main()
