"""After the storm: vendors are back, a person clears what is parked, and everything drains."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.torture.gateway_process import Desk, until
from tests.torture.scene import SPOONITY_SHOP, Scene

DRAIN_SECONDS = 90.0
"""Some backoffs and looks of a busy machine; what is not drained by then never will be."""

SKIP_RATE = 0.3
"""What never happened is sent again, or given up; both must come out right."""


@dataclass
class Clearing:
    """An operator who looks into the vendor's own books before deciding; `parked` counts why."""

    scene: Scene
    chance: random.Random
    parked: dict[str, int] = field(default_factory=dict)

    async def clear(self, desk: Desk) -> None:
        """Bring every entry to its end; TimeoutError says that some never come there."""
        for server in self.scene.servers.values():
            server.faults.clear()
            await server.plug_in()
        await until(lambda: self._drained(desk), DRAIN_SECONDS)

    async def _drained(self, desk: Desk) -> bool:
        for entry in (await desk.ops("GET", "/entries?state=parked"))["entries"]:
            await self._decide(desk, entry)
        lanes = (await desk.ops("GET", "/lanes"))["lanes"]
        for lane in lanes:
            if lane["state"] in ("stopped", "waiting"):
                await desk.ops("POST", f"/lanes/{lane['lane']}/resume", {"by": "sam"})
        return all(lane["queued"] == lane["parked"] == 0 for lane in lanes)

    async def _decide(self, desk: Desk, entry: Mapping[str, Any]) -> None:
        """Settle what the vendor has; what it has not is sent again, or given up."""
        self.parked[entry["reason"]] = self.parked.get(entry["reason"], 0) + 1
        act, said = "retry", {"by": "sam", "send_again": True}
        if entry["vendor"] == SPOONITY_SHOP.vendor:
            reference = self._reference(entry)
            if reference is not None:
                act, said = "settle", {"by": "sam", "reference": reference}
            elif self.chance.random() < SKIP_RATE:
                act, said = "skip", {"by": "sam", "reason": "the vendor does not have it"}
        await desk.ops("POST", f"/entries/{entry['id']}/{act}", said)

    def _reference(self, entry: Mapping[str, Any]) -> str | None:
        rows = self.scene.sandboxes[entry["vendor"]].ledger
        mine = [r for r in rows if r.kind == entry["operation"] and r.receipt == entry["order"]]
        return mine[-1].reference if mine else None
