"""Speaks to the running gateway's operator API, and shows what it answers."""

import getpass
import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlencode

from gateway.cli.peer import Into, Unanswered, ask_once
from gateway.cli.speech import FAILED, TOKEN_VARIABLE, USAGE, console, fail, say_json, table
from gateway.core import strict_json
from gateway.settings import Reference, SecretUnreadable, read_secret

if TYPE_CHECKING:
    from rich.table import Table

WATCH_SECONDS = 1.0

WHOLE_SECONDS = 600.0
"""A large outbox is examined, copied or listed whole, box by box, on a store's small machine."""

PLANS = {"needs_approval": "approve by retry: ", "vendor_declined": "remaining: "}
"""What stands before an unwind's steps in the detail of an entry parked for this reason."""


class Operator:
    """One operator at one gateway; every failure ends the command with a readable line."""

    def __init__(self, url: str, token_file: Path | None) -> None:
        self._url = url
        reference = Reference(kind="env", name=TOKEN_VARIABLE)
        if token_file is not None:
            reference = Reference(kind="file", name=str(token_file.absolute()))
        try:
            token = read_secret(reference, os.environ).get_secret_value()
        except SecretUnreadable as error:
            fail(f"the operator's token: {error}; or give --token-file", USAGE)
        self._headers = {"Authorization": f"Bearer {token}"}

    def lanes(self) -> list[dict[str, Any]]:
        """Every lane."""
        return list(self._ask("GET", "lanes")["lanes"])

    def entries(self, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        """The entries asked for."""
        return list(self._ask("GET", f"entries?{urlencode(asked)}")["entries"])

    def entry(self, entry_id: int) -> Any:
        """One entry with its journal."""
        return self._ask("GET", f"entries/{entry_id}")

    def act(self, path: str, said: Mapping[str, Any], by: str) -> Any:
        """Do something, in somebody's name."""
        return self._ask("POST", path, {**said, "by": by or getpass.getuser()})

    def verify(self) -> dict[str, Any]:
        """What is wrong with the outbox, and what it was written by."""
        return dict(self._ask("GET", "verify", patience_seconds=WHOLE_SECONDS))

    def backup(self, name: str) -> str:
        """Have the outbox copied; where the copy is, on the gateway's machine."""
        return str(
            self._ask("POST", "backup", {"name": name}, patience_seconds=WHOLE_SECONDS)["path"]
        )

    def export(self, into: Into) -> None:
        """Every entry, a line of JSON each."""
        self._ask("GET", "export", into=into, patience_seconds=WHOLE_SECONDS)

    def _ask(self, method: str, path: str, said: Any = None, **how: Any) -> Any:
        body = b"" if said is None else strict_json.dumps(said)
        target = f"/ops/{path}"
        try:
            heard = ask_once(self._url, method, target, body=body, headers=self._headers, **how)
            value = heard.json() if heard.body else {}
        except Unanswered as error:
            fail(str(error))
        if not heard.ok:
            fail(f"{heard.status} {value.get('code')}: {value.get('detail')}")
        return value


def show_lanes(lanes: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Show lanes as a table, or as JSON."""
    if as_json:
        say_json(list(lanes))
    else:
        console().print(lanes_table(lanes))


def watch_lanes(operator: Operator, *, as_json: bool) -> None:
    """Show lanes again and again, until Ctrl-C."""
    from rich.live import Live

    try:
        if as_json:
            while True:
                say_json(operator.lanes())
                time.sleep(WATCH_SECONDS)
        with Live(lanes_table(operator.lanes()), console=console(), auto_refresh=False) as live:
            while True:
                time.sleep(WATCH_SECONDS)
                live.update(lanes_table(operator.lanes()), refresh=True)
    except KeyboardInterrupt:
        return


def lanes_table(lanes: Iterable[Mapping[str, Any]]) -> "Table":
    """Lanes as people read them."""
    shown = table("lane", "state", ">queued", ">parked", ">done", ">oldest", ">next try", "why")
    for lane in lanes:
        oldest = lane["oldest_age_seconds"]
        soon = lane["next_attempt_in_seconds"]
        shown.add_row(
            lane["lane"],
            lane["state"],
            *(str(lane[name]) for name in ("queued", "parked", "done")),
            "" if oldest is None else f"{oldest} s",
            f"{soon} s" if soon else "",
            lane["reason"] or "",
        )
    return shown


def show_entries(entries: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Show entries as a table, or as JSON."""
    if as_json:
        say_json(list(entries))
        return
    shown = table(">id", "lane", ">seq", "operation", "order", "receipt", "outcome", "why")
    for entry in entries:
        why = "; ".join(filter(None, (entry["reason"], entry["detail"])))
        shown.add_row(
            str(entry["id"]),
            entry["lane"],
            str(entry["sequence"]),
            entry["operation"],
            entry["order"],
            entry["receipt_number"] or "",
            entry["outcome"],
            why,
        )
    console().print(shown)


def show_entry(entry: Mapping[str, Any], *, as_json: bool) -> None:
    """Show one entry whole."""
    if as_json:
        say_json(entry)
        return
    out = console()
    shown = table("", "")
    for key, value in entry.items():
        if key != "steps" and value not in (None, [], ""):
            shown.add_row(key, str(value))
    out.print(shown)
    steps = table(">step", "call", "state", ">status", ">tries without answer")
    for step in entry["steps"] or ():
        cells = (step["position"], step["name"], step["state"], step["status"], step["lost"])
        steps.add_row(*("" if cell is None else str(cell) for cell in cells))
    out.print(steps)


def show_act(answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Say what an act came to."""
    if as_json:
        say_json(answer)
    elif "outcome" in answer:
        console().print(
            f"Entry {answer['id']}, {answer['operation']} of order {answer['order']}, is now "
            f"{answer['outcome']} ({answer['lane']} number {answer['sequence']})."
        )
    else:
        console().print("Done.")


def show_plan(entry: Mapping[str, Any], *, as_json: bool) -> None:
    """Show the plan of a void that waits for a person; ends with 1 where none does."""
    words = PLANS.get(entry["reason"] or "")
    _, found, said = (entry["detail"] or "").partition(words or "\n")
    if entry["state"] != "parked" or not (words and found):
        fail(f"entry {entry['id']} has no plan that waits for you: it is {entry['state']}")
    steps = re.split(r"(?:^|; )\d+\. ", said)[1:]
    if as_json:
        say_json({**entry, "plan": steps})
        return
    out, number = console(), entry["id"]
    out.print(f"Entry {number}, {entry['operation']} of order {entry['order']}, would do:")
    for place, step in enumerate(steps, start=1):
        out.print(f"  {place}. {step}")
    out.print(f"tillbridge outbox retry {number} approves that and does it;")
    out.print(f"tillbridge outbox skip {number} --reason … does none of it.")


def show_findings(found: Mapping[str, Any], *, as_json: bool) -> int:
    """Show what is wrong with an outbox; returns the exit code."""
    if as_json:
        say_json(found)
    else:
        for finding in found["findings"]:
            console().print(finding)
        many = len(found["findings"])
        said = "The outbox is as it must be" if found["ok"] else f"{many} findings"
        console().print(f"{said} (file version {found['schema']}, SQLite {found['sqlite']}).")
    return 0 if found["ok"] else FAILED


def export_to(operator: Operator, path: Path | None) -> None:
    """Write every entry to a file, whole or not at all, or to standard output."""
    if path is None:
        operator.export(sys.stdout.buffer.write)
        sys.stdout.buffer.flush()
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            operator.export(lambda piece: _write(file, piece))
        part.replace(path)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")
    finally:
        part.unlink(missing_ok=True)


def _write(file: BinaryIO, piece: bytes) -> None:
    """A disk that fails here is no gateway that does not answer."""
    try:
        file.write(piece)
    except OSError as error:
        fail(f"{file.name} cannot be written: {error.strerror}")
