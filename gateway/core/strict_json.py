"""JSON as we accept it: exact numbers, bounded depth, no NaN, no key twice."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any, NoReturn

MAX_DEPTH = 32
"""Deeper than any order or vendor answer goes; protects the parser and whoever walks the result."""

MAX_NUMBER_LENGTH = 64
"""A longer number is no amount; long integers are slow to read."""


class BadJson(ValueError):
    """Bytes that are not JSON as we accept it; `line` and `column` are 1-based, 0 if unknown."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class JsonNumber(Decimal):
    """A number with a point, as it stood in somebody's JSON: exact, and still no money of ours."""


def loads(data: bytes) -> Any:
    """Read UTF-8 JSON, numbers with a point as JsonNumber; BadJson says where and why not."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise BadJson("not UTF-8", line, column) from None
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        raise BadJson(error.msg, error.lineno, error.colno) from None
    if "\\ud" in text or "\\uD" in text:
        _check_surrogates(value)
    return value


def loads_own(data: bytes) -> Any:
    """Read JSON this house wrote itself, with exact numbers: nothing is checked twice."""
    return json.loads(data, parse_float=Decimal)


def dumps(value: Any) -> bytes:
    """Write compact UTF-8 JSON, keys in their order; the same value is always the same bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _check_depth(text: str) -> None:
    depth = 0
    in_string = escaped = False
    for place, char in enumerate(text):
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                line = text.count("\n", 0, place) + 1
                raise BadJson(
                    f"nested deeper than {MAX_DEPTH}", line, place - text.rfind("\n", 0, place)
                )
        elif char in "]}":
            depth -= 1


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise BadJson(f"the key {twice[:64]!r} stands twice in one object")
    return value


def _decimal(text: str) -> JsonNumber:
    if len(text) > MAX_NUMBER_LENGTH:
        raise BadJson(f"a number of more than {MAX_NUMBER_LENGTH} characters")
    return JsonNumber(text)


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER_LENGTH:
        raise BadJson(f"a number of more than {MAX_NUMBER_LENGTH} characters")
    return int(text)


def _no_constant(text: str) -> NoReturn:
    raise BadJson(f"{text} is not JSON")


def _check_surrogates(value: Any) -> None:
    if isinstance(value, str):
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise BadJson("a lone surrogate in a string")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_surrogates(key)
            _check_surrogates(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_surrogates(inner)
