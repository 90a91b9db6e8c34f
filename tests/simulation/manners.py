"""Judges how the gateway behaved: in time, without needless doubt, and never twice blindly."""

from collections import Counter
from collections.abc import Iterator, Sequence

from gateway.engine.rows import Entry
from tests.simulation.story import Story

SLACK_SECONDS = 1e-6
"""Rounding of the clock, and no more: in this world nothing takes time but waiting."""

SAID = ("call.answered", "call.lost", "call.doubted")
"""What shows that something of an entry may have arrived."""

OWN_REASONS = frozenset({"gateway_fault", "needs_approval", "vendor_declined"})
"""Reasons for which an entry may be parked though nothing was sent."""


def faults(story: Story, entries: Sequence[Entry]) -> Iterator[str]:
    """Everything about its manners that is not as promised."""
    yield from _late(story)
    yield from _parked_for_an_outage(story)
    yield from _doubted_what_was_heard(story)
    yield from _said_twice(story)
    yield from _too_old_too_soon(story, entries)
    for line in story.chronicle.of("entry.failed", "storage.failed", "visit.damaged"):
        yield f"{line.event}: {line.facts}"


def unwound(story: Story) -> bool:
    """Tell whether orders were voided and said again on purpose."""
    return any("unwinding" in line.facts for line in story.chronicle.told)


def _late(story: Story) -> Iterator[str]:
    for told in story.told:
        if told.answer != "none" and told.at > told.deadline + SLACK_SECONDS:
            late = told.at - told.deadline
            yield f"{told.operation} of {told.subject} was answered {late:.3f} s late"


def _parked_for_an_outage(story: Story) -> Iterator[str]:
    """In an outage a lane waits and parks nothing."""
    said: set[object] = set()
    for line in story.chronicle.told:
        entry = line.facts.get("entry")
        if line.event in SAID:
            said.add(entry)
        parked = line.event == "entry.parked" and line.facts["reason"] not in OWN_REASONS
        if parked and entry not in said:
            yield f"parked, and nothing was sent: {line.facts}"


def _doubted_what_was_heard(story: Story) -> Iterator[str]:
    """An answer that was heard is in the journal before anything is done about it."""
    doubted: Counter[tuple[str, str]] = Counter()
    for line in story.chronicle.of("call.doubted"):
        vendor = line.facts.get("vendor") or line.facts["lane"].partition("/")[2]
        doubted[vendor, line.facts["step"]] += 1
    for place, times in doubted.items():
        lost = story.wire.lost[place]
        if times > lost + story.abrupt:
            yield f"{' '.join(place)} was in doubt {times} times, and unheard {lost} times"


def _said_twice(story: Story) -> Iterator[str]:
    """What must happen once goes on the wire once, to the letter."""
    if unwound(story):
        return
    said = Counter(
        (account.vendor, call.step, call.target(), call.payload())
        for account, call in story.wire.sent
        if call.once and call.step != "identify"  # a later order may show the same code
    )
    for (vendor, step, _, _), times in said.items():
        if times > 1:
            yield f"{step} was said to {vendor} {times} times"


def _too_old_too_soon(story: Story, entries: Sequence[Entry]) -> Iterator[str]:
    """Nothing is too old before its time by the steady clock, whatever the wall says."""
    if story.blind:
        return
    accepted = {line.facts["entry"]: line.at for line in story.chronicle.of("entry.accepted")}
    finished = {line.facts["entry"]: line.at for line in story.chronicle.of("entry.finished")}
    for entry in entries:
        if entry.reason != "too_old" or entry.id not in accepted:
            continue
        adapter = next(one.adapter for one in story.accounts if one.vendor == entry.vendor)
        limit = adapter.operations[entry.operation].max_age_seconds
        waited = finished[entry.id] - accepted[entry.id]
        if waited < limit:
            yield f"{entry.subject} was too old after {waited:.0f} s, the limit is {limit:.0f} s"
