"""The ground all values stand on: frozen, closed, and read strictly."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

TEXT_LENGTH = 200
"""Names and free texts: longer than any receipt line, short enough for every log."""

IDENTIFIER_LENGTH = 254
"""The longest e-mail address; every other identifier of a member is shorter."""


class Frozen(BaseModel):
    """A value: keyword-only, immutable, without unknown fields."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, serialize_by_alias=True
    )


_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def _instant(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.fromisoformat(value.upper())
    raise ValueError('must be an RFC 3339 time with offset, such as "2026-11-20T12:31:07-05:00"')


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must have an offset")
    return value


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return date.fromisoformat(value)
    raise ValueError('must be a date such as "2026-11-20"')


def _printable(value: str) -> str:
    if any(ord(char) < ord(" ") or ord(char) == 0x7F for char in value):
        raise ValueError("must not contain control characters")
    return value


Instant = Annotated[datetime, BeforeValidator(_instant), AfterValidator(_aware)]
"""A time with offset (RFC 3339)."""

Day = Annotated[date, BeforeValidator(_day)]
"""A calendar day."""

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:\-]{1,64}$")]
"""A name the till gives a thing: 1-64 of A-Za-z0-9._:-"""

Text = Annotated[str, StringConstraints(max_length=TEXT_LENGTH), AfterValidator(_printable)]
"""Free text of at most TEXT_LENGTH characters."""

Word = Annotated[
    str, StringConstraints(min_length=1, max_length=TEXT_LENGTH), AfterValidator(_printable)
]
"""Free text that is not empty."""

Identifier = Annotated[
    str, StringConstraints(min_length=1, max_length=IDENTIFIER_LENGTH), AfterValidator(_printable)
]
"""What names a member: never logged."""
