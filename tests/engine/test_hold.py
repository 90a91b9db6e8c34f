"""When a lane waits, and a single entry: by the steady clock alone."""

from datetime import datetime, timedelta

import pytest

from gateway.core.errors import NoReply, NotSent, Throttled, Unauthorized, Unreachable
from gateway.engine import policy
from gateway.engine.hold import DRAIN_SPREAD_SECONDS, Dues, Hold
from gateway.engine.rows import Standing
from tests.virtual import START, SeededChance, VirtualClock, in_virtual_time

LONGEST_SECONDS = policy.BACKOFF_CAP_SECONDS


def a_hold() -> Hold:
    """A hold that holds nothing yet."""
    return Hold(clock=VirtualClock(), chance=SeededChance(2))


def standing(due_at: datetime | None, entry_id: int = 1) -> Standing:
    """A queued entry with a due time."""
    return Standing(
        id=entry_id,
        sequence=1,
        state="queued",
        keys=frozenset(),
        lost_runs=0,
        accepted_at=START,
        due_at=due_at,
    )


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotSent(), "unreachable"),
        (NoReply(), "unreachable"),
        (Throttled(), "throttled"),
        (Unauthorized(), "unauthorized"),
    ],
)
@in_virtual_time
async def test_a_lane_waits_for_its_reason_and_not_for_ever(
    error: Unreachable, reason: str
) -> None:
    hold = a_hold()
    assert hold.seconds() == 0
    for failures in range(1, 12):
        pause = hold.after(error)
        assert hold.seconds() == pause
        assert 0 < pause <= min(LONGEST_SECONDS, 2 ** (failures - 1))
    assert hold.reason == reason
    await hold.clock.sleep(LONGEST_SECONDS)
    assert hold.seconds() == 0


@in_virtual_time
async def test_a_vendor_is_left_alone_as_long_as_it_asks_and_hardly_longer() -> None:
    hold = a_hold()
    for _ in range(3):
        assert 120 <= hold.after(Throttled(retry_after_seconds=120)) < 121


@in_virtual_time
async def test_after_an_answer_the_next_failure_is_the_first_again() -> None:
    hold = a_hold()
    for _ in range(8):
        hold.after(NoReply())
    hold.heard()
    assert hold.reason is None
    assert hold.after(NoReply()) <= policy.BACKOFF_BASE_SECONDS


@in_virtual_time
async def test_lanes_whose_vendor_is_back_do_not_all_come_at_once() -> None:
    hold = a_hold()
    pauses = set()
    for _ in range(20):
        for _ in range(8):
            hold.after(NotSent())
        hold.release(spread=True)
        assert hold.seconds() <= DRAIN_SPREAD_SECONDS
        pauses.add(hold.seconds())
    assert len(pauses) > 10


@in_virtual_time
async def test_being_let_go_never_makes_a_lane_wait_longer() -> None:
    hold = a_hold()
    hold.release(spread=True)
    assert hold.seconds() == 0


@pytest.mark.parametrize(("spread", "waits"), [(True, True), (False, False)])
@in_virtual_time
async def test_who_asked_to_be_left_alone_is_unless_a_person_says_otherwise(
    spread: bool, waits: bool
) -> None:
    hold = a_hold()
    hold.after(Throttled(retry_after_seconds=120))
    hold.release(spread=spread)
    assert (hold.seconds() >= 120) is waits


@in_virtual_time
async def test_an_entry_waits_for_its_time_by_the_steady_clock() -> None:
    clock = VirtualClock()
    dues = Dues(clock=clock)
    assert dues.seconds(standing(None)) == 0
    dues.wait(1, 60)
    clock.shift = timedelta(days=-300)
    assert dues.seconds(standing(START)) == 60
    await clock.sleep(60)
    assert dues.seconds(standing(START)) == 0
    dues.wait(1, 60)
    dues.forget(1)
    clock.shift = timedelta()
    assert dues.seconds(standing(START)) == 0


@pytest.mark.parametrize(
    ("shift_seconds", "waits_seconds"),
    [(0, 600), (500, 100), (86400, 0), (-86400, 600)],
)
@in_virtual_time
async def test_after_a_restart_a_wrong_clock_makes_nobody_wait_longer_than_was_meant(
    shift_seconds: int, waits_seconds: float
) -> None:
    clock = VirtualClock()
    clock.shift = timedelta(seconds=shift_seconds)
    dues = Dues(clock=clock)
    entry = standing(START + timedelta(seconds=600))
    assert dues.seconds(entry) == waits_seconds
    clock.shift = timedelta(days=-1)
    await clock.sleep(10)
    assert dues.seconds(entry) == waits_seconds - 10


@in_virtual_time
async def test_how_long_it_was_looked_for_an_entry_is_counted_from_the_first_look() -> None:
    dues = Dues(clock=VirtualClock())
    assert dues.looked_seconds(1) == 0
    await dues.clock.sleep(30)
    assert (dues.looked_seconds(1), dues.looked_seconds(2)) == (30, 0)
    dues.forget(1)
    assert dues.looked_seconds(1) == 0
