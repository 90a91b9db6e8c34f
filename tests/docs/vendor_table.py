"""Writes README's table of what each vendor can, from the manifests: run it with --write."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from adapters import ADAPTERS
from gateway.core.adapter import Adapter
from gateway.core.operation import Name

README = Path(__file__).parents[2] / "README.md"
BEGIN = "<!-- vendor table: made by python -m tests.docs.vendor_table --write -->"
END = "<!-- end of vendor table -->"

ENTRIES = ("submit", "void", "refund", "release", "pay", "load", "reverse")
SPANS = ((86400, "d"), (3600, "h"), (60, "min"))


def table(adapters: Sequence[Adapter]) -> str:
    """Operations by vendors, and below them why an operation is missing."""
    names = [name for name in get_args(Name) if name not in ENTRIES] + list(ENTRIES)
    titles = [adapter.title.partition(" (")[0] for adapter in adapters]
    can = [[name, *(_cell(adapter, name) for adapter in adapters)] for name in names]
    cannot = list(_missing(adapters, titles))
    return (
        f"{_spelled(['operation', *titles], can)}\n\n"
        f"{_spelled(['vendor', 'cannot', 'because'], cannot)}"
    )


def _spelled(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(adapter: Adapter, name: str) -> str:
    says = next((says for known, says in adapter.operations.items() if known == name), None)
    if says is None:
        return "no"
    if says.offline == "queue":
        return f"{says.doubt}, queue {_span(says.max_age_seconds)}"
    return f"{says.doubt}, {says.offline}"


def _span(seconds: float) -> str:
    unit, name = next(each for each in SPANS if seconds % each[0] == 0)
    return f"{seconds / unit:.0f} {name}"


def _missing(adapters: Sequence[Adapter], titles: Sequence[str]) -> Iterator[Sequence[str]]:
    for adapter, title in zip(adapters, titles, strict=True):
        for name, why in adapter.cannot.items():
            yield (title, name, why)


def written(readme: str, adapters: Sequence[Adapter]) -> str:
    """The README with the table as it must be now; ValueError if a marker is missing."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md needs the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{table(adapters)}\n\n{END}{after}"


def main(arguments: Sequence[str]) -> int:
    """Print the table, or write it into README.md; returns the exit code."""
    if list(arguments) == ["--write"]:
        README.write_text(written(README.read_text(), ADAPTERS))
    else:
        print(table(ADAPTERS))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
