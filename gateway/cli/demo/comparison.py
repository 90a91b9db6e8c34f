"""The last acts: what tills were told beside what vendors hold, and what vendors found wrong."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table

from gateway.cli.demo.proof import NOT_SO, SO, Act, Stage
from gateway.cli.demo.scene import Scene, Sold, Told
from gateway.cli.demo.selling import path_of
from gateway.core.sandbox import Held

COLUMNS = (
    *("till", "vendor", ">№", "then", "now", "receipt", ">total"),
    *(">came", "held as", ">amount", "stands", ""),
)
"""What the till was told, number in the lane, status at once and outcome at last; then what the
vendor has: `came` is its place in the vendor's own ledger."""

FOLLOWER_SECONDS = 15.0
"""The till's answer waits for the primary vendor alone; a follower comes right after."""

POLL_SECONDS = 0.1

REFERENCE_LENGTH = 12
"""Of a longer reference the end is shown: it differs there."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One sale at one vendor: what the till is told of it, and what the vendor holds."""

    sold: Sold
    voided: bool
    result: dict[str, Any]
    came: int
    held: Held | None

    @property
    def differences(self) -> list[str]:
        """What the two sides do not agree on."""
        if self.held is None:
            return [f"the vendor holds nothing as {self.result['reference']}"]
        both = {
            "outcome": ("applied", self.result["outcome"]),
            "amount": (self.sold.sale.total, self.held.amount),
            "standing": (not self.voided, self.held.standing),
            "receipt": (True, self.sold.sale.receipt in (self.held.receipt or "")),
        }
        return [f"{name}: {told} and {held}" for name, (told, held) in both.items() if told != held]


async def compare(stage: Stage, scene: Scene) -> None:
    """Ask for every order once more and lay it beside the vendors' ledgers."""
    act = stage.begin(
        "Compare what the tills were told with what the vendors hold",
        "They agree on every sale, to the cent and in sequence; no vendor holds one more.",
    )
    pairs = [pair for sold in scene.sold for pair in await _pairs(scene, sold)]
    stage.show(_table(pairs))
    for pair in pairs:
        name = f"{pair.sold.sale.receipt} at {pair.result['vendor']}"
        act.expect(f"{name}, what differs", [], pair.differences)
    _expect_sequence(act, pairs)
    _expect_nothing_more(act, scene, pairs)
    stage.end(act)


async def ask_vendors(stage: Stage, scene: Scene) -> None:
    """Every breach of a vendor's documented contract was written down as it happened."""
    act = stage.begin(
        "Ask the vendors what was wrong with what they were sent",
        "Four vendors, played strictly from their documentation, found no breach of it.",
    )
    for name, vendor in scene.vendors.items():
        act.expect(f"breaches seen by {name}", [], list(vendor.sandbox.violations))
    counts = [f"{name} {one.server.record.count}" for name, one in scene.vendors.items()]
    stage.note(f"requests heard: {', '.join(counts)}")
    stage.end(act)


async def _ended(sold: Sold) -> Told:
    """Ask until every vendor's part has ended: a follower's may come after the answer."""
    deadline = time.monotonic() + FOLLOWER_SECONDS
    while True:
        now = await sold.till.ask("GET", path_of(sold.sale))
        ended = all(one["outcome"] != "queued" for one in now.body["results"])
        if ended or time.monotonic() > deadline:
            return now
        await asyncio.sleep(POLL_SECONDS)


async def _pairs(scene: Scene, sold: Sold) -> list[Pair]:
    now = await _ended(sold)
    pairs = []
    for result in now.body["results"]:
        if result["operation"] != "submit":
            continue
        ledger = scene.vendors[result["vendor"]].sandbox.ledger
        places = [place for place, held in enumerate(ledger) if _is(held, result)]
        place = places[0] if places else None
        pairs.append(
            Pair(
                sold=sold,
                voided=now.body["state"] == "voided",
                result=result,
                came=0 if place is None else place + 1,
                held=None if place is None else ledger[place],
            )
        )
    return pairs


def _is(held: Held, result: dict[str, Any]) -> bool:
    return held.kind == "submit" and held.reference == result["reference"]


def _expect_sequence(act: Act, pairs: Sequence[Pair]) -> None:
    """Within a lane, the vendor's ledger is in the order of the numbers tills were told."""
    for lane in dict.fromkeys(pair.result["lane"] for pair in pairs):
        here = [pair for pair in pairs if pair.result["lane"] == lane]
        here.sort(key=lambda pair: int(pair.result["sequence"]))
        came = [pair.came for pair in here]
        act.expect(f"places in the vendor's ledger of lane {lane}", sorted(came), came)


def _expect_nothing_more(act: Act, scene: Scene, pairs: Sequence[Pair]) -> None:
    for name, vendor in scene.vendors.items():
        known = [pair.result["reference"] for pair in pairs if pair.result["vendor"] == name]
        held = [one.reference for one in vendor.sandbox.ledger if one.kind == "submit"]
        act.expect(f"sales {name} holds", sorted(known), sorted(held))


def _table(pairs: Sequence[Pair]) -> Table:
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in COLUMNS:
        name = column.removeprefix(">")
        shown.add_column(name, justify="left" if name == column else "right", no_wrap=True)
    for pair in pairs:
        sale, held = pair.sold.sale, pair.held
        shown.add_row(
            sale.till,
            pair.result["lane"].partition("/")[2],
            str(pair.result["sequence"]),
            str(pair.sold.told.status),
            "voided" if pair.voided else pair.result["outcome"],
            sale.receipt,
            f"{sale.total} {sale.currency}",
            str(pair.came or "-"),
            _shortened(pair.result["reference"]) if held else "nothing",
            f"{held.amount:.2f}" if held else "",
            ("yes" if held.standing else "no") if held else "",
            NOT_SO if pair.differences else SO,
        )
    return shown


def _shortened(reference: str) -> str:
    if len(reference) <= REFERENCE_LENGTH:
        return reference
    return f"…{reference[1 - REFERENCE_LENGTH :]}"
