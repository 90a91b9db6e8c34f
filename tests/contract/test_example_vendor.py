"""A third party's adapter stands on the same ground: found by entry point, told by the suite."""

from pathlib import Path

import pytest

from gateway.app.finding import ENTRY_POINTS, find_adapters
from tests.contract.story import ALL, TINY
from tests.tiny import ADAPTER


def _install(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, place: str) -> None:
    """Make a distribution that offers an adapter, as an installed package does."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\n{name} = {place}\n")
    monkeypatch.syspath_prepend(folder)


def test_an_installed_package_offers_its_adapter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    house = find_adapters()
    _install(monkeypatch, tmp_path, "tiny", "tests.tiny:ADAPTER")

    found = find_adapters()

    assert found == {**house, "tiny": ADAPTER}


def test_what_is_offered_must_be_an_adapter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _install(monkeypatch, tmp_path, "tiny", "tests.tiny:TinySandbox")

    with pytest.raises(TypeError, match=r"tests\.tiny:TinySandbox of tillbridge\.adapters"):
        find_adapters()


def test_its_transcripts_are_all_the_suite_needs() -> None:
    told = [transcript for transcript in ALL if transcript.adapter is ADAPTER]

    assert {transcript.operation for transcript in told} == set(ADAPTER.operations)
    assert len(told) == len(list(TINY.glob("transcripts/*.json")))
    assert not list(TINY.glob("test_*.py")), "a vendor adds transcripts, not tests"
