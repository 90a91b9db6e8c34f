"""Many nights in a minute: every story of every seed ends well, however it went."""

import os
import time
from itertools import count

import pytest

from tests.simulation.kept import KEPT
from tests.simulation.play import Verdict, play

SECONDS = float(os.environ.get("TILLBRIDGE_SIMULATION_SECONDS", "120"))
"""Time to tell stories in, both halves together on one core."""

AT_LEAST = 1000
"""Stories told however slow the machine is."""

HALVES = 2
"""So that two workers tell at the same time."""


def _check(verdict: Verdict) -> None:
    story = "\n  ".join((*verdict.faults, "the story:", *verdict.lines))
    assert not verdict.faults, f"seed {verdict.seed} fails:\n  {story}"


@pytest.mark.parametrize("half", range(HALVES))
def test_every_story_ends_well(half: int) -> None:
    began, told = time.monotonic(), 0
    for seed in count(half, HALVES):
        spent = time.monotonic() - began
        if told >= AT_LEAST / HALVES and spent >= SECONDS / HALVES:
            break
        _check(play(seed))
        told += 1
    print(f"{told} stories in {time.monotonic() - began:.0f} s")


@pytest.mark.parametrize("seed", KEPT)
def test_a_story_that_once_ended_badly_ends_well(seed: int) -> None:
    _check(play(seed))


def test_a_story_is_told_the_same_from_the_same_seed() -> None:
    assert play(KEPT[0]) == play(KEPT[0])
