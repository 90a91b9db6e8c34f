"""The gateway dies in the middle of a sync, a page, an answer; nothing is lost or doubled."""

from pathlib import Path

import pytest

from tests.torture.ordeal import Ordeal, delivering
from tests.torture.strace import Injection, why_not

KILLED = -9

CALLS = (
    Injection(call="sendto", nth=6, alone=True),
    Injection(call="fdatasync", nth=4),
    Injection(call="fdatasync", nth=22),
    Injection(call="pwrite64", nth=25),
    Injection(call="pwrite64", nth=100),
    Injection(call="sendto", nth=150),
)
"""Six moments of a delivery; `make torture` has all of them."""


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
async def test_a_kill_inside_a_system_call_loses_nothing(tmp_path: Path) -> None:
    result = await Ordeal(tmp_path, delivering).endure(CALLS)
    print(result)
    assert not result.verdict.faults
    assert dict(result.codes) == {KILLED: len(CALLS)}
    assert "Traceback" not in result.said
