"""The command line: everything a person does with Tillbridge from a shell."""

import typer

from gateway.cli import configuring, operating, running, selling

NAME = "tillbridge"

SHELL = typer.Typer(
    name=NAME,
    help="Says one canonical order to a store's loyalty and ordering vendors, and keeps it "
    "through outages until it is said.\n\nExit codes: 0 done or stopped, 1 it did not work, 2 "
    "usage, 3 configuration invalid, 4 another process holds the outbox, 5 storage failed, 6 "
    "outbox damaged or from another machine, 7 outbox newer than this program.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
running.add_to(SHELL)
configuring.add_to(SHELL)
selling.add_to(SHELL)
operating.add_to(SHELL)


def main() -> None:
    """Do what the shell says, and end with its exit code."""
    SHELL(prog_name=NAME)
