"""Judges a story from outside the engine: the till's answers, the outbox, the vendors' books."""

from collections import Counter, defaultdict

from gateway.core.sandbox import Held
from gateway.engine.rows import Entry
from tests.simulation.story import Story


async def judge(story: Story) -> list[str]:
    """Everything that is not as promised; empty for a good story."""
    faults: list[str] = []
    entries = await _entries(story)
    faults += _nothing_lost(story, entries)
    faults += await _conserved(story)
    for account in story.accounts:
        ledger = list(story.gateway.wire.sandboxes[account.vendor].ledger)
        mine = [entry for entry in entries if entry.vendor == account.vendor]
        faults += _nothing_twice(account.vendor, ledger)
        faults += _told_is_true(mine, ledger)
        faults += _in_order(mine, ledger)
    return faults


async def _entries(story: Story) -> list[Entry]:
    operator = story.gateway.doors.operator
    found: list[Entry] = []
    for state in ("done", "queued", "parked"):
        found += await operator.entries(state, None)
    return sorted(found, key=lambda entry: entry.id)


def _nothing_lost(story: Story, entries: list[Entry]) -> list[str]:
    have = {(entry.store, entry.subject, entry.operation) for entry in entries}
    lost = [
        f"lost: {told.operation} of {told.order_id} was acknowledged"
        for told in story.told
        if told.accepted and (told.store, told.order_id, told.operation) not in have
    ]
    stuck = [
        f"never drained: {entry.operation} of {entry.subject} is {entry.state}"
        for entry in entries
        if entry.state != "done"
    ]
    final = {"applied", "declined", "skipped", "cancelled"}
    ends: dict[tuple[str, str, str], str] = {
        (entry.store, entry.subject, entry.operation): entry.outcome.kind
        for entry in entries
        if entry.outcome
    }
    changed = [
        f"{told.operation} of {told.order_id} was told {told.standing}, and ended "
        f"{ends.get((told.store, told.order_id, told.operation))}"
        for told in story.told
        if told.standing in final
        and told.operation == "submit"
        and ends.get((told.store, told.order_id, told.operation)) != told.standing
    ]
    return lost + stuck + changed


async def _conserved(story: Story) -> list[str]:
    return [
        f"not conserved: {lane}"
        for lane in await story.gateway.doors.operator.lanes()
        if lane["accepted"] != lane["done"] + lane["queued"] + lane["parked"]
    ]


def _nothing_twice(vendor: str, ledger: list[Held]) -> list[str]:
    counted = Counter(row.receipt for row in ledger if row.kind == "submit")
    return [f"{vendor} has {receipt} {n} times" for receipt, n in counted.items() if n > 1]


def _told_is_true(entries: list[Entry], ledger: list[Held]) -> list[str]:
    """An applied order stands unless it was voided; one never applied does not stand."""
    faults = []
    held = _by_order(entries, ledger)
    undone = {
        entry.subject
        for entry in entries
        if entry.operation == "void" and entry.outcome and entry.outcome.kind == "applied"
    }
    for entry in entries:
        if entry.operation != "submit" or entry.outcome is None:
            continue
        row = held.get(entry.subject)
        if entry.outcome.kind == "applied" and row is None:
            faults.append(f"{entry.subject} is applied, {entry.vendor} does not have it")
        elif entry.outcome.kind == "applied" and row is not None:
            if row.standing == (entry.subject in undone):
                faults.append(f"{entry.subject}: standing {row.standing}, void {undone}")
        elif row is not None and row.standing:
            faults.append(f"{entry.subject} is {entry.outcome.kind}, {entry.vendor} has it")
    return faults


def _by_order(entries: list[Entry], ledger: list[Held]) -> dict[str, Held]:
    """The vendor's row of each order: its receipt names the order, alone or among other things."""
    rows = [row for row in ledger if row.kind == "submit" and row.receipt]
    return {
        entry.subject: row
        for entry in entries
        for row in rows
        if row.receipt and entry.subject in row.receipt
    }


def _in_order(entries: list[Entry], ledger: list[Held]) -> list[str]:
    """Per member the vendor's order is the accepted order."""
    held = _by_order(entries, ledger)
    place = {order: ledger.index(row) for order, row in held.items()}
    by_member: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.operation == "submit" and entry.subject in place:
            by_member[str(entry.ask["order"]["member"])].append(entry)
    faults = []
    for member, mine in by_member.items():
        if member == "None":
            continue
        places = [place[entry.subject] for entry in sorted(mine, key=lambda e: e.sequence)]
        if places != sorted(places):
            faults.append(f"{mine[0].vendor}: one member's orders arrived as {places}")
    return faults
