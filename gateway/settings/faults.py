"""What is wrong with a configuration: every fault with its place, gathered before we stop."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LISTED = 24
"""Spellings an error lists; more than these nobody reads."""


@dataclass(frozen=True, order=True)
class Place:
    """Where something is configured: file, line and column from 1; 0 where there is no line."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def source(self) -> str:
        """File and line, for a log or an explanation."""
        return f"{self.file}:{self.line}" if self.line else self.file


class ConfigurationInvalid(Exception):
    """The configuration cannot be used; every error is one line, in the order of the files."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = tuple(errors)


class Faults:
    """Gathers faults; the same words at the same place count once."""

    def __init__(self) -> None:
        self._said: dict[tuple[Place, str], None] = {}

    def add(self, place: Place, text: str) -> None:
        """Remember one fault; `text` says what was found and what is allowed, no secret."""
        line = "".join(char if char.isprintable() else "�" for char in text)
        self._said[place, line] = None

    def __bool__(self) -> bool:
        return bool(self._said)

    def error(self) -> ConfigurationInvalid:
        """Everything gathered so far, ready to be raised."""
        return ConfigurationInvalid([f"{place}: {text}" for place, text in sorted(self._said)])


def nearest(word: str, spellings: Iterable[str]) -> str:
    """Suggest the nearest right spelling as the end of a sentence; empty where none is near."""
    folded = word.casefold()
    by_folded = {spelling.casefold(): spelling for spelling in spellings}
    swapped = [each for each in by_folded if sorted(each) == sorted(folded)]
    near = swapped or difflib.get_close_matches(folded, by_folded, n=1)
    return f"; did you mean {by_folded[near[0]]}?" if near else ""


def listed(spellings: Iterable[str]) -> str:
    """List what is allowed, shortened."""
    names = list(spellings)
    rest = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + rest if names else "nothing"
