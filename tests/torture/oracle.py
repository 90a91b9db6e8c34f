"""Compares what tills were told, what the outbox says, and what the vendors hold."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.sandbox import Held
from tests.torture.gateway_process import Desk
from tests.torture.scene import SHOPS, Scene
from tests.torture.tills import Ledger

FINAL = frozenset({"applied", "declined", "skipped", "cancelled"})

View = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is not as promised, by kind; and how much was looked at."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    reordered: tuple[str, ...]
    untrue: tuple[str, ...]
    acknowledged: int
    entries: int
    applied: int

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that is not as promised."""
        return self.lost + self.doubled + self.reordered + self.untrue

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} orders acknowledged, {self.entries} entries, {self.applied} "
            f"applied; {len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.reordered)} reordered, {len(self.untrue)} untrue"
        )


async def judge(scene: Scene, ledger: Ledger, desk: Desk) -> Verdict:
    """Look at everything, once the outbox is drained."""
    entries = await desk.entries()
    lanes = (await desk.ops("GET", "/lanes"))["lanes"]
    doubled: list[str] = []
    reordered: list[str] = []
    untrue = [f"unexpected answer: {one}" for one in ledger.unexpected]
    untrue += _unconserved(entries, lanes)
    for shop in SHOPS:
        sandbox = scene.sandboxes[shop.vendor]
        rows = [row for row in sandbox.ledger if row.kind == "submit"]
        mine = [entry for entry in entries if entry["vendor"] == shop.vendor]
        doubled += _doubled(shop.vendor, sandbox.ledger)
        reordered += _reordered(mine, rows, ledger)
        untrue += _untrue(mine, rows)
        untrue += [f"{shop.vendor}: {violation}" for violation in sandbox.violations]
    return Verdict(
        lost=tuple(_lost(ledger, entries)),
        doubled=tuple(doubled),
        reordered=tuple(reordered),
        untrue=tuple(untrue),
        acknowledged=sum(sale.acknowledged for sale in ledger.sales.values()),
        entries=len(entries),
        applied=sum(entry["outcome"] == "applied" for entry in entries),
    )


def _lost(ledger: Ledger, entries: Sequence[View]) -> list[str]:
    """Everything acknowledged is there, and a final answer stayed what it was."""
    ends: dict[tuple[str, str, str], list[View]] = defaultdict(list)
    for entry in entries:
        ends[entry["store"], entry["order"], entry["operation"]].append(entry)
    lost = []
    for told in ledger.told:
        found = ends[told.store, told.order_id, told.operation]
        if not found:
            lost.append(f"{told.operation} of {told.order_id} was acknowledged and is not there")
        elif told.standing in FINAL and told.standing not in {e["outcome"] for e in found}:
            lost.append(
                f"{told.operation} of {told.order_id} was told {told.standing}, and ended "
                f"{found[-1]['outcome']}"
            )
        elif told.standing == "applied" and told.reference != found[-1]["reference"]:
            lost.append(f"{told.operation} of {told.order_id} changed its reference")
    return lost


def _unconserved(entries: Sequence[View], lanes: Sequence[View]) -> list[str]:
    """Nothing is left over, sequences have no gaps, and what was accepted is done."""
    wrong = [f"entry {e['id']} is {e['state']}" for e in entries if e["state"] != "done"]
    for lane in lanes:
        given = [entry["sequence"] for entry in entries if entry["lane"] == lane["lane"]]
        if sorted(given) != list(range(1, len(given) + 1)):
            wrong.append(f"{lane['lane']} has a gap in its sequence")
        if not lane["accepted"] == lane["done"] == len(given):
            wrong.append(f"{lane['lane']}: {lane['accepted']} accepted, {lane['done']} done")
    return wrong


def _doubled(vendor: str, rows: Sequence[Held]) -> list[str]:
    """No order, and no undoing, took effect twice."""
    counted = Counter((row.kind, row.receipt) for row in rows)
    return [
        f"{vendor} has {kind} of {order} {n} times" for (kind, order), n in counted.items() if n > 1
    ]


def _untrue(entries: Sequence[View], rows: Sequence[Held]) -> list[str]:
    """An applied order stands unless it was voided; one that was never applied does not stand."""
    held = {row.receipt: row for row in rows}
    voided = {e["order"] for e in entries if e["operation"] == "void" and e["outcome"] == "applied"}
    wrong = []
    for entry in entries:
        if entry["operation"] != "submit":
            continue
        order, row = entry["order"], held.get(entry["order"])
        if entry["outcome"] == "applied" and row is None:
            wrong.append(f"{order} is applied, {entry['vendor']} does not have it")
        elif entry["outcome"] == "applied" and row is not None:
            if row.standing == (order in voided):
                wrong.append(f"{order} stands: {row.standing}, voided here: {order in voided}")
        elif row is not None and row.standing:
            wrong.append(f"{order} is {entry['outcome']}, {entry['vendor']} has it")
    return wrong


def _reordered(entries: Sequence[View], rows: Sequence[Held], ledger: Ledger) -> list[str]:
    """The vendor's order is the accepted one: per member always, per lane but for overtakes."""
    submits = {e["order"]: e for e in entries if e["operation"] == "submit"}
    arrived = [submits[row.receipt] for row in rows if row.receipt in submits]
    wrong = []
    for place, entry in enumerate(arrived):
        for earlier in arrived[:place]:
            if earlier["sequence"] < entry["sequence"]:
                continue
            if entry["sequence"] not in earlier["overtook"]:
                wrong.append(f"{earlier['order']} passed {entry['order']}, and nothing says so")
            if _member(ledger, earlier) == _member(ledger, entry) is not None:
                wrong.append(f"{earlier['order']} passed {entry['order']} of the same member")
    return wrong


def _member(ledger: Ledger, entry: View) -> str | None:
    sale = ledger.sales.get(entry["order"])
    member = sale.order["member"] if sale else None
    return None if member is None else str(member["value"])
