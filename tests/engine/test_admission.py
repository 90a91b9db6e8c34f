"""What may come on top of what an order already is."""

from typing import Any

import pytest

from gateway.core.outcome import Outcome, OutcomeKind
from gateway.engine.admission import check_next_state, known_revision, undoes
from gateway.engine.refusal import Refused
from gateway.engine.rows import Asked, Entry
from tests.engine.conftest import latte
from tests.engine.values import an_entry
from tests.virtual import START


def asked(revision: int, state: Any = "placed") -> Asked:
    """A revision with a fingerprint of its own."""
    return Asked(
        store="0042",
        kind="order",
        id="1",
        revision=revision,
        fingerprint=f"f{revision}",
        state=state,
        accepted_at=START,
        body=None,
    )


def ended(kind: OutcomeKind | None, **facts: Any) -> Entry:
    """An entry that ended so, or did not yet."""
    return an_entry(outcome=None if kind is None else Outcome(kind=kind), **facts)


@pytest.mark.parametrize(
    ("history", "revision", "said", "expected"),
    [
        ([], 1, "f1", False),
        ([asked(1)], 1, "f1", True),
        ([asked(1)], 1, "other", "order_conflict"),
        ([asked(1)], 2, "f2", False),
        ([asked(1), asked(3)], 2, "f2", "stale_revision"),
        ([asked(1), asked(3)], 1, "f1", True),
        ([asked(1), asked(3)], 1, "other", "order_conflict"),
    ],
)
def test_a_revision_is_new_or_known_or_in_conflict(
    history: list[Asked], revision: int, said: str, expected: bool | str
) -> None:
    order = latte(revision=revision)
    if isinstance(expected, bool):
        assert known_revision(history, order, said) is expected
        return
    with pytest.raises(Refused) as refused:
        known_revision(history, order, said)
    assert refused.value.code == expected


@pytest.mark.parametrize(
    ("last", "outcomes", "next_state", "allowed"),
    [
        ("placed", ["applied"], "placed", True),
        ("placed", ["applied"], "paid", True),
        ("placed", [None], "completed", True),
        ("paid", ["applied"], "completed", True),
        ("paid", ["applied"], "paid", False),
        ("paid", ["applied"], "placed", False),
        ("completed", ["applied"], "completed", False),
        ("completed", ["applied"], "paid", False),
        ("completed", [None], "completed", False),
        ("completed", ["declined"], "completed", True),
        ("completed", ["declined"], "placed", True),
        ("completed", ["cancelled", "skipped"], "completed", True),
        ("completed", ["declined", "applied"], "completed", False),
        ("completed", ["declined", None], "completed", False),
        (None, ["applied"], "placed", True),
    ],
)
def test_a_sale_goes_on_or_begins_again_where_nothing_moved(
    last: Any, outcomes: list[OutcomeKind | None], next_state: str, allowed: bool
) -> None:
    history = [asked(1), asked(2, last)]
    entries = [ended("applied"), *(ended(kind, revision=2) for kind in outcomes)]
    order = latte(revision=3, state=next_state)
    if allowed:
        check_next_state(history, entries, order)
        return
    with pytest.raises(Refused) as refused:
        check_next_state(history, entries, order)
    assert refused.value.code == "operation_conflict"
    assert (
        refused.value.detail
        == f"the order is {last}; only a later state may follow, got {next_state}"
    )


def test_the_first_revision_may_be_in_any_state() -> None:
    for state in ("placed", "paid", "completed"):
        check_next_state([], [], latte(state=state))


@pytest.mark.parametrize(
    ("operation", "kind", "expected"),
    [
        ("void", None, True),
        ("void", "applied", True),
        ("void", "cancelled", True),
        ("void", "declined", False),
        ("void", "skipped", False),
        ("refund", None, True),
        ("refund", "declined", False),
        ("submit", "applied", False),
        ("submit", None, False),
    ],
)
def test_an_order_that_is_undone_or_may_be_is_over(
    operation: str, kind: OutcomeKind | None, expected: bool
) -> None:
    entry = ended(kind, operation=operation)
    assert undoes(entry) is expected
    if not expected:
        check_next_state([asked(1)], [ended("applied"), entry], latte(revision=2))
        return
    with pytest.raises(Refused, match=f"the order has a {operation}; use a new one"):
        check_next_state([asked(1)], [ended("applied"), entry], latte(revision=2))
