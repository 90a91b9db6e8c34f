"""Commands about the configuration as such: its schema, and what is set where."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.running import Config
from gateway.cli.speech import AsJson, console, fail, say_json, table

SCHEMA_FILE = Path("config/gateway.schema.json")


def add_to(shell: typer.Typer) -> None:
    """Add the group `config` to the shell."""
    group = typer.Typer(help="What may be configured, and what is.", no_args_is_help=True)
    group.command()(schema)
    group.command()(show)
    shell.add_typer(group, name="config")


def schema(
    path: Annotated[Path, typer.Argument(help="Where to write it; - is standard output.")] = (
        SCHEMA_FILE
    ),
) -> None:
    """Write the JSON Schema of the configuration, for editors to complete and check by."""
    from gateway.app.finding import find_adapters
    from gateway.settings import schema_text

    text = schema_text(find_adapters())
    if str(path) == "-":
        typer.echo(text, nl=False)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")
    typer.echo(f"{path} is written.")


def show(
    config: Config,
    origin: Annotated[
        bool, typer.Option("--origin", help="Name the file and line, or variable, of each value.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show every value that is set; secrets stay references."""
    from gateway.cli.checking import loaded

    settings = loaded(config)
    if as_json:
        keys = ("path", "value", "source") if origin else ("path", "value")
        say_json([{key: getattr(each, key) for key in keys} for each in settings.origins])
        return
    shown = table("key", "value", "set in") if origin else table("key", "value")
    for each in settings.origins:
        shown.add_row(each.path, each.value, *([each.source] if origin else []))
    console().print(shown)
