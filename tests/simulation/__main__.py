"""A night of stories: python -m tests.simulation --seeds 100000."""

import argparse
import sys
import time

import pytest

from tests.simulation.mutations import MUTATIONS
from tests.simulation.play import play


def main() -> int:
    """Play seeds from a start; print every failing story whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--most-failures", type=int, default=5)
    parser.add_argument(
        "--mutation",
        choices=[mutation.__name__ for mutation in MUTATIONS],
        help="break the engine so, and only name the seeds that show it",
    )
    wanted = parser.parse_args()
    with pytest.MonkeyPatch.context() as patch:
        for mutation in MUTATIONS:
            if mutation.__name__ == wanted.mutation:
                mutation(patch)
        return _tell(wanted)


def _tell(wanted: argparse.Namespace) -> int:
    began, failures, orders, kills = time.monotonic(), 0, 0, 0
    for seed in range(wanted.start, wanted.start + wanted.seeds):
        verdict = play(seed)
        orders += verdict.orders
        kills += verdict.kills
        if verdict.faults:
            failures += 1
            told = () if wanted.mutation else ("the story:", *verdict.lines)
            print(f"seed {seed} fails:", *verdict.faults, *told, sep="\n  ", flush=True)
            if failures >= wanted.most_failures:
                break
    took = time.monotonic() - began
    print(f"{wanted.seeds} stories, {orders} orders, {kills} kills, {failures} bad, {took:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
