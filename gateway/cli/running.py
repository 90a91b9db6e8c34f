"""Commands that keep running: the gateway itself, the played vendors, the demo."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.speech import USAGE, AsJson, fail

FIRST_PORT = 8481
"""Beside the gateway's own 8470, and out of its way."""

ENDINGS = {
    4: "another process holds the outbox; only one may",
    5: "the disk failed; nothing may be assumed, start me again",
    6: "the outbox is damaged or comes from another machine; nothing is sent until you have looked",
    7: "the outbox was written by a newer version; run that one",
}
"""What an exit code of the gateway means, said where the log may not be seen (traps.md)."""

Config = Annotated[
    Path,
    typer.Option(
        "--config",
        help="A YAML file, or a folder with gateway.yaml and stores/*.yaml.",
        metavar="PATH",
    ),
]


def add_to(shell: typer.Typer) -> None:
    """Add these commands to the shell."""
    shell.command()(serve)
    shell.command()(check)
    shell.command()(sandbox)
    shell.command()(demo)


def serve(config: Config) -> None:
    """Run the gateway until SIGTERM or Ctrl-C.

    SIGHUP reads the configuration again and keeps the old one if the new one has an error. The
    outbox needs no warning: kill -9 loses nothing that a till was told is kept.
    """
    from gateway.app import serve as run

    code = run(config)
    if code in ENDINGS:
        fail(ENDINGS[code], code)
    raise typer.Exit(code)


def check(
    config: Config,
    online: Annotated[
        bool,
        typer.Option("--online", help="Also call each vendor, harmlessly: nothing moves."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Validate a configuration: every key, every secret, and that routes leave no order out.

    Each error is one line, file:line:column, and the exit code is 3. With --online a refused
    credential or an unreachable vendor is exit code 1.
    """
    from gateway.cli.checking import check as examine

    raise typer.Exit(examine(config, online=online, as_json=as_json))


def sandbox(
    vendor: Annotated[
        str | None,
        typer.Option(
            help="Play this one alone: spoonity, spendgo, spoton, rbi.", show_default="all"
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=1, max=65000, help="Port of the first vendor; the next follow.")
    ] = FIRST_PORT,
) -> None:
    """Play the vendors for till developers, strictly from their documentation, until Ctrl-C.

    Prints where each one answers, what its sample world lets in, and how to make it fail: refuse
    connections, lose answers, be slow, throttle, answer with HTML.
    """
    from gateway.app.finding import find_adapters
    from gateway.cli.playing import play
    from gateway.settings.faults import listed, nearest

    adapters = find_adapters()
    if vendor is not None and vendor not in adapters:
        near = nearest(vendor, adapters)
        fail(f"--vendor: found {vendor!r}, allowed: {listed(adapters)}{near}", USAGE)
    chosen = [adapter for name, adapter in adapters.items() if vendor in (None, name)]
    play(chosen, port)


def demo() -> None:
    """Show the whole story on played vendors, in well under a minute; nothing else is needed.

    Sells and voids for a member, pulls a vendor's plug, sells on from two tills, kills the
    gateway and starts it again, plugs the vendor back in, and compares what the tills were told
    with what the vendor holds. Says what each step proves; exit code 1 if any of it is not so.
    """
    from gateway.cli.demo import run

    raise typer.Exit(run())
