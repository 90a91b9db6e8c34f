"""The gateway dies at one system call after the other; nothing is lost, doubled or reordered."""

from pathlib import Path

import pytest

from tests.torture.ordeal import SCENARIOS, Ordeal, Scenario
from tests.torture.strace import Injection, why_not

pytestmark = pytest.mark.torture

KILLED = -9

CALLS = (
    *(Injection(call="sendto", nth=nth, alone=True) for nth in range(1, 21)),
    *(Injection(call="write", nth=nth) for nth in range(1, 11)),
    *(Injection(call="fdatasync", nth=nth) for nth in range(1, 31)),
    *(Injection(call="pwrite64", nth=nth) for nth in range(3, 151, 3)),
    *(Injection(call="sendto", nth=nth) for nth in range(5, 201, 5)),
)
"""150 moments: every answer, call, log line and sync, every third page, every fifth statement."""


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_a_kill_at_any_system_call_loses_nothing(scenario: Scenario, tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(reason)
    result = await Ordeal(tmp_path, scenario).endure(CALLS)
    print(f"{scenario.__name__}: {result}")
    assert not result.verdict.faults
    assert set(result.codes) == {KILLED}
    assert result.hits > len(CALLS) / 2
    assert "Traceback" not in result.said
