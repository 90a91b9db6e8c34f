"""Pure plan: undoing an order at a vendor that voids only a member's newest one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.engine.rows import Entry


@dataclass(frozen=True, kw_only=True)
class UnwindStep:
    """One thing to do: void an order, or say it again; `entry` is the order's own submit."""

    act: Literal["void", "submit"]
    entry: Entry

    def __str__(self) -> str:
        receipt = self.entry.receipt_number or self.entry.subject
        return f"void {receipt}" if self.act == "void" else f"submit {receipt} again"


def plan(target: Entry, newer: Sequence[Entry]) -> tuple[UnwindStep, ...]:
    """Void the newest first down to the target, then say the others again, oldest first.

    `newer` is what stands above the target, oldest first.
    """
    down = [UnwindStep(act="void", entry=entry) for entry in (*reversed(newer), target)]
    up = [UnwindStep(act="submit", entry=entry) for entry in newer]
    return (*down, *up)


def spelled(steps: Sequence[UnwindStep]) -> str:
    """The plan as an operator reads it."""
    return "; ".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))
