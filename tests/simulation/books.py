"""Judges what a story did to money and holds: once, or not at all, and nothing forgotten."""

from collections import Counter
from collections.abc import Iterator, Sequence

from gateway.engine.rows import Entry
from tests.simulation.story import Story

MONEY = ("pay", "load")


def faults(story: Story, entries: Sequence[Entry]) -> Iterator[str]:
    """Everything about value that is not as promised."""
    yield from _money_once(story, entries)
    yield from _nothing_held(story, entries)


def _money_once(story: Story, entries: Sequence[Entry]) -> Iterator[str]:
    """A payment told applied exists once; one refused does not, unless a later try was taken."""
    rows = Counter(
        (row.kind, row.receipt)
        for account in story.accounts
        for row in story.wire.sandboxes[account.vendor].ledger
        if row.kind in MONEY
    )
    asked = {(told.operation, told.subject) for told in story.told if told.operation in MONEY}
    for kind, payment in asked | set(rows):
        times = rows[kind, payment]
        mine = [entry for entry in entries if (entry.operation, entry.subject) == (kind, payment)]
        applied = sum(
            entry.outcome is not None and entry.outcome.kind == "applied" for entry in mine
        )
        if times != applied:
            yield f"{kind} {payment}: the vendor has it {times} times, applied are {applied}"
        answers = [told for told in story.told if told.subject == payment]
        if times and all(told.answer == "refused" for told in answers):
            yield f"{kind} {payment} was refused ({answers[-1].code}), and the vendor has it"


def _nothing_held(story: Story, entries: Sequence[Entry]) -> Iterator[str]:
    """Long after every deadline no hold stands, but those whose scan nobody heard the answer of."""
    if story.blind:
        return
    given_up = {
        str(entry.ask["visit"]["keep"])
        for entry in entries
        if entry.operation == "release" and entry.outcome and entry.outcome.kind != "applied"
    }
    for account in story.accounts:
        for row in story.wire.sandboxes[account.vendor].ledger:
            if row.kind != "hold" or not row.standing or row.reference in story.wire.unheard:
                continue
            if not any(row.reference in keep for keep in given_up):
                yield f"{account.vendor} still holds {row.amount} for {row.receipt}"
