"""What the demo shows and proves: a line for each thing said, a tick or a cross for each act."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from rich.console import Console, RenderableType
from rich.text import Text

from gateway.cli.demo.scene import Till, Told

WIDTH = 100
"""Fits half a screen, and every pasted log."""

SO, NOT_SO = "✓", "✗"


class NotSo(Exception):
    """Something the rest of the story stands on is not so."""


@dataclass(kw_only=True)
class Act:
    """One part of the story: what it proves, and what turned out not to be so."""

    title: str
    proves: str
    wrong: list[str] = field(default_factory=list)

    def expect(self, what: str, expected: object, found: object) -> None:
        """Note it where what was found is not what was expected."""
        if found != expected:
            self.wrong.append(f"{what}: expected {_shown(expected)}, found {_shown(found)}")

    def need(self, what: str, expected: object, found: object) -> None:
        """Expect it, and end the story where it is not so."""
        self.expect(what, expected, found)
        if found != expected:
            raise NotSo(what)


class Stage:
    """Where the audience looks."""

    def __init__(self, out: Console | None = None) -> None:
        self._out = out or _console()
        self.acts: list[Act] = []

    def begin(self, title: str, proves: str) -> Act:
        """Open the next act."""
        act = Act(title=title, proves=proves)
        self.acts.append(act)
        self._out.print()
        self._out.print(Text(f"{len(self.acts)}  {title}", style="bold"))
        return act

    def end(self, act: Act) -> None:
        """Say in one line what an act proves, or what is not so."""
        mark, style = (NOT_SO, "bold red") if act.wrong else (SO, "bold green")
        self._out.print(Text.assemble((f"   {mark} ", style), (act.proves, style)))
        for wrong in act.wrong:
            self._out.print(Text(f"     not so: {wrong}", style="red"))

    def told(self, till: Till, what: str, told: Told, words: str) -> None:
        """One thing a till said, and what it was told."""
        line = f"   {till.name:<8}{what:<24}{told.status}{told.milliseconds:>6} ms  {words}"
        self._out.print(Text(line), no_wrap=True, overflow="ellipsis")

    def note(self, words: str) -> None:
        """One thing that happened."""
        self._out.print(Text(f"   {words}", style="dim"), no_wrap=True, overflow="ellipsis")

    def show(self, thing: RenderableType) -> None:
        """A table or a drawing."""
        self._out.print(thing)

    def verdict(self, seconds: float) -> int:
        """Say how it went; returns the exit code."""
        failed = [act for act in self.acts if act.wrong]
        self._out.print()
        if not failed:
            whole = f"{SO} All {len(self.acts)} acts hold, in {seconds:.0f} s."
            self._out.print(Text(whole, style="bold green"))
            return 0
        self._out.print(Text(f"{NOT_SO} Not so, in {seconds:.0f} s:", style="bold red"))
        for act in failed:
            self._out.print(Text(f"  {act.title}: {'; '.join(act.wrong)}", style="red"))
        return 1


def listed(words: Sequence[str]) -> str:
    """Several words as one text."""
    return ", ".join(words) or "none"


def _console() -> Console:
    out = Console(markup=False, highlight=False)
    return Console(
        markup=False, highlight=False, width=min(out.width, WIDTH) if out.is_terminal else WIDTH
    )


def _shown(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)
