"""Our words and Spendgo's, side by side."""

from typing import Any

import pytest

from adapters.spendgo import wire
from gateway.core.errors import OrderRefused
from tests.adapters.spendgo.samples import order, said, site

REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("plain", {"currency": "JPY"}, "currency", "JPY has 0"),
    ("plain", {"currency": "KWD"}, "currency", "KWD has 3"),
    ("plain", {"rounding": "-0.02", "total": "6.48"}, "rounding", "no field for rounding"),
    ("plain", {"fees": "2.50", "total": "9.00"}, "fees", "delivery fees alone"),
    ("plain", {"total": "6.51"}, "total", "comes to 6.50, the till's total is 6.51"),
    ("plain", {"lines.0.quantity": "0.5"}, "lines", "without rounding"),
    (
        "plain",
        {"lines.0.quantity": "0.5", "subtotal": "2.875", "total": "3.625"},
        "lines.0.quantity",
        "got a quantity of 0.5",
    ),
    (
        "plain",
        {"lines.1.quantity": "1.5", "subtotal": "6.125", "total": "6.875"},
        "lines.1.quantity",
        "got a quantity of 1.5",
    ),
    ("plain", {"lines.1.unit_price": "0.753"}, "lines", "the lines make 5.753"),
    ("plain", {"lines.1.kind": "reward"}, "lines.1.kind", "not by a line of kind reward"),
    ("plain", {"lines.0.kind": "offer"}, "lines.0.kind", "not by a line of kind offer"),
    (
        "reward",
        {"lines.0.discounts": [{"id": "x", "name": "x", "amount": "0.00", "reward_id": "810002"}]},
        "discounts",
        "one reward per order, got 810001, 810002",
    ),
]


@pytest.mark.parametrize(("name", "changes", "path", "detail"), REFUSED)
def test_what_spendgo_has_no_words_for_is_refused_with_its_place(
    name: str, changes: dict[str, Any], path: str, detail: str
) -> None:
    with pytest.raises(OrderRefused) as caught:
        said(order(name, changes))
    assert caught.value.path == path
    assert detail in caught.value.detail


def test_vendor_is_the_store_code_and_brand_the_account_id() -> None:
    body = said(order("plain"))
    assert (body["vendor"], body["brand"]) == ("0042", "90001")


def test_the_basket_has_one_uuid_in_every_status_and_another_for_every_order() -> None:
    found = order("plain")
    sale = wire.sale("T1-000123", found, site())
    named = {
        sale.at(status)["basket"]["uuid"] for status in ("checkout", "placed", "billed", "voided")
    }
    assert named == {wire.basket_uuid("0077", "T1-000123")}
    assert wire.basket_uuid("0077", "T1-000124") not in named
    assert wire.basket_uuid("0042", "T1-000123") not in named


def test_a_basket_uuid_has_the_form_of_one() -> None:
    name = wire.basket_uuid("0077", "T1-000123")
    assert [len(part) for part in name.split("-")] == [8, 4, 4, 4, 12]
    assert name[14] == "5"
    assert name[19] in "89ab"


@pytest.mark.parametrize(
    ("receipt", "spelling", "expected"),
    [
        ("000125", "as_printed", "000125"),
        ("000125", "without_leading_zeros", "125"),
        ("000", "without_leading_zeros", "0"),
        ("000125", "order_id", "T1-000123"),
    ],
)
def test_the_order_is_named_as_the_account_wants_it(
    receipt: str, spelling: str, expected: str
) -> None:
    found = order("plain", {"receipt_number": receipt})
    assert said(found, order_id_format=spelling)["id"] == expected


@pytest.mark.parametrize(
    ("channel", "mode", "source", "rendition"),
    [
        ("in_store", "eat_in", "instore", "onsite"),
        ("in_store", "table_service", "instore", "onsite"),
        ("kiosk", "takeout", "instore", "pickup"),
        ("drive_thru", "drive_thru", "instore", "pickup"),
        ("phone", "curbside", "instore", "pickup"),
        ("web", "pickup", "web", "pickup"),
        ("app", "delivery", "mobileapp", "delivery"),
    ],
)
def test_channel_and_service_mode_have_words(
    channel: str, mode: str, source: str, rendition: str
) -> None:
    body = said(order("plain", {"channel": channel, "service_mode": mode}))
    assert (body["source"], body["rendition"]) == (source, rendition)


def test_times_are_said_in_utc_and_only_where_known() -> None:
    body = said(order("plain", {"closed_at": None}))
    assert body["placed"] == "2026-11-20T17:00:00Z"
    assert "wanted" not in body
    later = said(order("plain", {"requested_for": "2026-11-20T13:00:00-05:00"}))
    assert later["wanted"] == "2026-11-20T18:00:00Z"


def test_payments_come_after_checkout() -> None:
    assert "payments" not in said(order("plain"), "checkout")
    assert said(order("plain"), "billed")["payments"] == [{"tender": "cash", "amount": 6.5}]
