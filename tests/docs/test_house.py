"""Rules of the house that no linter knows: how modules begin, and what is in no file."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path for folder in ("gateway", "adapters") for path in (ROOT / folder).rglob("*.py")
)

KEPT_DOTS = (".ci", ".gitignore")
NOT_OURS = ("__pycache__", "build", "data")

FOREIGN = (
    "pypi" + ".org", "python" + "hosted", "npm" + "js.org", "docker" + ".io", "gh" + "cr.io",
    "quay" + ".io", "crates" + ".io", "proxy." + "golang", "/" + "work/", "/" + "root/",
)  # fmt: skip
"""Hosts of registries, and folders of a machine that is not the reader's."""

SAYS_NOTHING = ("base", "common", "handler", "helper", "manager", "misc", "service", "util")


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the checkout that is not made on the way."""
    for path in folder.iterdir():
        if (path.name.startswith(".") and path.name not in KEPT_DOTS) or path.name in NOT_OURS:
            continue
        if path.is_dir() and not path.name.endswith(".egg-info"):
            yield from files(path)
        elif path.is_file():
            yield path


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in files()
        for word in FOREIGN
        if word.encode() in path.read_bytes()
    ]
    assert found == []


def test_every_module_says_in_a_sentence_what_it_is_for() -> None:
    wrong = []
    for path in MODULES:
        first, _, more = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")
        if not first.endswith(".") or more.partition("\n")[0]:
            wrong.append(f"{path.relative_to(ROOT)}: {first!r}")
    assert wrong == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in MODULES if path.stem.rstrip("s") in SAYS_NOTHING] == []


def test_everything_public_in_core_states_its_promise() -> None:
    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in MODULES
        if path.is_relative_to(ROOT / "gateway" / "core")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []
