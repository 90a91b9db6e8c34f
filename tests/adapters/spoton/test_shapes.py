"""SpotOn's answers as spelled."""

import json
from typing import Any

import pytest

from adapters.spoton.shapes import Placed, Report, Reported, bare


@pytest.mark.parametrize(
    ("spelled", "read"),
    [
        ("CLOSED", "CLOSED"),
        ("ORDER_STATE_CLOSED", "CLOSED"),
        ("FULFILLMENT_TYPE_DINE_IN", "DINE_IN"),
        ("dine-in", "DINE_IN"),
        ("Dine in", "DINE_IN"),
        ("SCHEDULE_TYPE_ASAP", "ASAP"),
        ("cancelled", "CANCELED"),
        ("FULFILLMENT_STATUS_CANCELLED", "CANCELED"),
        (7, None),
    ],
)
def test_enums_are_read_in_every_spelling(spelled: object, read: str | None) -> None:
    assert bare(spelled) == read


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "CANCELED"},
        {"state": "CLOSED", "fulfillment": {"status": "CANCELED"}},
        {"state": "ORDER_STATE_CANCELLED", "fulfillment": {"status": "ACCEPTED"}},
    ],
)
def test_either_canceled_means_canceled(answer: dict[str, Any]) -> None:
    assert Placed.model_validate({"id": "o", **answer}).canceled


def test_one_odd_order_does_not_hide_the_report() -> None:
    odd = Reported.model_validate(json.loads('{"id":{},"totals":[],"line_items":[1]}'))
    assert odd == Reported()


def test_a_report_without_paging_is_one_page() -> None:
    assert Report.model_validate({"orders": [], "pagination": {"total_pages": "?"}}).pages == 1
    assert Report.model_validate({"orders": []}).pages == 1
