"""Full card numbers, recognised so that they can be refused before anything is kept."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")

_NETWORKS = (
    (re.compile(r"4"), {13, 16, 19}),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),  # Mastercard
    (re.compile(r"3[47]"), {15}),  # American Express
    (re.compile(r"6011|64[4-9]|65"), set(range(16, 20))),  # Discover
    (re.compile(r"30[0-5]|3095|3[689]"), set(range(14, 20))),  # Diners Club
    (re.compile(r"35(2[89]|[3-8][0-9])"), set(range(16, 20))),  # JCB
    (re.compile(r"62"), set(range(16, 20))),  # UnionPay
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[1-3]"), set(range(13, 20))),  # Maestro
)

EXEMPT_KINDS = {"card", "app_token", "vendor_id"}
"""Members' own numbers: many loyalty cards pass the Luhn check (traps.md)."""


def looks_like_a_card(text: str) -> bool:
    """Tell whether a payment card's full number stands somewhere in a text."""
    return any(_is_card(re.sub(r"[ -]", "", match.group())) for match in _DIGITS.finditer(text))


def card_paths(value: Any, path: str = "") -> Iterator[str]:
    """Walk a JSON value and name every place that holds a full card number."""
    if isinstance(value, dict):
        exempt = {"sku"} | ({"value"} if value.get("kind") in EXEMPT_KINDS else set())
        for key, inner in value.items():
            if looks_like_a_card(key):
                yield path
            elif key not in exempt:
                yield from card_paths(inner, _join(path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from card_paths(inner, _join(path, str(place)))
    elif isinstance(value, str | int | Decimal) and looks_like_a_card(str(value)):
        yield path


def _is_card(digits: str) -> bool:
    return any(
        prefix.match(digits) and len(digits) in lengths for prefix, lengths in _NETWORKS
    ) and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _join(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
