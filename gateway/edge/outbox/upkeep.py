"""Acts for whoever looks after the outbox: its law, its boxes, its copies."""

from datetime import datetime

from gateway.edge.outbox.acts import Acts, stamp
from gateway.engine.ports import Damaged

BOXES_AT_ONCE = 500
"""Rows opened in one go: checking never keeps the writer long."""


class UpkeepActs(Acts):
    """Lanes as a whole, and what `outbox verify` asks."""

    async def stopped(self, lane: str) -> str | None:
        """Tell why a lane was stopped, None if it is not."""
        row = await self._one("stopped", lane)
        return row[0] if row else None

    async def stop_lane(self, lane: str, reason: str | None) -> None:
        """Stop a lane with a reason, or let it go on."""
        await self._run("stop_lane", lane, reason)

    async def retire(self, before: datetime, limit: int) -> int:
        """Drop bodies, members and journals of what ended before; returns how many entries."""
        rows = await self._run("retiring", stamp(before), limit)
        for entry_id, store, subject in rows:
            await self._run("retire_entry", entry_id)
            await self._run("retire_keys", entry_id)
            await self._run("retire_steps", f"entry:{entry_id}")
            await self._run("retire_asked", store, subject)
        await self._retire_conversations(stamp(before), limit)
        await self._run("retire_events", stamp(before))
        return len(rows)

    async def _retire_conversations(self, before: float | None, limit: int) -> None:
        """Drop visits and quotes of that time, and the journals of how they came about."""
        for store, visit_id in await self._run("retiring_visits", before, limit):
            await self._run("retire_journals", f"visit:{store}/{visit_id}/")
            await self._run("retire_visit", store, visit_id)
            await self._run("retire_asked_visit", store, visit_id)
        for store, quote_id in await self._run("retiring_quotes", before, limit):
            await self._run("retire_journals", f"quote:{store}/{quote_id}/")
            await self._run("retire_quote", store, quote_id)

    async def broken_law(self) -> list[str]:
        """Name every lane whose sequence has gaps, or whose counts do not add up."""
        return [
            f"{lane}: {given} sequences were given, {found} entries are there, "
            f"from {first} to {last}"
            for lane, given, found, first, last in await self._run("broken_law")
        ]

    async def damaged_boxes(self, after: int) -> tuple[int | None, list[str]]:
        """Open the boxes of some entries behind an id; returns the last id and what is damaged."""
        rows = await self._run("boxes", after, BOXES_AT_ONCE)
        found = []
        for entry_id, lane, sequence, vendor, operation, *boxes in rows:
            place = f"{entry_id}|{lane}|{sequence}|{vendor}|{operation}"
            for name, box in zip(("ask", "site", "ending"), boxes, strict=True):
                try:
                    self._open(box, f"{name}|{place}")
                except Damaged as damage:
                    found.append(f"entry {entry_id}: {damage}")
        return (rows[-1][0] if rows else None), found

    async def damaged_replies(
        self, owner: str, position: int
    ) -> tuple[tuple[str, int] | None, list[str]]:
        """Open the replies of some steps behind one; the last step, and what is damaged."""
        rows = await self._run("replies", owner, position, BOXES_AT_ONCE)
        found = []
        for step_owner, step_position, box in rows:
            try:
                self._open(box, f"step|{step_owner}|{step_position}")
            except Damaged as damage:
                found.append(str(damage))
        return ((rows[-1][0], rows[-1][1]) if rows else None), found

    async def page_faults(self) -> list[str]:
        """What SQLite itself finds wrong with the file."""
        rows = await self._database.execute("PRAGMA quick_check(20)")
        return [str(text) for (text,) in rows if text != "ok"]

    async def version(self) -> dict[str, str]:
        """The file's schema version and the library that writes it."""
        [(schema,)] = await self._database.execute("PRAGMA user_version")
        [(library,)] = await self._database.execute("SELECT sqlite_version()")
        return {"schema": str(schema), "sqlite": library}
