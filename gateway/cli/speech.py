"""How the command line speaks: results to standard output, trouble to standard error."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

FAILED = 1
"""It was asked rightly, and did not work."""

TOKEN_VARIABLE = "TILLBRIDGE_OPS_TOKEN"  # noqa: S105 - the variable's name

USAGE = 2

PIPED_WIDTH = 200
"""Columns where nobody looks: a line of a log or a grep should stay one line."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs to read.")]


def fail(text: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong in words on standard error, and end with a code."""
    typer.echo(f"tillbridge: {text}", err=True)
    raise typer.Exit(code)


def console() -> "Console":
    """Where people read; what stands in brackets is never taken for markup."""
    from rich.console import Console

    out = Console(markup=False, highlight=False)
    return out if out.is_terminal else Console(markup=False, highlight=False, width=PIPED_WIDTH)


def table(*columns: str) -> "Table":
    """Make an empty table in the house's style."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        name = column.removeprefix(">")
        made.add_column(name, justify="right" if name != column else "left", overflow="fold")
    return made


def say_json(value: Any) -> None:
    """Print a value as JSON."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")
