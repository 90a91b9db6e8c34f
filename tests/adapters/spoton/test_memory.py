"""What is kept of SpotOn between operations, and what it proves."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.spoton import memory
from adapters.spoton.memory import Sought
from adapters.spoton.shapes import Report
from tests.adapters.spoton.samples import site

BURGER = {
    "name": "Burger",
    "quantity": 2,
    "price": 900,
    "modifiers": [{"name": "Cheese", "quantity": 1, "price": 150}],
}


SENT = {
    "external_reference_id": "0061-K3-0091-1",
    "source": {"name": "Acme Kiosk"},
    "fulfillment": {"type": "PICKUP"},
    "line_items": [{"name": "Tea", "quantity": 1, "price": 250}, BURGER],
}


SOUGHT = Sought(
    cart=SENT,
    paid={"totals": {"grand_total": 2350}, "payments": [{"amount": 1350}, {"amount": 1000}]},
    at=datetime(2026, 11, 20, 17, 31, 8, tzinfo=UTC),
)


SAME: dict[str, Any] = {
    "id": "rep-7",
    "source": "Acme Kiosk",
    "fulfillment_type": "PICKUP",
    "created_at": "2026-11-20T17:31:20Z",
    "totals": {"grand_total": "2350"},
    "payments": [{"amount": 1000}, {"amount": 1350}],
    "line_items": [BURGER, {"name": "Tea", "quantity": "1.0", "price": 250}],
}


@pytest.mark.parametrize(
    ("changes", "proved"),
    [
        ({}, True),
        ({"fulfillment_type": None}, True),
        ({"source": {"name": "Acme Kiosk"}}, True),
        ({"payments": [*SAME["payments"], {"amount": 9, "is_void": True}]}, True),
        ({"external_reference_id": "0061-K3-0091-1", "source": "?"}, True),
        ({"external_reference_id": "0061-K3-0090-1"}, False),
        ({"id": None}, False),
        ({"source": "Acme Web"}, False),
        ({"fulfillment_type": "DELIVERY"}, False),
        ({"created_at": "2026-11-20T17:29:07Z"}, False),
        ({"created_at": "2026-11-20T17:48:09Z"}, False),
        ({"created_at": "yesterday"}, False),
        ({"created_at": 1763659880}, False),
        ({"totals": {"grand_total": 2349}}, False),
        ({"totals": None}, False),
        ({"payments": [{"amount": 2350}]}, False),
        ({"payments": [{"amount": "much"}]}, False),
        ({"payments": [*SAME["payments"], {"amount": 2350, "is_refund": True}]}, True),
        ({"line_items": [BURGER]}, False),
        ({"line_items": [{"name": "Tea", "quantity": 1}]}, False),
        ({"line_items": [{**BURGER, "modifiers": 7}]}, False),
        ({"line_items": [{**BURGER, "modifiers": ["x"]}]}, False),
        ({"line_items": "none"}, False),
    ],
)
def test_only_an_order_alike_in_everything_is_proof(
    *, changes: dict[str, Any], proved: bool
) -> None:
    report = Report.model_validate({"orders": [{**SAME, **changes}]})
    assert memory.found_in(report, SOUGHT, site()) == ({"rep-7"} if proved else set())
