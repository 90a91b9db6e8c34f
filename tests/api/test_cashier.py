"""What the cashier reads: in their language, short, and never a blank."""

import string
from decimal import Decimal

import pytest

from gateway.core.outcome import REASONS, Points, applied, declined
from gateway.web.cashier import language, outcome_text, problem_text
from gateway.web.problems import KINDS
from gateway.web.texts import LANGUAGES, TEXTS

LONGEST = 50
"""A till's customer display has two lines of twenty-five."""


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_there_in_every_language_and_fits_the_display(key: str) -> None:
    row = TEXTS[key]
    assert len(row) == len(LANGUAGES)
    assert all(0 < len(text) <= LONGEST for text in row)
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in row]
    assert all(one == fields[0] for one in fields)


@pytest.mark.parametrize(
    ("locale", "tongue"),
    [("en-CA", "en"), ("fr_CA", "fr"), ("DE", "de"), ("es-419", "es"), ("pl-PL", "en")],
)
def test_a_locale_speaks_its_language_or_english(locale: str, tongue: str) -> None:
    assert language(locale) == tongue


def test_points_are_said_without_trailing_zeros() -> None:
    outcome = applied(points=Points(earned=Decimal("100.00")))
    assert (
        outcome_text("applied", None, outcome, "submit", "de").text == "100 Punkte gutgeschrieben"
    )


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_a_decline_has_a_text(reason: str) -> None:
    said = outcome_text("declined", reason, declined("vendor_declined"), "submit", "en")
    assert said.text
    assert "{" not in said.text


@pytest.mark.parametrize("code", KINDS)
def test_every_problem_has_a_text(code: str) -> None:
    said = problem_text(code, "en", KINDS[code].action)
    assert ("manager" in said.text) <= (said.action == "call_manager")
