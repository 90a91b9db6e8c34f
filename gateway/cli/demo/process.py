"""The gateway as a real process: started, killed without a word, started again."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from gateway.cli.peer import Peer, Unanswered

START_SECONDS = 20.0
"""A busy machine takes a few seconds to load everything; this is a machine that hangs."""

POLL_SECONDS = 0.05

CHECKOUT = Path(__file__).parents[3]
"""Where `python -m gateway` finds this very code."""


class Dead(Exception):
    """The gateway's process did not start, or is gone; the text is what it said."""


class GatewayProcess:
    """`python -m gateway serve`, on one configuration and one outbox through all its lives."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._said = config.parent / "gateway.err"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The process id of this life; 0 if there is none."""
        return self._process.pid if self._process else 0

    async def start(self, peer: Peer) -> None:
        """Start it and wait until it is ready for tills; Dead says why it is not."""
        with self._said.open("wb") as said:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "gateway", "serve", "--config", str(self._config)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=_environment(),
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._until_ready(peer)
        except TimeoutError:
            raise Dead(f"the gateway was not ready in {START_SECONDS:.0f} s") from None

    async def kill(self) -> None:
        """Kill -9: no time to write anything down."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
        self._process = None

    async def _until_ready(self, peer: Peer) -> None:
        while True:
            if await self._ready(peer):
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _ready(self, peer: Peer) -> bool:
        if self._process is None or self._process.returncode is not None:
            said = self._said.read_text("utf-8", "replace").strip()
            raise Dead(f"the gateway ended at once: {said or 'it said nothing'}")
        try:
            return (await peer.ask("GET", "/readyz")).ok
        except Unanswered:
            return False


def free_port() -> int:
    """A port of this machine that nobody has at the moment."""
    with socket.socket() as seat:
        seat.bind(("127.0.0.1", 0))
        port: int = seat.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    """Ours, without what would override the demo's own configuration."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TILLBRIDGE_")}
    paths = [str(CHECKOUT), *filter(None, [kept.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)}
