"""Spoonity's answers as spelled."""

import pytest

from adapters.spoonity import shapes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        (True, True),
        (1, True),
        ("1", True),
        ("TRUE", True),
        ("false", False),
        (False, False),
        (0, False),
        ("no", False),
        (None, None),
    ],
)
def test_success_is_read_however_it_is_spelled(text: object, expected: bool | None) -> None:
    assert shapes.Answer.model_validate({"success": text}).success is expected
