"""JSON as we accept it: what gets in, what does not, and where it says so."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.core.strict_json import MAX_DEPTH, MAX_NUMBER_LENGTH, BadJson, dumps, loads, loads_own

DEEP = b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b'{"a": 1.10}', {"a": Decimal("1.10")}),
        (b"[1, -2, 1E+2, true, null]", [1, -2, Decimal("1E+2"), True, None]),
        (b'{"n": 1, "s": ["\\ud83d\\ude00"]}', {"n": 1, "s": ["\N{GRINNING FACE}"]}),
        ('"é"'.encode(), "é"),
        (b'["' + b"[" * 50 + b'", "\\"' + b"{" * 50 + b'"]', ["[" * 50, '"' + "{" * 50]),
        (b"[" + b"[]," * 50 + b"1]", [*[[]] * 50, 1]),
        (b"9" * MAX_NUMBER_LENGTH, int("9" * MAX_NUMBER_LENGTH)),
    ],
)
def test_numbers_are_exact_and_text_is_whole(said: bytes, expected: Any) -> None:
    read = loads(said)
    assert read == expected
    assert not isinstance(read, float)


@pytest.mark.parametrize(
    ("said", "message", "place"),
    [
        (b'{"a": 1,\n "b": \xff}', "not UTF-8", (2, 7)),
        (b'{"a": 1,\n "b": }', "Expecting value", (2, 7)),
        (b"", "Expecting value", (1, 1)),
        (b'{"a": 1, "b": 2, "a": 3}', "the key 'a' stands twice in one object", (0, 0)),
        (b"\n" + b"[" * (MAX_DEPTH + 1), f"nested deeper than {MAX_DEPTH}", (2, MAX_DEPTH + 1)),
        (b'{"x":' + DEEP + b"}", f"nested deeper than {MAX_DEPTH}", (1, 5 * MAX_DEPTH + 1)),
        (b"[NaN]", "NaN is not JSON", (0, 0)),
        (b"[-Infinity]", "-Infinity is not JSON", (0, 0)),
        (b"9" * (MAX_NUMBER_LENGTH + 1), "a number of more than 64 characters", (0, 0)),
        (b"0." + b"9" * MAX_NUMBER_LENGTH, "a number of more than 64 characters", (0, 0)),
        (b'{"s": ["\\ud83d"]}', "a lone surrogate in a string", (0, 0)),
        (b'{"\\uDe00": 1}', "a lone surrogate in a string", (0, 0)),
    ],
)
def test_what_is_refused_says_why_and_where(
    said: bytes, message: str, place: tuple[int, int]
) -> None:
    with pytest.raises(BadJson) as bad:
        loads(said)
    assert str(bad.value) == message
    assert (bad.value.line, bad.value.column) == place


def test_our_own_json_comes_back_as_it_went() -> None:
    value = {"b": "é", "a": [1, None, True]}
    assert dumps(value) == '{"b":"é","a":[1,null,true]}'.encode()
    assert loads_own(dumps(value)) == loads(dumps(value)) == value
    assert loads_own(b"1.10") == Decimal("1.10")
    with pytest.raises(ValueError, match="Out of range"):
        dumps(float("nan"))
