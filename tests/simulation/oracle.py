"""Judges a story from outside the engine: the till's answers, the outbox, the vendors' books."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from gateway.core.sandbox import Held
from gateway.engine.rows import Entry, EntryState
from tests.simulation import books, manners
from tests.simulation.story import Story

FINAL = frozenset({"applied", "declined", "skipped", "cancelled"})
STATES: tuple[EntryState, ...] = ("done", "queued", "parked")
UNDOING = ("void", "refund")


async def judge(story: Story) -> list[str]:
    """Everything that is not as promised; empty for a good story."""
    entries = await _entries(story)
    faults = [
        *_nothing_lost(story, entries),
        *_told_what_was(story, entries),
        *await _conserved(story),
        *manners.faults(story, entries),
        *books.faults(story, entries),
    ]
    for account in story.accounts:
        sandbox = story.wire.sandboxes[account.vendor]
        ledger = list(sandbox.ledger)
        mine = [entry for entry in entries if entry.vendor == account.vendor]
        faults += [f"{account.vendor} was told against its rules: {v}" for v in sandbox.violations]
        faults += _nothing_twice(account.vendor, ledger, unwound=manners.unwound(story))
        faults += _told_is_true(mine, ledger, story.by_hand)
        faults += _in_order(mine, ledger, story.by_hand, unwound=manners.unwound(story))
    return faults


async def _entries(story: Story) -> list[Entry]:
    operator = story.gateway.doors.operator
    found: list[Entry] = []
    for state in STATES:
        found += await operator.entries(state, None)
    return sorted(found, key=lambda entry: entry.id)


def _nothing_lost(story: Story, entries: Sequence[Entry]) -> Iterator[str]:
    """What was acknowledged is in the outbox, and all of it ends."""
    have = {(entry.store, entry.subject, entry.operation, entry.revision) for entry in entries}
    undone = {(entry.store, entry.subject, entry.operation) for entry in entries}
    for told in story.told:
        if told.answer != "accepted" or told.standing is None:
            continue
        exact = (told.store, told.subject, told.operation, told.revision)
        if exact not in have and (told.operation == "submit" or exact[:3] not in undone):
            yield f"lost: {told.operation} of {told.subject} was acknowledged"
    for entry in entries:
        if entry.state != "done":
            yield f"never drained: {entry.operation} of {entry.subject} is {entry.state}"


def _told_what_was(story: Story, entries: Sequence[Entry]) -> Iterator[str]:
    """A final answer stays true for ever."""
    ends: dict[tuple[str, str, str, int], list[str]] = defaultdict(list)
    for entry in entries:
        if entry.role == "primary" and entry.outcome is not None:
            place = (entry.store, entry.subject, entry.operation, entry.revision)
            ends[place].append(entry.outcome.kind)
    for told in story.told:
        if told.standing not in FINAL or told.operation in UNDOING:
            continue
        ended = ends[told.store, told.subject, told.operation, told.revision]
        if told.standing not in ended:
            yield f"{told.operation} of {told.subject} was told {told.standing}, and ended {ended}"


async def _conserved(story: Story) -> list[str]:
    return [
        f"not conserved: {lane}"
        for lane in await story.gateway.doors.operator.lanes()
        if lane["accepted"] != lane["done"] + lane["queued"] + lane["parked"]
    ]


def _nothing_twice(vendor: str, ledger: Sequence[Held], *, unwound: bool) -> Iterator[str]:
    """No order is there twice; an unwind says orders again once they are voided."""
    counted = Counter(
        row.receipt for row in ledger if row.kind == "submit" and (row.standing or not unwound)
    )
    for receipt, times in counted.items():
        if times > 1:
            yield f"{vendor} has {receipt} {times} times"


def _told_is_true(
    entries: Sequence[Entry], ledger: Sequence[Held], by_hand: set[str]
) -> Iterator[str]:
    """An applied order stands unless it was undone; one never applied does not stand."""
    for subject, mine in _by_subject(entries).items():
        if subject in by_hand:
            continue
        rows = _rows(subject, ledger)
        applied = any(_sold(entry) for entry in mine)
        undone = any(entry.operation in UNDOING and _applied(entry) for entry in mine)
        standing = any(row.standing for row in rows)
        vendor = mine[0].vendor
        if applied and not rows:
            yield f"{subject} is applied, {vendor} does not have it"
        elif applied and standing == undone:
            yield f"{subject} at {vendor}: standing {standing}, undone {undone}"
        elif not applied and standing:
            yield f"{subject} is not applied, {vendor} has it"
        if applied and any(entry.operation in UNDOING and _cancelled(entry) for entry in mine):
            yield f"undoing {subject} was cancelled as if {vendor} never had it"


def _in_order(
    entries: Sequence[Entry], ledger: Sequence[Held], by_hand: set[str], *, unwound: bool
) -> Iterator[str]:
    """Per member the vendor's order is the accepted order; an unwind keeps it for what stands."""
    by_member: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for entry in entries:
        rows = [row for row in _rows(entry.subject, ledger) if row.standing or not unwound]
        if not _sold(entry) or not rows or entry.subject in by_hand:
            continue
        visit, order = entry.ask["visit"], entry.ask["order"]
        member = visit["member"] if visit else order["member"]
        if member is not None:
            place = max(ledger.index(row) for row in rows)
            by_member[str(member)].append((entry.sequence, place, entry.subject))
    for mine in by_member.values():
        places = [place for _, place, _ in sorted(mine)]
        if places != sorted(places):
            told = ", ".join(subject for _, _, subject in sorted(mine))
            yield f"{entries[0].vendor}: one member's orders {told} arrived as {places}"


def _by_subject(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.operation in ("submit", *UNDOING):
            found[entry.subject].append(entry)
    return found


def _rows(subject: str, ledger: Sequence[Held]) -> list[Held]:
    """The vendor's rows of an order: its receipt names it, alone or among other things."""
    return [row for row in ledger if row.kind == "submit" and subject in (row.receipt or "")]


def _sold(entry: Entry) -> bool:
    """Tell whether an entry made its order final at the vendor."""
    return (
        entry.operation == "submit" and _applied(entry) and entry.ask["order"]["state"] != "placed"
    )


def _applied(entry: Entry) -> bool:
    return entry.outcome is not None and entry.outcome.kind == "applied"


def _cancelled(entry: Entry) -> bool:
    """Tell whether the engine, and not a person, cancelled an entry."""
    outcome = entry.outcome
    return (
        outcome is not None
        and outcome.kind == "cancelled"
        and "given up" not in (outcome.detail or "")
    )
