"""The ground all values stand on: times with an offset, days, names and texts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.core.frozen import (
    IDENTIFIER_LENGTH,
    TEXT_LENGTH,
    Day,
    Id,
    Identifier,
    Instant,
    Text,
    Word,
)

NOON = datetime(2026, 11, 20, 12, 31, 7, tzinfo=UTC)


def read(kind: Any, value: object) -> Any:
    """A value as a kind reads it; None where it is refused."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-11-20T12:31:07Z", NOON),
        ("2026-11-20t12:31:07z", NOON),
        ("2026-11-20T07:31:07-05:00", NOON),
        ("2026-11-20T12:31:07.250000Z", NOON + timedelta(milliseconds=250)),
        (NOON, NOON),
        (NOON.replace(tzinfo=None), None),
        ("2026-11-20T12:31:07", None),
        ("2026-11-20 12:31:07Z", None),
        ("2026-11-20T12:31Z", None),
        ("2026-02-30T12:31:07Z", None),
        ("٢٠٢٦-11-20T12:31:07Z", None),
        (1763640000, None),
        (None, None),
    ],
)
def test_a_time_has_an_offset_and_is_spelled_out(said: object, expected: object) -> None:
    assert read(Instant, said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        (date(2026, 11, 20), date(2026, 11, 20)),
        (NOON, None),
        ("2026-02-30", None),
        ("20261120", None),
        (20261120, None),
    ],
)
def test_a_day_is_a_day_and_no_time(said: object, expected: object) -> None:
    assert read(Day, said) == expected


@pytest.mark.parametrize(
    ("kind", "said", "taken"),
    [
        (Id, "0042-1.a:B_c", True),
        (Id, "a" * 64, True),
        (Id, "a" * 65, False),
        (Id, "", False),
        (Id, "a/b", False),
        (Id, "a\n", False),
        (Text, "", True),
        (Text, "é" * TEXT_LENGTH, True),
        (Text, "é" * (TEXT_LENGTH + 1), False),
        (Text, "a\x00b", False),
        (Text, "a\x7fb", False),
        (Word, "", False),
        (Word, "Latte", True),
        (Identifier, "a" * IDENTIFIER_LENGTH, True),
        (Identifier, "a" * (IDENTIFIER_LENGTH + 1), False),
        (Identifier, "", False),
    ],
)
def test_names_and_texts_are_bounded_and_printable(kind: Any, said: str, taken: bool) -> None:
    assert (read(kind, said) == said) is taken
