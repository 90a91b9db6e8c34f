"""The operator's commands: how the lanes stand, and what to do about entries that need a person."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.running import Config
from gateway.cli.selling import GATEWAY_URL, Url
from gateway.cli.speech import TOKEN_VARIABLE, AsJson

TokenFile = Annotated[
    Path | None,
    typer.Option(
        help="File with the operator's token.", show_default=f"the variable {TOKEN_VARIABLE}"
    ),
]
EntryId = Annotated[int, typer.Argument(min=1, metavar="ID", help="Number of the entry.")]
Reason = Annotated[str, typer.Option(help="Why; it is written down with your name.")]
By = Annotated[str, typer.Option(help="Who acts.", show_default="your user name")]

STATES = ("queued", "parked", "done")


def add_to(shell: typer.Typer) -> None:
    """Add `lanes` and the group `outbox` to the shell."""
    shell.command()(lanes)
    group = typer.Typer(
        help="The operator's hands: what waits, what is parked, and what to do about it. Talks to "
        "the running gateway; with --config it opens the file of a stopped one.",
        no_args_is_help=True,
    )
    group.command(name="list")(list_entries)
    for command in (show, retry, skip, settle, ack, resume, verify, export, backup, confirm):
        group.command()(command)
    shell.add_typer(group, name="outbox")


def lanes(
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every second.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show every lane: how deep, how old, in what state, and why."""
    from gateway.cli.operator import Operator, show_lanes, watch_lanes

    operator = Operator(url, token_file)
    if watch:
        watch_lanes(operator, as_json=as_json)
    else:
        show_lanes(operator.lanes(), as_json=as_json)


def list_entries(
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
    state: Annotated[str, typer.Option(help="queued, parked or done.")] = "parked",
    lane: Annotated[str, typer.Option(help="One lane alone, STORE/VENDOR.")] = "",
    unattended: Annotated[
        bool,
        typer.Option("--unattended", help="Declines that nobody was told, instead of a state."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List entries, oldest first: by default the parked ones, which wait for you."""
    from gateway.cli.operator import Operator, show_entries
    from gateway.cli.speech import USAGE, fail
    from gateway.settings.faults import listed, nearest

    if state not in STATES:
        near = nearest(state, STATES)
        fail(f"--state: found {state!r}, allowed: {listed(STATES)}{near}", USAGE)
    asked = {"unattended": "1"} if unattended else {"state": state}
    entries = Operator(url, token_file).entries({**asked, **({"lane": lane} if lane else {})})
    show_entries(entries, as_json=as_json)


def show(
    entry: EntryId,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only what a void that waits for approval would do.")
    ] = False,
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Show one entry and the calls made for it, or its plan."""
    from gateway.cli.operator import Operator, show_entry, show_plan

    shown = show_plan if plan else show_entry
    shown(Operator(url, token_file).entry(entry), as_json=as_json)


def retry(
    entry: EntryId,
    send_again: Annotated[
        bool,
        typer.Option(
            "--send-again",
            help="Also send a call in doubt again: you have looked, it is not there.",
        ),
    ] = False,
    reason: Reason = "",
    by: By = "",
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Put a parked entry back in its place; calls that were answered are not made again."""
    said = {"send_again": send_again, "reason": reason}
    _act(url, token_file, f"entries/{entry}/retry", said, by, as_json=as_json)


def skip(
    entry: EntryId,
    reason: Annotated[str, typer.Option(help="Why it is given up; written down with your name.")],
    by: By = "",
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Give a parked entry up: it ends as cancelled, and what waited for it goes on."""
    _act(url, token_file, f"entries/{entry}/skip", {"reason": reason}, by, as_json=as_json)


def settle(
    entry: EntryId,
    reference: Annotated[str, typer.Option(help="The vendor's own reference for it.")],
    reason: Reason = "",
    by: By = "",
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Say that it did happen at the vendor: the parked entry ends as applied."""
    said = {"reference": reference, "reason": reason}
    _act(url, token_file, f"entries/{entry}/settle", said, by, as_json=as_json)


def ack(
    entry: EntryId,
    reason: Reason = "",
    by: By = "",
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Take note of a decline that no till was told."""
    _act(url, token_file, f"entries/{entry}/ack", {"reason": reason}, by, as_json=as_json)


def resume(
    lane: Annotated[str, typer.Argument(metavar="STORE/VENDOR", help="The lane.")],
    reason: Reason = "",
    by: By = "",
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Let a stopped lane go on, or a waiting one try at once."""
    from gateway.cli.speech import USAGE, fail

    store, slash, vendor = lane.partition("/")
    if not (store and slash and vendor):
        fail(f"found {lane!r}, allowed: STORE/VENDOR, as in 0042/spoonity-ca", USAGE)
    said = {"reason": reason}
    _act(url, token_file, f"lanes/{store}/{vendor}/resume", said, by, as_json=as_json)


def verify(
    config: Annotated[
        Path | None,
        typer.Option(
            help="The gateway is stopped: open this configuration's outbox itself.",
            metavar="PATH",
            show_default="ask the running gateway",
        ),
    ] = None,
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Check that accepted = done + queued + parked, without gaps, and that every box opens.

    Exit code 1 if anything is found.
    """
    from gateway.cli.operator import Operator, show_findings

    if config is None:
        found = Operator(url, token_file).verify()
    else:
        from gateway.cli.stopped import verify as examine

        found = examine(config)
    raise typer.Exit(show_findings(found, as_json=as_json))


def export(
    out: Annotated[
        Path | None, typer.Option(help="File to write.", show_default="standard output")
    ] = None,
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
) -> None:
    """List every entry for finance, a line of JSON each, with nothing of a member in it."""
    from gateway.cli.operator import Operator, export_to

    export_to(Operator(url, token_file), out)


def backup(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A new name, as 2026-11-27.")],
    url: Url = GATEWAY_URL,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Copy the outbox while it works, into its own folder as NAME.db; carry it away from there."""
    from gateway.cli.operator import Operator
    from gateway.cli.speech import say_json

    path = Operator(url, token_file).backup(name)
    if as_json:
        say_json({"path": path})
    else:
        typer.echo(f"The copy is {path}. Putting it back is a decision: see outbox confirm.")


def confirm(config: Config, reason: Reason = "", by: By = "") -> None:
    """Say that an outbox from elsewhere is the only one there is, and may send.

    For a file that was moved, copied or put back, while the gateway is stopped: exit code 4 if it
    runs. What is queued in it is sent at the next start. If another copy sent it meanwhile, or ever
    will, it arrives twice: then do not.
    """
    from gateway.cli.stopped import confirm as take_over

    typer.echo(take_over(config, reason, by))


def _act(
    url: str, token_file: Path | None, path: str, said: dict[str, Any], by: str, *, as_json: bool
) -> None:
    from gateway.cli.operator import Operator, show_act

    show_act(Operator(url, token_file).act(path, said, by), as_json=as_json)
