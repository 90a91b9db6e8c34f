"""Proof that the simulation can fail: each way to break the engine shows in some story."""

import pytest

from tests.simulation.mutations import MUTATIONS, Mutation
from tests.simulation.play import play


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: str(mutation.__name__))
def test_a_broken_engine_does_not_go_unnoticed(
    mutation: Mutation, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation(monkeypatch)
    seeds = MUTATIONS[mutation]
    assert any(play(seed).faults for seed in seeds), (
        f"none of the seeds {seeds} shows it any more; find others with: "
        f"python -m tests.simulation --mutation {mutation.__name__}"
    )
