"""SpotOn's answers in our words, where a table says more than a conversation."""

import pytest

from adapters.spoton import replies
from adapters.spoton.shapes import Placed, Priced
from tests.adapters.spoton.samples import order, site


@pytest.mark.parametrize(
    ("asked", "got", "changed", "late"),
    [
        (None, {"schedule_type": "ASAP", "ready_at": "2026-11-20T19:00:00Z"}, False, False),
        (None, {}, False, False),
        (None, {"schedule_type": "SCHEDULED"}, True, False),
        ("18:00:00", {}, False, False),
        ("18:00:00", {"estimated_ready_at": "2026-11-20T18:00:00"}, False, False),
        ("18:00:00", {"estimated_ready_at": "2026-11-20T17:50:00Z"}, True, False),
        ("18:00:00", {"estimated_ready_at": "2026-11-20T18:15:00Z"}, True, False),
        ("18:00:00", {"estimated_ready_at": "2026-11-20T18:15:01Z"}, True, True),
        ("18:00:00", {"schedule_type": "ASAP"}, True, False),
        ("18:00:00", {"schedule_type": "ASAP", "ready_at": "2026-11-20T19:00:00Z"}, True, True),
    ],
)
def test_a_moved_schedule_is_seen_and_measured(
    *, asked: str | None, got: dict[str, str], changed: bool, late: bool
) -> None:
    whole = order(requested_for=asked and f"2026-11-20T{asked}Z")
    placed = Placed.model_validate({"id": "o", "fulfillment": got})
    assert bool(replies.schedule_changes(placed, whole)) is changed
    assert replies.too_late(placed, whole, site()) is late


def test_totals_that_spoton_returns_with_the_tip_stand_as_they_are() -> None:
    priced = Priced.model_validate({"totals": {"tip_total": 200, "grand_total": 2144}})
    whole = order(tip="2.00", total="21.44")
    agreed = replies.agreed(priced, whole)
    assert agreed is not None
    assert (agreed["tip_total"], agreed["grand_total"]) == (200, 2144)
