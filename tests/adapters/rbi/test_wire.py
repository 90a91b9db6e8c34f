"""Our words and RBI's, side by side."""

from typing import Any

import pytest

from adapters.rbi import wire
from gateway.core.errors import OrderRefused
from gateway.core.operation import Identify
from tests.adapters.rbi.samples import AT, off, order, site

REFUSED: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"discounts": off("1.00")}, {}, "discounts", "put the discount on the lines"),
    ({"tip": "1.00"}, {}, "tip", "leave the tip out"),
    ({"rounding": "-0.02"}, {}, "rounding", "rounding of -0.02"),
    ({"fees": "0.50"}, {}, "fees", "as a line of kind fee"),
    ({"taxes.0.included": True}, {}, "taxes.0.included", "price_includes_tax is false"),
    ({}, {"price_includes_tax": True}, "taxes.0.included", "price_includes_tax is true"),
    ({"lines.0.tax": "0.39"}, {}, "tax_total", "makes 0.39, tax_total is 0.40"),
    ({"service_mode": "pickup"}, {}, "service_mode", "set one in service_mode_map"),
    ({"lines.0.unit_price": "5.001"}, {}, "lines.0.unit_price", "2 decimals in EUR"),
    ({"currency": "JPY"}, {}, "lines.0.tax", "0 decimals in JPY"),
    ({"lines.0.kind": "offer"}, {}, "lines.0.incentive_id", "found neither"),
    ({"lines.0.incentive_id": "inc-1"}, {}, "lines.0.incentive_id", "on a line of kind item"),
    ({"lines.0.discounts": off("5.01")}, {}, "lines.0.discounts", "more than the line's own 5.00"),
    (
        {"lines.0.discounts": off("0.01"), "lines.0.quantity": "0.7"},
        {},
        "lines.0.discounts",
        "3.490 after discounts does not make a price",
    ),
    (
        {
            "lines.0.discounts": off("1.00"),
            "lines.0.quantity": "3",
            "lines.0.kind": "reward",
            "lines.0.incentive_id": "inc-1",
        },
        {},
        "lines.0.discounts",
        "in parts that divide",
    ),
    (
        {"lines.0.quantity": "0.333"},
        {},
        "lines.0.quantity",
        "0.333 of this line make 1.66500, the till charges 1.67",
    ),
    ({"lines.0.discounts": off("1.00", "off-9")}, {}, "lines.0.discounts.0.reward_id", "off-9"),
]


@pytest.mark.parametrize(("changes", "facts", "path", "detail"), REFUSED)
def test_what_rbi_cannot_be_told_is_refused_with_its_place(
    changes: dict[str, Any], facts: dict[str, Any], path: str, detail: str
) -> None:
    with pytest.raises(OrderRefused) as refused:
        wire.sale(order(**changes), site(**facts), status="CLAIMED", at=AT)
    assert refused.value.path == path
    assert detail in refused.value.detail


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("eat_in", "EAT_IN"),
        ("takeout", "TAKEOUT"),
        ("drive_thru", "DRIVE_THRU"),
        ("curbside", "CURBSIDE"),
        ("table_service", "TABLE_SERVICE"),
        ("pickup", "TAKEOUT"),
    ],
)
def test_service_modes_are_theirs_and_a_store_may_add_some(mode: str, expected: str) -> None:
    at = site(service_mode_map={"pickup": "TAKEOUT"})
    assert wire.service_mode(order(service_mode=mode), at) == expected


def test_the_header_is_local_time_and_the_body_is_utc() -> None:
    assert dict(wire.headers(AT, site())) == {
        "x-region": "DE",
        "x-user-datetime": "2026-11-21T00:31:09",
    }
    assert wire.instant(AT) == "2026-11-20T23:31:09Z"


def test_a_region_may_want_the_offset_and_headers_of_its_own() -> None:
    said = wire.headers(AT, site(user_datetime_format="offset", extra_headers={"x-lang": "de"}))
    assert said[1:] == (("x-user-datetime", "2026-11-21T00:31:09+01:00"), ("x-lang", "de"))


@pytest.mark.parametrize("code", ["", "  ", 7, ["A"]])
def test_a_promo_code_is_a_text(code: Any) -> None:
    ask = Identify.model_validate(
        {
            "at": AT,
            "visit_id": "v-1",
            "till": "3",
            "member": {"kind": "short_code", "value": "481920"},
            "extensions": {"rbi": {"promo_code": code}},
        }
    )
    with pytest.raises(OrderRefused, match="a text that is not empty"):
        wire.promo_code(ask)
