"""Every transcript of every adapter says what it says."""

import pytest

from gateway.core import errors
from tests.adapters.transcript import Transcript, drive
from tests.contract.story import ALL

REFUSED = [told for told in ALL if told.raises and told.raises["error"] == "OrderRefused"]


@pytest.mark.parametrize("transcript", ALL, ids=str)
def test_a_flow_says_what_its_transcript_says(transcript: Transcript) -> None:
    if transcript.raises is not None:
        with pytest.raises(getattr(errors, transcript.raises["error"])) as caught:
            drive(transcript)
        assert transcript.raises.get("detail", "") in str(caught.value)
        return
    assert drive(transcript).model_dump(mode="json", exclude_defaults=True) == transcript.outcome


@pytest.mark.parametrize("transcript", REFUSED, ids=str)
def test_a_flow_that_refuses_does_so_before_its_first_word(transcript: Transcript) -> None:
    assert not transcript.steps
