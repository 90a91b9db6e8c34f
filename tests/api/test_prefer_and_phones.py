"""Two small readings: how long a till waits, and what a phone number is."""

import pytest

from gateway.api.phones import e164
from gateway.api.prefer import wait_seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], 3.0),
        (["wait=2"], 2.0),
        (["wait=0"], 0.0),
        (["wait=99"], 30.0),
        (['Wait="5"'], 5.0),
        (["return=minimal, wait=4"], 4.0),
        (["return=minimal", "wait=4; foo=bar"], 4.0),
        (["wait=1, wait=9"], 1.0),
        (["respond-async"], 0.0),
        (["respond-async, wait=10"], 10.0),
        (["wait=-1"], 3.0),
        (["wait=1.5"], 3.0),
        (["wait=soon"], 3.0),
        (["wait=٣"], 3.0),
    ],
)
def test_how_long_a_till_waits(headers: list[str], seconds: float) -> None:
    assert wait_seconds(headers, 3.0) == seconds


@pytest.mark.parametrize(
    ("captured", "region", "kept"),
    [
        ("(416) 555-0123", "CA", "+14165550123"),
        ("+1 416 555 0123", None, "+14165550123"),
        ("+15555550100", "US", "+15555550100"),
        ("030 123456", "DE", "+4930123456"),
        ("416 555 0123", None, "416 555 0123"),
        ("555-0123", "CA", "555-0123"),
        ("416 555 0123 ext. 7", "CA", "416 555 0123 ext. 7"),
        ("ana", "CA", "ana"),
    ],
)
def test_a_phone_is_e164_where_it_is_a_whole_number(
    captured: str, region: str | None, kept: str
) -> None:
    assert e164(captured, region) == kept
