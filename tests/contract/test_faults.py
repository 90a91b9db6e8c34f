"""Every step of every transcript meets every fault: nothing moves twice, and nothing is lost."""

from collections import Counter
from dataclasses import dataclass

import pytest

from gateway.core.flow import Call
from gateway.core.outcome import FINAL
from tests.adapters.transcript import Step, Transcript
from tests.contract.story import (
    ALL,
    LOST,
    TALKING,
    End,
    Fault,
    Journal,
    Script,
    answer_again,
    end_of,
)

REPEATING = [told for told in TALKING if any(not step.call["once"] for step in told.steps)]
ONCE = [told for told in TALKING if any(step.call["once"] for step in told.steps)]

WAITING = {"LookAgain", "InDoubt", "NoReply"}
"""Ends that move nothing: evidence may come, a person looks, the vendor is asked again."""


@dataclass(frozen=True, kw_only=True)
class Struck:
    """A story that met a fault: its name, which is its journal's too, the call hit, its end."""

    where: str
    call: Call
    end: End


@pytest.mark.parametrize("transcript", ALL, ids=str)
async def test_a_transcript_ends_the_same_through_the_journal(
    transcript: Transcript, journal: Journal
) -> None:
    script = Script(transcript=transcript)

    assert await journal.tell(transcript, script, owner=str(transcript)) == end_of(transcript)

    _check_nothing_moved_twice(script, "without a fault")


@pytest.mark.parametrize("transcript", TALKING, ids=str)
async def test_what_was_not_sent_is_said_again_and_ends_the_same(
    transcript: Transcript, journal: Journal
) -> None:
    for step in transcript.steps:
        story = await _strike(transcript, step, "not_sent", journal)

        if story.call.optional:
            assert story.end.kind == end_of(transcript).kind, story
        else:
            assert story.end == end_of(transcript), story


@pytest.mark.parametrize("transcript", REPEATING, ids=str)
async def test_a_repeatable_call_without_a_reply_is_said_again_to_the_letter(
    transcript: Transcript, journal: Journal
) -> None:
    for step in transcript.steps:
        for fault in (*LOST, "page") if not step.call["once"] else ():
            story = await _strike(transcript, step, fault, journal)

            assert _may_end(transcript, step, fault, story), story


@pytest.mark.parametrize("transcript", ONCE, ids=str)
async def test_a_once_call_without_a_reply_is_in_doubt_and_never_said_again(
    transcript: Transcript, journal: Journal
) -> None:
    for step in transcript.steps:
        for fault in LOST if step.call["once"] else ():
            story = await _strike(transcript, step, fault, journal)

            assert story.call.step in await journal.doubted(story.where), story
            assert story.end.kind in FINAL | WAITING, story


@pytest.mark.parametrize("transcript", ONCE, ids=str)
async def test_a_once_call_that_gets_a_page_for_an_answer_is_never_said_again(
    transcript: Transcript, journal: Journal
) -> None:
    for step in transcript.steps:
        if step.call["once"]:
            story = await _strike(transcript, step, "page", journal)

            assert story.end.kind in FINAL | WAITING | {"VendorNonsense"}, story


async def _strike(transcript: Transcript, step: Step, fault: Fault, journal: Journal) -> Struck:
    """Let a fault strike a step once, and tell the story to its end."""
    where = f"{transcript} {step.call['step']} {fault}"
    script = Script(transcript=transcript, fault=fault, at=step.call["step"])
    end = await journal.tell(transcript, script, owner=where)
    assert script.struck is not None, f"{where}: the step was never said"
    _check_nothing_moved_twice(script, where)
    return Struck(where=where, call=script.struck, end=end)


def _check_nothing_moved_twice(script: Script, where: str) -> None:
    """What must happen once is sent once; what is sent again is the same to the letter."""
    once = [call for call in script.sent if call.once]
    values = Counter((call.method, call.target(), call.payload()) for call in once)
    assert max(values.values(), default=0) <= 1, f"{where}: sent twice: {values}"
    unknown = {call.step for call in once} - {step.call["step"] for step in script.transcript.steps}
    assert not unknown, f"{where}: moves value as its transcript does not: {unknown}"
    asked = {(call.step, call.fingerprint()) for call in script.sent if not call.fresh}
    assert len(asked) == len({step for step, _ in asked}), f"{where}: said again in other words"


def _may_end(transcript: Transcript, step: Step, fault: Fault, story: Struck) -> bool:
    """Tell whether a call said again may have brought its story to this end.

    A vendor that answers the same again leads to the same end; but a refusal the second time may
    mean "already there", and ends as some transcript of the operation does, or waits.
    """
    own = end_of(transcript)
    if story.end == own or (story.call.optional and story.end.kind == own.kind):
        return True
    refused = step.reply is not None and not step.reply.ok
    if not refused and answer_again(transcript, step, fault) is None:
        return False
    family = (end_of(told) for told in ALL if told.family == transcript.family)
    return story.end.kind in WAITING or any(end.alike(story.end) for end in family)
