"""Durations as people write them: 500ms, 3s, 15m, 2h, 90d."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,6})(ms|s|m|h|d)", re.ASCII)


def seconds(value: object) -> float:
    """Read a duration as seconds; ValueError says how one is written.

    A number was read before, and is seconds already.
    """
    if isinstance(value, float | Decimal):
        return float(value)
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"must be a duration such as 500ms, 3s, 15m, 2h or 90d, got {value!r}")
    return int(match[1]) * _UNITS[match[2]]


Seconds = Annotated[
    float,
    BeforeValidator(seconds),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$", "examples": ["3s"]}),
]
"""A duration, read from text, held in seconds."""
