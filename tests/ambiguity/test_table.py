"""The ambiguity table: every operation of every vendor, every fault, at every moment."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import pytest

from gateway.core.adapter import DoubtClass
from gateway.engine.refusal import Refused
from tests.ambiguity.scene import CONVERSATIONS, Scene
from tests.ambiguity.wire import TROUBLES, Trouble
from tests.simulation.vendors import ACCOUNTS, Account

When = Literal["first try", "retry", "restart"]
WHENS: tuple[When, ...] = get_args(When)

AT_ONCE = 24
"""Cells at a time: more would wait for each other longer than their time-outs are."""

ASKED = 4
AGAIN_SECONDS = 0.1
"""Times a till asks before it gives up, and how long it waits in between."""

PATIENT = 60
"""Times it asks while the vendor is taken to be away: longer than a lane waits by then."""

STRUCK_SECONDS = 5.0
"""Longer than any flow takes to the call that is struck."""

SETTINGS = {"spoonity": {"gift_card_undo": "opposite_amount"}}
"""So that every operation of every manifest says something, where a setting decides."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What became of one operation under one fault.

    `ended` is its outcome, `parked`, or what the till was told of a conversation; `sent` how often
    its call went out and arrived; `rows` what the vendor wrote down for it.
    """

    doubt: DoubtClass
    trouble: Trouble | None
    when: When
    ended: str
    sent: int
    rows: int

    def __str__(self) -> str:
        return f"{self.ended} {self.sent}x"


async def play(
    account: Account, operation: Any, step: str | None, trouble: Trouble | None, when: When
) -> tuple[Cell, list[Any]]:
    """Ask for an operation whose call meets a fault, until it has ended; and what was said."""
    scene = Scene(account=account)
    await scene.start()
    try:
        await scene.prepare(operation)
        written, heard = len(scene.sandbox.ledger), scene.server.record.count
        scene.server.record.latest.clear()
        scene.wire.calls.clear()
        scene.wire.step = step
        if trouble is not None:
            scene.wire.troubles = ["not_sent", trouble] if when == "retry" else [trouble]
        ended = await _asked(scene, operation, killed=when == "restart" and trouble is not None)
        assert scene.server.record.count - heard == len(scene.server.record.latest)
        cell = Cell(
            doubt=account.adapter.operations[operation].doubt,
            trouble=trouble,
            when=when,
            ended=ended,
            sent=scene.wire.arrived(),
            rows=len(scene.sandbox.ledger) - written,
        )
        assert not scene.sandbox.violations, scene.sandbox.violations
        return cell, list(scene.wire.calls)
    finally:
        await scene.stop()


async def _asked(scene: Scene, operation: str, *, killed: bool) -> str:
    """Ask, perhaps into a dying process, and again until something final is known."""
    if killed:
        asking = asyncio.create_task(scene.ask(operation))
        async with asyncio.timeout(STRUCK_SECONDS):
            await scene.wire.struck.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await scene.restart()
    code = ""
    asked = 0
    for _ in range(PATIENT):
        if asked == ASKED:
            break
        try:
            await scene.ask(operation)
        except Refused as refused:
            code = refused.code
            asked += code != "offline_refused"
            if not refused.retryable:
                break
            await asyncio.sleep(AGAIN_SECONDS)
            continue
        if operation in CONVERSATIONS:
            return "answered"
        entry = await scene.ended(operation)
        assert entry is not None
        return entry.outcome.kind if entry.outcome else entry.state
    return code


def faults(cell: Cell, plain: Cell) -> list[str]:
    """What a cell breaks of architecture.md 5; `plain` is the same without any fault."""
    found = []
    if cell.rows > plain.rows:
        found.append(f"the vendor has it {cell.rows} times")
    if cell.doubt in ("read", "keyed"):
        if (cell.ended, cell.rows) != (plain.ended, plain.rows):
            found.append(f"it is not {plain.ended} once, as without a fault")
        return found
    if cell.sent > 1:
        found.append(f"it went out {cell.sent} times")
    if cell.ended not in (plain.ended, "parked", "vendor_unreachable", "offline_refused"):
        found.append("it is neither as without a fault, nor parked, nor refused")
    if cell.ended == plain.ended and cell.rows != plain.rows:
        found.append(f"it is {cell.ended}, and the vendor has it {cell.rows} times")
    if cell.trouble == "not_sent" and cell.ended != plain.ended:
        found.append("it never arrived, and was not sent again")
    return found


def struck_step(calls: list[Any]) -> str | None:
    """The call that matters: the one that moves value, else the last that somebody must answer."""
    asked = [call for call in calls if not call.optional]
    once = [call for call in asked if call.once]
    return (once or asked)[-1].step if asked else None


async def table_of(account: Account) -> dict[str, tuple[Cell, list[Cell]]]:
    """Every operation of a vendor: without a fault, and under each fault at each moment."""
    places = asyncio.Semaphore(AT_ONCE)

    async def cell(*what: Any) -> Cell:
        async with places:
            return (await play(account, *what))[0]

    async def row(operation: str) -> tuple[Cell, list[Cell]]:
        async with places:
            plain, calls = await play(account, operation, None, None, "first try")
        step = struck_step(calls)
        if step is None:
            return plain, []
        plain = await cell(operation, step, None, "first try")
        cells = (cell(operation, step, trouble, when) for trouble in TROUBLES for when in WHENS)
        return plain, list(await asyncio.gather(*cells))

    operations = list(account.adapter.operations)
    rows = await asyncio.gather(*map(row, operations))
    return dict(zip(operations, rows, strict=True))


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: str(account.adapter.name))
async def test_doubt_ends_as_its_class_demands(account: Account) -> None:
    settings = SETTINGS.get(account.adapter.name, {})
    table = await table_of(replace(account, site={**account.site, **settings}))
    wrong = []
    for operation, (plain, cells) in table.items():
        print(f"\n{account.adapter.name} {operation} ({plain.doubt}): {plain}")
        for trouble in TROUBLES if cells else ():
            mine = [cell for cell in cells if cell.trouble == trouble]
            told = ", ".join(f"{cell.when}: {cell}" for cell in mine)
            print(f"  {trouble:12} {told}")
        wrong += [
            f"{operation} under {cell.trouble} at the {cell.when} ({cell}): {fault}"
            for cell in cells
            for fault in faults(cell, plain)
        ]
    assert not wrong, "\n".join(wrong)
