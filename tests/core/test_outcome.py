"""How an operation ended, and what an identification or a quote makes of a decline."""

import pytest

from gateway.core.outcome import (
    DETAIL_LENGTH,
    Failure,
    Outcome,
    applied,
    cut,
    declined,
    skipped,
    unidentified,
    unquoted,
)

SOLD_OUT = Failure(code="reward_unavailable", detail="sold out", line_id="2")


def test_a_vendors_sentence_is_cut_wherever_it_comes_from() -> None:
    long = "x" * (DETAIL_LENGTH + 1)
    assert cut(None) is cut("") is None
    for outcome in (declined("vendor_declined", long), skipped("not_yet", long)):
        assert outcome.detail == long[:DETAIL_LENGTH]


def test_what_was_applied_needs_no_reason() -> None:
    assert applied(reference="17") == Outcome(kind="applied", reference="17")


def test_a_visit_that_came_to_nothing_says_why() -> None:
    visit = unidentified(declined("code_used", "scan a new one"))
    assert (visit.outcome, visit.reason, visit.detail) == (
        "declined",
        "code_used",
        "scan a new one",
    )
    assert visit.member is None
    assert not visit.holds


@pytest.mark.parametrize(
    ("outcome", "failures", "reason", "told"),
    [
        (declined("reward_limit", "one a day"), (), "reward_limit", ("reward_limit", "one a day")),
        (declined("reward_limit"), (SOLD_OUT,), "reward_limit", ("reward_unavailable", "sold out")),
        (Outcome(kind="declined"), (), "vendor_declined", ("vendor_declined", None)),
    ],
)
def test_a_basket_without_its_reward_says_why_once_or_by_line(
    outcome: Outcome, failures: tuple[Failure, ...], reason: str, told: tuple[str, str | None]
) -> None:
    quoted = unquoted(outcome, failures)
    assert (quoted.accepted, quoted.reason) == (False, reason)
    assert [(one.code, one.detail) for one in quoted.failures] == [told]
