"""Replaying a journal says nothing again; a flow that says something else is stopped, loudly."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import BaseModel

from gateway.core.errors import InDoubt
from gateway.core.flow import Call, Flow, Reply
from tests.adapters.transcript import Transcript
from tests.contract.story import TALKING, End, Journal, Script, end_of

ENDED = [told for told in TALKING if told.raises is None]
STUCK = [told for told in TALKING if told.raises is not None]

CHANGES: dict[str, Callable[[Call], Call]] = {
    "step": lambda call: replace(call, step=f"{call.step}_too"),
    "method": lambda call: replace(call, method="PATCH"),
    "path": lambda call: replace(call, path=f"{call.path}/else"),
    "query": lambda call: replace(call, query=(*call.query, ("else", "1"))),
    "headers": lambda call: replace(call, headers=(*call.headers, ("x-else", "1"))),
    "body": lambda call: replace(call, body={"else": call.body}, form=None),
    "once": lambda call: replace(call, once=not call.once),
}
"""Everything a call says."""


@pytest.mark.parametrize("transcript", ENDED, ids=str)
async def test_a_finished_journal_is_replayed_without_a_word(
    transcript: Transcript, journal: Journal
) -> None:
    first, second = Script(transcript=transcript), Script(transcript=transcript)
    await journal.tell(transcript, first, owner=str(transcript))
    assert first.sent

    assert await journal.tell(transcript, second, owner=str(transcript)) == end_of(transcript)

    assert [call.step for call in second.sent] == _ageing(first.sent)


@pytest.mark.parametrize("transcript", STUCK, ids=str)
async def test_an_entry_a_person_must_look_at_says_nothing_of_value_again(
    transcript: Transcript, journal: Journal
) -> None:
    await journal.tell(transcript, Script(transcript=transcript), owner=str(transcript))
    second = Script(transcript=transcript)

    assert await journal.tell(transcript, second, owner=str(transcript)) == end_of(transcript)

    assert not [call.step for call in second.sent if call.once]


@pytest.mark.parametrize("transcript", ENDED, ids=str)
async def test_a_flow_that_says_something_else_than_its_journal_is_stopped(
    transcript: Transcript, journal: Journal
) -> None:
    owner = f"{transcript} changed"
    script = Script(transcript=transcript)
    await journal.tell(transcript, script, owner=owner)
    kept = list(dict.fromkeys(call.step for call in script.sent))
    for step in kept[: len(kept) - len(_ageing(script.sent))]:
        for said, change in CHANGES.items():
            again = Script(transcript=transcript)

            end = await journal.tell(transcript, again, owner=owner, bend=_changed(step, change))

            assert end == End(kind="ReplayMismatch"), f"{step} with another {said}: {end}"
            assert not again.sent, f"{step} with another {said}: {again.sent}"


def _ageing(sent: list[Call]) -> list[str]:
    """Reads nothing was said after: asked again on every run, as their answers age."""
    pinned = max((place for place, call in enumerate(sent) if not call.fresh), default=-1)
    return [call.step for call in sent[pinned + 1 :]]


def _changed(
    step: str, change: Callable[[Call], Call]
) -> Callable[[Flow[BaseModel]], Flow[BaseModel]]:
    """Let a flow say one step otherwise."""

    def bend(flow: Flow[BaseModel]) -> Flow[BaseModel]:
        answer: Reply | None = None
        doubt: InDoubt | None = None
        while True:
            try:
                call = flow.throw(doubt) if doubt else flow.send(answer)  # type: ignore[arg-type]
            except StopIteration as end:
                result: BaseModel = end.value
                return result
            try:
                answer, doubt = (yield change(call) if call.step == step else call), None
            except InDoubt as thrown:
                answer, doubt = None, thrown

    return bend
