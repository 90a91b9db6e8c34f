"""Looking after the outbox while it works: verify its law, copy it, hand out what it holds."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from gateway.engine.desk import Desk
from gateway.engine.ports import Outbox
from gateway.engine.refusal import Refused
from gateway.engine.rows import Entry

EXPORTED_AT_ONCE = 500
"""Entries read in one go: an export never keeps the writer long."""


@dataclass(frozen=True, kw_only=True)
class Upkeep:
    """What an operator does for the outbox as a whole."""

    desk: Desk

    async def verify(self) -> dict[str, Any]:
        """Check that accepted = done + queued + parked, without gaps, and that every box opens."""
        found = await verify(self.desk.outbox)
        self.desk.log("outbox.verified", findings=len(found["findings"]))
        return found

    async def backup(self, name: str) -> str:
        """Copy the outbox into its own folder; Refused for a name that is no plain or a used one.

        Refused or StorageFull where the copy cannot be made; the outbox goes on as it is.
        """
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
            raise Refused("invalid_order", "a backup's name has 1-64 of A-Za-z0-9._-")
        path = await self.desk.outbox.backup(name)
        self.desk.log("outbox.copied", path=path)
        return path

    async def export(self) -> AsyncIterator[Entry]:
        """Every entry in the order of acceptance."""
        after = 0
        while entries := await self._entries(after):
            for entry in entries:
                yield entry
            after = entries[-1].id

    async def _entries(self, after: int) -> list[Entry]:
        return await self.desk.outbox.read(lambda tx: tx.entries_after(after, EXPORTED_AT_ONCE))


async def verify(outbox: Outbox) -> dict[str, Any]:
    """What is wrong with an outbox, and what it was written by."""
    law = await outbox.read(lambda tx: tx.broken_law())
    pages = await outbox.read(lambda tx: tx.page_faults())
    boxes: list[str] = []
    after: int | None = 0
    while after is not None:
        after, damaged = await _boxes(outbox, after)
        boxes += damaged
    step: tuple[str, int] | None = ("", 0)
    while step is not None:
        step, damaged = await _replies(outbox, *step)
        boxes += damaged
    version = await outbox.read(lambda tx: tx.version())
    findings = [*law, *pages, *boxes]
    return {"ok": not findings, "findings": findings, **version}


async def _boxes(outbox: Outbox, after: int) -> tuple[int | None, list[str]]:
    return await outbox.read(lambda tx: tx.damaged_boxes(after))


async def _replies(
    outbox: Outbox, owner: str, position: int
) -> tuple[tuple[str, int] | None, list[str]]:
    return await outbox.read(lambda tx: tx.damaged_replies(owner, position))
