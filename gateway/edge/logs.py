"""Facts as lines: one event a line, what must not be told left out, everything bounded."""

import logging
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from gateway.edge.events import EVENTS, Level
from gateway.engine.ports import Clock

FIELD_LENGTH = 500
"""The longest sentence of ours or a vendor's; of a longer text the length is told."""

READ_LENGTH = 4 * FIELD_LENGTH
"""Nothing behind it is looked at: patterns over a megabyte would hold up the sales."""

FIELDS = 30
"""An event with more facts is a dump, not an event."""

ITEMS = 20
"""Of a list in a fact."""

DEPTH = 3
"""Of facts in facts."""

REDACTED = "[redacted]"

SECRET_WORDS = frozenset(
    "api_key apikey authorization body card card_number client_secret cookie credential "
    "credentials email form headers identifier key last_name first_name member national_id "
    "nonce passport password phone promo_code query secret session_hash session_identifier "
    "set_cookie sig signature token value x_api_key".split()
)
SECRET_ENDINGS = ("_api_key", "_hash", "_key", "_password", "_secret", "_signature", "_token")

_TOLD_IN_PASSING = (
    (re.compile(r"(https?://[^\s?#]*)[?#]\S*"), rf"\1?{REDACTED}"),
    (re.compile(r"(?i)\b(bearer|basic) [A-Za-z0-9+/=._~-]{6,}"), rf"\1 {REDACTED}"),
    (
        re.compile(r"(?i)\b([a-z_-]*(?:key|secret|token|signature|session_hash))=[^&\s]+"),
        rf"\1={REDACTED}",
    ),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), REDACTED),
    (re.compile(r"\+\d{8,15}\b"), REDACTED),
)
"""What a sentence may carry along: a URL's query, a credential, an e-mail address, a phone."""

_OWN = ("at", "level", "event")


class UnknownEvent(ValueError):
    """An event that is not in EVENTS."""


class EventLog:
    """Says facts, one event a line; the engine's `Log`.

    A line that cannot be written stops nobody: it is counted, and the next one that can be
    written says how many were lost. `strict` raises UnknownEvent; otherwise an unknown event is
    said at warning.
    """

    def __init__(
        self,
        out: TextIO,
        clock: Clock,
        *,
        level: Level = "info",
        shape: Literal["json", "console"] = "json",
        strict: bool = False,
        owns_out: bool = False,
    ) -> None:
        self._out = out
        self._clock = clock
        self._strict = strict
        self._owns_out = owns_out
        self._lost = 0
        self._logger = structlog.wrap_logger(
            _Lines(out),
            processors=[self._stamp, _renderer(shape)],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            context_class=dict,
            cache_logger_on_first_use=True,
        )

    def __call__(self, event: str, **facts: Any) -> None:
        """Say one fact; `event` is a noun and a past participle out of EVENTS."""
        level = EVENTS.get(event)
        if level is None:
            if self._strict:
                raise UnknownEvent(f"the event {event!r} is not in EVENTS (gateway/edge/events.py)")
            level = "warning"
        lost = self._lost
        try:
            self._logger.log(_NUMBERS[level], event, facts=facts)
        except (OSError, ValueError):  # ValueError: the file is closed
            self._lost = lost + 1

    def close(self) -> None:
        """Close the file, if it was opened for this log."""
        if self._owns_out:
            self._out.close()

    def _stamp(self, _logger: WrappedLogger, level: str, said: EventDict) -> EventDict:
        now = self._clock.now().astimezone(UTC).isoformat(timespec="milliseconds")
        line: EventDict = {
            "at": now.replace("+00:00", "Z"),
            "level": level,
            "event": _text(str(said["event"])),
            **cleaned(said["facts"]),
        }
        if self._lost:
            line["lines_lost"], self._lost = self._lost, 0
        return line


_NUMBERS: Mapping[Level, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def make_log(
    clock: Clock,
    *,
    file: Path | None = None,
    level: Level = "info",
    shape: Literal["json", "console"] = "json",
    strict: bool = False,
) -> EventLog:
    """Open the log: lines go behind a file's last one, or to stdout without a file."""
    if file is None:
        return EventLog(sys.stdout, clock, level=level, shape=shape, strict=strict)
    out = file.open("a", encoding="utf-8")
    return EventLog(out, clock, level=level, shape=shape, strict=strict, owns_out=True)


def cleaned(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts fit to be told: secrets and members left out, every length bounded, one line each."""
    shown = {
        _text(f"{name}_" if name in _OWN else name): _fact(name, value, DEPTH)
        for name, value in list(facts.items())[:FIELDS]
    }
    if len(facts) > FIELDS:
        shown["facts_left_out"] = len(facts) - FIELDS
    return shown


def _fact(name: str, value: object, depth: int) -> Any:
    """One fact by its name; a thing we do not know is named by its type, never shown."""
    word = name.lower().replace("-", "_")
    if word in SECRET_WORDS or word.endswith(SECRET_ENDINGS):
        return None if value is None else REDACTED
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Decimal | date | datetime | Path):
        return _text(str(value))
    if isinstance(value, Mapping | Sequence | set | frozenset) and depth == 0:
        return f"<{len(value)} deeper>"
    if isinstance(value, Mapping):
        inner = list(value.items())[:ITEMS]
        return {_text(str(key)): _fact(str(key), item, depth - 1) for key, item in inner}
    if isinstance(value, list | tuple | set | frozenset):
        return [_fact("", item, depth - 1) for item in list(value)[:ITEMS]]
    return f"<{type(value).__name__}>"


def _text(value: str) -> str:
    """A text on one line, without what it carries along, cut where it is too long."""
    plain = value[:READ_LENGTH]
    for pattern, instead in _TOLD_IN_PASSING:
        plain = pattern.sub(instead, plain)
    plain = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in plain
    )
    if len(plain) <= FIELD_LENGTH and len(value) <= READ_LENGTH:
        return plain
    return f"{plain[:FIELD_LENGTH]}… (of {len(value)})"


class _Lines:
    """Where structlog leaves its finished lines."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def msg(self, line: str) -> None:
        encoding = self._out.encoding or "utf-8"
        self._out.write(f"{line}\n".encode(encoding, "backslashreplace").decode(encoding))
        self._out.flush()

    debug = info = warning = error = msg


def _renderer(shape: Literal["json", "console"]) -> structlog.typing.Processor:
    if shape == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(
        colors=False, sort_keys=False, timestamp_key="at", pad_event_to=24
    )
