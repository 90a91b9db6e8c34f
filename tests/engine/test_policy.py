"""Decisions as tables: what a reply is worth, when next, whose turn it is, what is too old."""

from datetime import timedelta

import pytest

from gateway.core.errors import GatewayError, NoReply, Throttled, Unauthorized
from gateway.core.flow import Reply
from gateway.engine import policy
from gateway.engine.policy import Nothing, Pick
from gateway.engine.rows import EntryState, Standing
from tests.virtual import START

OWN, FOREIGN = True, False


@pytest.mark.parametrize(
    ("status", "words", "expected"),
    [
        (200, FOREIGN, None),
        (299, FOREIGN, None),
        (302, OWN, NoReply),
        (400, OWN, None),
        (400, FOREIGN, NoReply),
        (401, OWN, Unauthorized),
        (401, FOREIGN, Unauthorized),
        (404, FOREIGN, NoReply),
        (429, OWN, Throttled),
        (500, OWN, None),
        (503, FOREIGN, NoReply),
    ],
)
def test_only_the_vendors_own_word_is_an_answer(
    status: int, words: bool, expected: type[GatewayError] | None
) -> None:
    reply = Reply(status=status)
    if expected is None:
        assert policy.judge(reply, lambda _reply: words) is reply
        return
    with pytest.raises(expected, match=f"HTTP {status}"):
        policy.judge(reply, lambda _reply: words)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("100000", policy.RETRY_AFTER_CAP_SECONDS),
        ("Fri, 20 Nov 2026 12:00:00 GMT", None),
        ("-7", None),
        ("1.5", None),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", None),
        ("\N{SUPERSCRIPT TWO}", None),
        ("", None),
    ],
)
def test_a_vendor_may_slow_us_down_by_a_plain_number_and_not_for_ever(
    header: str, seconds: float | None
) -> None:
    reply = Reply(status=429, headers={"retry-after": header})
    assert policy.retry_after(reply) == seconds
    with pytest.raises(Throttled) as throttled:
        policy.judge(reply, lambda _reply: True)
    assert throttled.value.retry_after_seconds == seconds
    assert policy.retry_after(Reply(status=429)) is None


@pytest.mark.parametrize(
    ("failures", "ceiling_seconds"),
    [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (7, 30), (100_000, 30)],
)
def test_the_wait_grows_to_its_cap_and_is_spread_over_all_of_it(
    failures: int, ceiling_seconds: float
) -> None:
    assert policy.backoff(failures, 0.5) == ceiling_seconds / 2
    assert policy.backoff(failures, 0.999) < ceiling_seconds
    assert policy.backoff(failures, 0.0) == 0.05


def waiting(
    place: int, keys: str, due: float = 0, state: EntryState = "queued"
) -> tuple[Standing, float]:
    """An entry with its place for an id, and the seconds until it is due."""
    entry = Standing(
        id=place + 100,
        sequence=place,
        state=state,
        keys=frozenset(keys.split()),
        lost_runs=0,
        accepted_at=START,
        due_at=None,
    )
    return entry, due


def parked(place: int, keys: str) -> tuple[Standing, float]:
    """An entry a person must look at."""
    return waiting(place, keys, state="parked")


@pytest.mark.parametrize(
    ("lane", "expected"),
    [
        pytest.param([], Nothing(seconds=None), id="nothing stands in an empty lane"),
        pytest.param(
            [waiting(1, "a"), waiting(2, "b")], Pick(entry_id=101, overtakes=()), id="oldest first"
        ),
        pytest.param(
            [parked(1, "a"), waiting(2, "a x"), waiting(3, "b")],
            Pick(entry_id=103, overtakes=(1, 2)),
            id="what depends on a parked one waits, the rest passes both",
        ),
        pytest.param(
            [parked(1, "a"), waiting(2, "a b"), waiting(3, "b c"), waiting(4, "c")],
            Nothing(seconds=None),
            id="who depends on one that waits, waits too",
        ),
        pytest.param(
            [waiting(1, "a", 30), waiting(2, "a"), waiting(3, "b", 10), waiting(4, "c", 20)],
            Nothing(seconds=10),
            id="the soonest of those that may go",
        ),
        pytest.param(
            [waiting(1, "a", 30), waiting(2, "a", 5), waiting(3, "c", 40)],
            Nothing(seconds=30),
            id="one that must wait for another is not waited for",
        ),
        pytest.param(
            [waiting(1, "a", 30), waiting(2, "b")],
            Pick(entry_id=102, overtakes=(1,)),
            id="one that is not due is passed",
        ),
        pytest.param(
            [waiting(1, ""), parked(2, ""), waiting(3, "")],
            Pick(entry_id=101, overtakes=()),
            id="what depends on nothing waits for nobody",
        ),
    ],
)
def test_whose_turn_it_is(lane: list[tuple[Standing, float]], expected: Pick | Nothing) -> None:
    due = {entry.id: seconds for entry, seconds in lane}
    standing = [entry for entry, _ in lane]
    choice = policy.pick(standing, lambda entry: due[entry.id], stop_on_park=False)
    assert choice == expected


@pytest.mark.parametrize(
    ("lane", "expected"),
    [
        ([waiting(1, "a"), parked(2, "b")], Pick(entry_id=101, overtakes=())),
        ([waiting(1, "a", 30), parked(2, "b"), waiting(3, "c")], Nothing(seconds=30)),
        ([parked(1, "a"), waiting(2, "b")], Nothing(seconds=None)),
    ],
)
def test_an_owner_may_want_nothing_ever_to_pass_a_parked_one(
    lane: list[tuple[Standing, float]], expected: Pick | Nothing
) -> None:
    due = {entry.id: seconds for entry, seconds in lane}
    standing = [entry for entry, _ in lane]
    choice = policy.pick(standing, lambda entry: due[entry.id], stop_on_park=True)
    assert choice == expected


@pytest.mark.parametrize(
    ("lane", "expected"),
    [
        ([waiting(1, "a"), waiting(2, "b")], Pick(entry_id=102, overtakes=(1,))),
        ([waiting(1, "a"), waiting(2, "a")], Nothing(seconds=None)),
        ([waiting(1, "a"), waiting(2, "b", 9)], Nothing(seconds=9)),
    ],
)
def test_a_witness_for_a_suspect_is_one_that_does_not_depend_on_it(
    lane: list[tuple[Standing, float]], expected: Pick | Nothing
) -> None:
    due = {entry.id: seconds for entry, seconds in lane}
    standing = [entry for entry, _ in lane]
    choice = policy.pick(
        standing, lambda entry: due[entry.id], stop_on_park=False, suspects=frozenset({101})
    )
    assert choice == expected


@pytest.mark.parametrize(
    ("waited_seconds", "old"), [(0, False), (600, False), (600.001, True), (-5, False)]
)
def test_an_entry_is_too_old_past_its_age_not_at_it(waited_seconds: float, old: bool) -> None:
    now = START + timedelta(seconds=waited_seconds)
    assert policy.too_old(START, now, 600) is old
