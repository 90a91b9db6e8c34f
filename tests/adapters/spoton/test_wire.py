"""Our words and SpotOn's, side by side."""

from typing import Any

import pytest

from adapters.spoton import wire
from gateway.core.errors import OrderRefused
from tests.adapters.spoton.samples import COMBO, cart, line, order, site


@pytest.mark.parametrize(
    ("changes", "path", "detail"),
    [
        ({"currency": "CAD"}, "currency", "CAD"),
        ({"rounding": "-0.01"}, "rounding", "-0.01"),
        ({"lines__1__quantity": "0.5"}, "lines.1.quantity", "line 1.1 has 0.5"),
        ({"lines__0__unit_price": "9.005"}, "lines.0.unit_price", "line 1 costs 9.005"),
        ({"lines__1__parent_id": None}, "lines.1.parent_id", "no parent_id"),
        ({"lines": [line("4", None, "fee", "1.00")]}, "lines", "at least one line"),
        (
            {"lines": [*COMBO, line("9", "1.1.1", "item", "1.00")]},
            "lines.7.parent_id",
            "no modifiers of modifiers; 9 stands",
        ),
        (
            {"lines": [*COMBO, line("9", "4", "item", "1.00")]},
            "lines.7.parent_id",
            "nothing under a fee; 9 stands",
        ),
        (
            {"extensions": {"spoton": {"notes": {"1.1": "melted"}}}},
            "extensions.spoton.notes.1.1",
            "1.1 is none",
        ),
        (
            {"extensions": {"spoton": {"tabel_number": "7"}}},
            "extensions.spoton.tabel_number",
            "Extra inputs",
        ),
    ],
)
def test_what_spoton_cannot_be_told_is_refused_with_its_place(
    changes: dict[str, Any], path: str, detail: str
) -> None:
    with pytest.raises(OrderRefused, match=detail) as caught:
        cart(order(**changes))
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("mode", "bare", "prefixed"),
    [
        ("eat_in", "DINE_IN", "FULFILLMENT_TYPE_DINE_IN"),
        ("table_service", "DINE_IN", "FULFILLMENT_TYPE_DINE_IN"),
        ("takeout", "PICKUP", "FULFILLMENT_TYPE_PICKUP"),
        ("drive_thru", "PICKUP", "FULFILLMENT_TYPE_PICKUP"),
        ("curbside", "PICKUP", "FULFILLMENT_TYPE_PICKUP"),
        ("pickup", "PICKUP", "FULFILLMENT_TYPE_PICKUP"),
        ("delivery", "DELIVERY", "FULFILLMENT_TYPE_DELIVERY"),
    ],
)
def test_every_service_mode_has_a_fulfillment_in_either_spelling(
    mode: str, bare: str, prefixed: str
) -> None:
    whole = order(service_mode=mode)
    assert cart(whole)["fulfillment"] == {"type": bare, "schedule_type": "ASAP"}
    said = cart(whole, enum_style="prefixed")["fulfillment"]
    assert said == {"type": prefixed, "schedule_type": "SCHEDULE_TYPE_ASAP"}


@pytest.mark.parametrize(
    ("mode", "key"), [("pickup", "estimated_ready_at"), ("delivery", "estimated_delivery_at")]
)
def test_a_scheduled_order_carries_the_time_its_guest_waits_for(mode: str, key: str) -> None:
    whole = order(service_mode=mode, requested_for="2026-11-20T13:00:00.750-05:00")
    said = cart(whole)["fulfillment"]
    assert said["schedule_type"] == "SCHEDULED"
    assert said[key] == "2026-11-20T18:00:00Z"


def test_table_and_address_go_where_the_settings_say() -> None:
    address = {"address_line_1": "1 Main St", "city": "Chicago", "state": "IL", "zip": "60601"}
    extras = {"spoton": {"table_number": "7", "delivery_address": address}}
    said = cart(order(extensions=extras), key_table="table", key_delivery_address="address")
    assert said["fulfillment"]["table"] == "7"
    assert said["fulfillment"]["address"] == address


def test_a_long_receipt_number_keeps_its_end() -> None:
    assert cart(order(receipt_number="2026-11-20-000123"))["display_id"] == "11-20-000123"


def test_paths_are_escaped_once() -> None:
    where = site(location_id="BL/1 2")
    assert wire.path(where.path_cancel, where, "a/b") == (
        "/order/v1/locations/BL%2F1%202/orders/a%2Fb/cancel"
    )
