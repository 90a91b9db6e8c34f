"""Operations, vendors and scenes as one table, from the transcripts: no cell is empty unexplained.

`python -m tests.contract.table` prints it.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import get_args

from gateway.core.adapter import Adapter
from gateway.core.operation import Name
from tests.adapters.transcript import Transcript, adapter_of, transcripts
from tests.contract.story import End, end_of

VENDORS = ("spoonity", "spendgo", "spoton", "rbi")
ANY = "*"


def _reason(end: End) -> str | None:
    reason: str | None = (end.result or {}).get("reason")
    return reason


def _hears(transcript: Transcript, what: Callable[[bytes], bool]) -> bool:
    """Tell whether a 2xx of a transcript has such a body."""
    return any(step.reply and step.reply.ok and what(step.reply.body) for step in transcript.steps)


SCENES: dict[str, Callable[[Transcript], bool]] = {
    "accepted": lambda told: end_of(told).kind in ("applied", "accepted", "listed"),
    "declined": lambda told: end_of(told).kind in ("declined", "refused"),
    "unknown_member": lambda told: _reason(end_of(told)) == "member_not_found",
    "skipped": lambda told: end_of(told).kind == "skipped",
    "refused": lambda told: end_of(told).kind == "OrderRefused",
    "nonsense_html": lambda told: _hears(told, lambda body: body.lstrip().startswith(b"<")),
    "nonsense_empty": lambda told: _hears(told, lambda body: not body),
    "missing_reference": lambda told: "missing_" in told.scene,
    "repeated": lambda told: any(step.reply and step.reply.repeated for step in told.steps),
    "in_doubt": lambda told: any(step.reply is None for step in told.steps),
    "stale_session": lambda told: told.scene.startswith("stale_"),
    "throttled": lambda told: any(step.reply and step.reply.status == 429 for step in told.steps),
}
"""What may happen to an operation, told from the transcript itself where it can be."""

SAID_AGAIN = "everything it says may be said again: a lost answer is asked for once more"
UNDONE_ALIKE = "is the call of a void, which shows it"
PAID_ALIKE = "is the call of a payment, which shows it"
NOT_JSON = "is read as nonsense_html is: neither is JSON"
SAID_ONCE = "what moves value there is said once, never again"

REASONS: tuple[tuple[str, str, str, str], ...] = (
    (ANY, ANY, "throttled", "a 429 reaches no flow: the lane waits, for every vendor alike"),
    (
        ANY,
        "identify rewards quote void refund release pay load reverse",
        "skipped",
        "only an order may have nothing to say to a vendor",
    ),
    (ANY, "void release rewards", "refused", "says nothing of the till's that was not said before"),
    (
        ANY,
        "void refund release reverse",
        "unknown_member",
        "goes by what the vendor recorded, not by a member's name",
    ),
    (ANY, "rewards", "unknown_member", "the list is the brand's, no member is named"),
    ("spoonity rbi", "quote", "unknown_member", "goes by the visit, in which the member was found"),
    ("spoton", "quote submit", "unknown_member", "SpotOn knows no members that could be unknown"),
    ("spoonity", "load", "unknown_member", PAID_ALIKE),
    ("spendgo rbi", ANY, "stale_session", "there is no session that could go stale"),
    ("spoton", "quote void", "stale_session", "only an order uses what a quote gave"),
    (
        "spoonity",
        "identify rewards quote void refund release pay load reverse",
        "stale_session",
        "only an order reads the visit's session; the others open, close or ignore it",
    ),
    (ANY, "rewards quote", "missing_reference", "an answer to a question has no reference"),
    (ANY, "void refund release", "missing_reference", "an undo gives no reference of its own"),
    ("spoonity", "load reverse", "missing_reference", PAID_ALIKE),
    ("spoonity", "quote", "refused nonsense_html nonsense_empty", "Spoonity is asked nothing"),
    ("spoonity", "rewards", "nonsense_empty", NOT_JSON),
    ("spendgo", "quote", "nonsense_empty", NOT_JSON),
    ("spoonity", "release", "nonsense_empty", "any 2xx closes a session, as accepted_html shows"),
    ("spendgo", "void", "nonsense_empty", "is the call of a refund, which shows it"),
    ("spendgo", "refund", "nonsense_html", UNDONE_ALIKE),
    ("spoonity rbi", "refund", "nonsense_html nonsense_empty", UNDONE_ALIKE),
    ("spoonity", "load reverse", "nonsense_html nonsense_empty", PAID_ALIKE),
    ("spoonity", "rewards", "declined", "a list that is refused is asked for again later"),
    ("spoonity", "refund", "declined", UNDONE_ALIKE),
    ("spoonity", "load", "declined", PAID_ALIKE),
    ("spoonity", "identify rewards quote", "repeated", "a read finds nothing done already"),
    ("spoton rbi", "quote", "repeated", "a read finds nothing done already"),
    ("spoonity", "submit void refund pay load reverse", "repeated", SAID_ONCE),
    ("spendgo", "refund", "in_doubt", UNDONE_ALIKE),
    ("spoonity spendgo", "identify", "in_doubt", SAID_AGAIN),
    (ANY, "rewards quote release", "in_doubt", SAID_AGAIN),
    ("spoton rbi", "void", "in_doubt", SAID_AGAIN),
    ("rbi", "refund", "in_doubt", SAID_AGAIN),
)
"""(vendors, operations, scenes), or ANY of them, and why there is no transcript."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One operation of one vendor in one scene: its transcripts, or why there are none."""

    vendor: str
    operation: str
    scene: str
    names: tuple[str, ...]
    why: str | None


def cells() -> Iterator[Cell]:
    """Build the table, row by row."""
    told = list(transcripts())
    for operation in get_args(Name):
        for vendor in VENDORS:
            adapter = adapter_of(vendor)
            mine = [one for one in told if one.family == (vendor, operation)]
            for scene, is_one in SCENES.items():
                names = tuple(one.scene for one in mine if is_one(one))
                yield Cell(
                    vendor=vendor,
                    operation=operation,
                    scene=scene,
                    names=names,
                    why=None if names else why_not(adapter, operation, scene),
                )


def why_not(adapter: Adapter, operation: Name, scene: str) -> str | None:
    """Tell why a cell is empty, None if nobody knows."""
    if operation in adapter.cannot:
        return adapter.cannot[operation]
    for reason in REASONS:
        if explains(reason, adapter.name, operation, scene):
            return reason[-1]
    return None


def explains(reason: tuple[str, str, str, str], vendor: str, operation: str, scene: str) -> bool:
    """Tell whether a reason speaks of a cell."""
    *said, _ = reason
    named = (vendor, operation, scene)
    return all(
        words == ANY or name in words.split() for words, name in zip(said, named, strict=True)
    )


def spelled() -> str:
    """Write the table: how many transcripts show a scene, or the number of the reason below."""
    table = list(cells())
    whys = list(dict.fromkeys(cell.why for cell in table if cell.why))
    rows = [("", "", *SCENES)]
    for start in range(0, len(table), len(SCENES)):
        row = table[start : start + len(SCENES)]
        rows.append((row[0].operation, row[0].vendor, *(_mark(cell, whys) for cell in row)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    lines += ["", *(f"[{number}] {why}" for number, why in enumerate(whys, start=1))]
    return "\n".join(lines) + "\n"


def _mark(cell: Cell, whys: list[str]) -> str:
    if cell.names:
        return str(len(cell.names))
    return f"[{whys.index(cell.why) + 1}]" if cell.why else "?"


if __name__ == "__main__":
    sys.stdout.write(spelled())
