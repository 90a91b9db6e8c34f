"""The outbox of a stopped gateway: examined where it lies, or taken over on a person's word."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from gateway.app import CONFIGURATION, DATABASE, HELD, NOT_BEGUN, exit_code_of
from gateway.cli.checking import loaded
from gateway.cli.speech import fail
from gateway.edge.clock import SystemClock
from gateway.edge.keys import seal_keys
from gateway.edge.outbox import SqlOutbox, free_bytes
from gateway.edge.outbox.database import ThreadedDatabase, instance_of
from gateway.edge.seal import Seal
from gateway.engine import upkeep
from gateway.settings import Settings

T = TypeVar("T")


def verify(config: Path) -> dict[str, Any]:
    """What is wrong with the outbox of a configuration, and what it was written by."""
    return _opened(
        loaded(config), upkeep.verify, "the gateway runs; without --config it is asked itself"
    )


def confirm(config: Path, reason: str, by: str) -> str:
    """Take the outbox over for this machine, and write down who said so; says what that means."""
    settings = loaded(config)
    file = settings.data_dir / DATABASE
    act = {"act": "confirm", "by": by or getpass.getuser(), "reason": reason}

    async def take_over(outbox: SqlOutbox) -> None:
        await outbox.confirm(instance_of(file))
        await outbox.write(lambda tx: tx.audit(SystemClock().now(), act))

    _opened(settings, take_over, "the gateway runs, so it has this outbox already")
    return (
        f"{file} is taken over: this copy is the only one, and may send. Never start a gateway on "
        "another copy."
    )


def _opened(settings: Settings, job: Callable[[SqlOutbox], Awaitable[T]], held: str) -> T:
    """Do a job on the outbox; ends with the gateway's exit code where it cannot be taken."""
    file = settings.data_dir / DATABASE
    if not file.is_file():
        fail(f"{file} is not there: no gateway has worked with this configuration")
    for key in settings.seal_keys:
        if key.path is not None and not key.path.exists():
            fail(f"seal key {key} is not there: put it back, nothing opens without", CONFIGURATION)
    try:
        return asyncio.run(_do(settings, file, job))
    except tuple(NOT_BEGUN) as error:
        code = exit_code_of(error)
        fail(f"{file}: {held if code == HELD else error}", code)


async def _do(settings: Settings, file: Path, job: Callable[[SqlOutbox], Awaitable[T]]) -> T:
    seal = Seal(seal_keys(settings.seal_keys, os.environ))
    outbox = SqlOutbox(
        await ThreadedDatabase.open(file),
        seal,
        free_bytes=lambda: free_bytes(settings.data_dir),
        on_failure=lambda _failure: None,
    )
    try:
        await outbox.start()
        return await job(outbox)
    finally:
        await outbox.stop()
