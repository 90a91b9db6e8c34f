"""A system call that kills, or that fails, at exactly the n-th time: strace's fault injection."""

import asyncio
import os
import shutil
import subprocess
from dataclasses import dataclass

ATTACH_SECONDS = 20.0
"""For a busy machine; strace itself takes a few milliseconds."""


@dataclass(frozen=True, kw_only=True)
class Injection:
    """What happens at the `nth` call of this name in one thread; each thread counts its own.

    `alone` looks at the main thread only, which speaks to tills and vendors; the other one, which
    speaks to the disk, is otherwise always first.
    """

    call: str
    nth: int
    what: str = "signal=SIGKILL"
    alone: bool = False

    def __str__(self) -> str:
        return f"{self.call}{'-main' if self.alone else ''}-{self.nth}"

    @property
    def arguments(self) -> list[str]:
        """As strace has it said."""
        when = f"inject={self.call}:{self.what}:when={self.nth}"
        return [*([] if self.alone else ["-f"]), "-e", f"trace={self.call}", "-e", when]


class CannotTrace(Exception):
    """This machine does not let processes be traced; the text says why."""


def why_not() -> str | None:
    """Why system calls cannot be tampered with here, None if they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    probe = ["strace", *Injection(call="fdatasync", nth=1).arguments, "true"]
    told = subprocess.run(probe, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return None if told.returncode == 0 else f"strace does not work here: {told.stderr.strip()}"


class Tracer:
    """One strace on one process, which it follows to its end."""

    def __init__(self, pid: int, injection: Injection) -> None:
        self._pid = pid
        self._injection = injection
        self._process: asyncio.subprocess.Process | None = None

    async def attach(self) -> None:
        """Hold the process; CannotTrace if the machine forbids it."""
        self._process = await asyncio.create_subprocess_exec(
            *("strace", "-o", os.devnull, "-p", str(self._pid)),
            *self._injection.arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self._process.stderr is not None
        async with asyncio.timeout(ATTACH_SECONDS):
            said = (await self._process.stderr.readline()).decode()
        if "attached" not in said:
            await self._process.wait()
            raise CannotTrace(said.strip())

    async def ended(self) -> None:
        """Wait until the process it follows is gone, and strace with it."""
        assert self._process is not None
        async with asyncio.timeout(ATTACH_SECONDS):
            await self._process.communicate()
