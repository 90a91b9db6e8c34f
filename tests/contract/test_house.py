"""What every room of this house looks like, and what every trap of a vendor is shown by."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import adapters
import gateway
from gateway.core.operation import Name
from tests.adapters.transcript import HERE, Transcript, adapter_of
from tests.contract.story import ALL

ROOMS = Path(adapters.__path__[0])
VENDORS = ("spoonity", "spendgo", "spoton", "rbi")

FILES = {"README.md"} | {
    f"{module}.py"
    for module in (
        "__init__ settings shapes wire replies flows signing".split()  # what we say and hear
        + "sandbox world checks".split()  # the vendor, played
    )
}
"""Who knows one vendor's room knows all: each has at least these."""

TRAPS = {"spoonity": 21, "spendgo": 26, "spoton": 19, "rbi": 24}
"""Traps in each vendor's notes, T1 to this one."""

UNSHOWN = {
    ("spendgo", "T6"): "nothing in an adapter can turn TLS checks off",
    ("spoton", "T19"): "a limit: no menu is read, so nothing can be shown",
}
"""Traps that no transcript or test of an adapter can show, and why."""

ORDER = "authorize identify release rewards quote submit void refund pay load reverse".split()
"""How every vendor's story is told."""

MODULE_LINES = 300
STORY_LINES = 250
FUNCTION_LINES = 40
"""A function fits on a screen, docstring included; what outgrows its budget is two ideas."""

SHOWN_BY = re.compile(r"\btest_\w+|\b[a-z]+-[a-z0-9_]+\*?")

SOURCES = sorted([*ROOMS.rglob("*.py"), *Path(gateway.__path__[0]).rglob("*.py")], key=str)


def _traps(vendor: str) -> list[str]:
    return [f"T{number}" for number in range(1, TRAPS[vendor] + 1)]


def test_every_vendor_s_room_has_the_same_files() -> None:
    rooms = {
        vendor: {path.name for path in (ROOMS / vendor).iterdir() if path.is_file()}
        for vendor in VENDORS
    }
    shared = set.intersection(*rooms.values())

    assert shared >= FILES, f"missing: {sorted(FILES - shared)}"
    assert not {vendor: names - shared for vendor, names in rooms.items() if names - shared}


def test_there_is_no_room_without_a_vendor() -> None:
    assert {path.parent.name for path in ROOMS.glob("*/__init__.py")} == set(VENDORS)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_operation_is_said_or_declined_in_words(vendor: str) -> None:
    adapter = adapter_of(vendor)

    assert sorted([*adapter.operations, *adapter.cannot]) == sorted(get_args(Name))
    assert all(why[0].isupper() or " " in why for why in adapter.cannot.values())


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_story_is_told_in_the_same_order(vendor: str) -> None:
    tree = ast.parse((ROOMS / vendor / "flows.py").read_text("utf-8"))
    told = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    public = [name for name in told if not name.startswith("_")]

    assert public == [name for name in ORDER if name in public]


@pytest.mark.parametrize("transcript", ALL, ids=str)
def test_a_transcript_is_about_an_operation_of_the_manifest(transcript: Transcript) -> None:
    assert transcript.operation in transcript.adapter.operations
    assert transcript.path.stem == f"{transcript.operation}-{transcript.scene}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_module_keeps_to_its_budget(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = STORY_LINES if path.name in ("flows.py", "wire.py") else MODULE_LINES

    assert len(text.splitlines()) <= lines
    assert not {
        function.name: length
        for function in _functions(ast.parse(text))
        if (length := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    }


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_transcript_shows_only_traps_there_are(vendor: str) -> None:
    for transcript in ALL:
        if transcript.adapter.name == vendor:
            assert set(transcript.shows) <= set(_traps(vendor)), transcript


@pytest.mark.parametrize(
    ("vendor", "trap"), [(vendor, trap) for vendor in VENDORS for trap in _traps(vendor)]
)
def test_a_trap_is_answered_in_the_readme_and_shown(vendor: str, trap: str) -> None:
    readme = (ROOMS / vendor / "README.md").read_text("utf-8")
    rows = re.findall(rf"^\| \**{trap}\b(.*)\|\s*$", readme, re.MULTILINE)
    assert len(rows) == 1, f"{trap} has {len(rows)} rows in adapters/{vendor}/README.md"
    shown_by = SHOWN_BY.findall(rows[0].rpartition("|")[2])

    if (vendor, trap) in UNSHOWN:
        assert not shown_by, f"{trap} is shown after all: take it out of UNSHOWN"
        return
    assert shown_by or any(trap in told.shows for told in ALL if told.adapter.name == vendor)
    missing = [name for name in shown_by if not _exists(vendor, name)]
    assert not missing, f"adapters/{vendor}/README.md names what is not there: {missing}"


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _exists(vendor: str, name: str) -> bool:
    """Tell whether a transcript, a test or a module of tests of a vendor has this name."""
    folder = HERE / vendor
    if not name.startswith("test_"):
        return any(folder.glob(f"transcripts/{name}.json"))
    modules = list(folder.glob("test_*.py"))
    return any(
        module.stem == name or f"def {name}(" in module.read_text("utf-8") for module in modules
    )
