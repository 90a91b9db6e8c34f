"""Our lines, discounts, sums and payments in RBI's words."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from adapters.rbi import basket, wire
from adapters.rbi.settings import RbiSite
from gateway.core.order import Order
from gateway.core.reading import check_order
from tests.adapters.rbi.samples import AT, off, order, site

DISCOUNT: dict[str, JsonValue] = {
    "details": {"displayName": "15 % off"},
    "incentiveId": "off-15",
    "referenceId": "eng-77",
}


def line(**facts: Any) -> dict[str, Any]:
    return {
        "line_id": "1",
        "sku": "1001",
        "name": "whopper",
        "quantity": "1",
        "unit_price": "5.00",
        **facts,
    }


def spelled(said: Order, at: RbiSite | None = None, **facts: Any) -> list[dict[str, Any]]:
    body = wire.repeated_sale(said, at or site(), status="CLAIMED", at=AT, **facts)
    lines: list[dict[str, Any]] = body["transactionDetails"]["order"]
    return lines


def priced(*lines: dict[str, Any], **facts: Any) -> list[tuple[str, Any, Any]]:
    said = spelled(order(*lines), site(**facts))
    return [(one["referenceId"], one["quantity"], one["price"]) for one in said]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([line(quantity="3")], [("1", 3, 5)], id="a price is for one unit"),
        pytest.param(
            [line(quantity="0.5", unit_price="9.98")], [("1", 0.5, 9.98)], id="half a unit"
        ),
        pytest.param(
            [line(quantity="2", discounts=off("1.00"))], [("1", 2, 4.5)], id="cents that divide"
        ),
        pytest.param(
            [line(quantity="3", discounts=off("1.00"))],
            [("1", 1, 4.66), ("1+", 2, 4.67)],
            id="cents that do not divide make two lines",
        ),
        pytest.param(
            [line(unit_price="0.3333", quantity="3", discounts=off("0.0099"))],
            [("1", 3, 0.33)],
            id="a finer price that divides after its discount",
        ),
        pytest.param(
            [
                line(kind="combo", quantity="2", unit_price="8.50"),
                line(line_id="2", parent_id="1", unit_price="0.00"),
                line(line_id="3", parent_id="2", kind="modifier", unit_price="0.30", quantity="2"),
            ],
            [("1", 2, 8.5), ("2", 2, 0), ("3", 4, 0.3)],
            id="children are counted in the whole basket",
        ),
    ],
)
def test_lines_carry_discounted_unit_prices(
    lines: list[dict[str, Any]], expected: list[tuple[str, Any, Any]]
) -> None:
    assert priced(*lines) == expected


def test_a_store_may_want_the_price_of_the_whole_line() -> None:
    discounted = line(quantity="3", discounts=off("1.00"))
    assert priced(discounted, price_is_unit=False) == [("1", 3, 14)]


def test_deeper_children_stand_under_the_top_line_as_items() -> None:
    said = spelled(
        order(
            line(kind="combo"),
            line(line_id="2", parent_id="1"),
            line(line_id="3", parent_id="2", kind="modifier"),
            line(line_id="4", kind="fee"),
        )
    )
    assert [(one["productType"], one.get("parentReferenceId")) for one in said] == [
        ("combo", None),
        ("item", "1"),
        ("item", "1"),
        ("item", None),
    ]


def test_the_second_part_of_a_line_says_no_tax_again() -> None:
    said = spelled(order(line(quantity="3", discounts=off("1.00"), tax="0.40")))
    assert [one["tax"] for one in said] == [0.4, 0]


@given(
    cents=st.lists(
        st.tuples(st.integers(0, 2000), st.integers(1, 7), st.integers(0, 500), st.integers(0, 99)),
        min_size=1,
        max_size=6,
    )
)
def test_lines_and_tax_make_the_total_to_the_cent(
    cents: list[tuple[int, int, int, int]],
) -> None:
    lines = []
    for place, (unit, quantity, less, tax) in enumerate(cents, start=1):
        lines.append(
            line(
                line_id=str(place),
                quantity=str(quantity),
                unit_price=f"{unit / 100:.2f}",
                discounts=off(f"{min(less, unit * quantity) / 100:.2f}"),
                tax=f"{tax / 100:.2f}",
            )
        )
    subtotal = sum(unit * quantity for unit, quantity, _, _ in cents)
    less_cents = sum(min(less, unit * quantity) for unit, quantity, less, _ in cents)
    tax_cents = sum(tax for *_, tax in cents)
    total = subtotal - less_cents + tax_cents
    tax_amount = f"{tax_cents / 100:.2f}"
    said = order(
        *lines,
        taxes=[{"name": "VAT", "amount": tax_amount}],
        subtotal=f"{subtotal / 100:.2f}",
        discount_total=f"{less_cents / 100:.2f}",
        tax_total=tax_amount,
        total=f"{total / 100:.2f}",
        payments=[{"tender": "cash", "amount": f"{total / 100:.2f}"}],
    )
    check_order(said)
    details = wire.sale(said, site(), status="CLAIMED", at=AT)["transactionDetails"]
    made = sum(
        Decimal(str(one["price"])) * one["quantity"] + Decimal(str(one["tax"]))
        for one in details["order"]
    )
    assert made * 100 == total == sum(paid["amount"] for paid in details["payments"])


def test_a_fee_line_makes_its_fee_sayable() -> None:
    fee = line(line_id="2", kind="fee", sku="bag", name="bag", unit_price="0.10")
    said = order(line(tax="0.40"), fee, fees="0.10", total="5.50")
    lines = wire.sale(said, site(), status="PENDING", at=AT)["transactionDetails"]["order"]
    assert [(one["productId"], one["price"]) for one in lines] == [("1001", 5), ("bag", 0.1)]


def test_prices_may_contain_their_tax() -> None:
    said = order(**{"taxes.0.included": True, "total": "5.00"})
    lines = wire.sale(said, site(price_includes_tax=True), status="PENDING", at=AT)
    assert lines["transactionDetails"]["order"][0]["tax"] == 0.4


def test_a_tax_of_nothing_may_be_of_either_kind() -> None:
    said = order(line(), **{"taxes.0.included": True, "taxes.0.amount": "0.00", "tax_total": "0"})
    assert wire.sale(said, site(), status="PENDING", at=AT)["status"] == "PENDING"


def test_a_used_discount_is_copied_once_and_only_when_claimed() -> None:
    said = order(line(discounts=off("0.50", "off-15") + off("0.25", "off-15")))
    claimed = wire.repeated_sale(said, site(), status="CLAIMED", at=AT, eligible=[DISCOUNT])
    pending = wire.repeated_sale(said, site(), status="PENDING", at=AT, eligible=[DISCOUNT])
    assert claimed["transactionDetails"]["appliedDiscounts"] == [DISCOUNT]
    assert "appliedDiscounts" not in pending["transactionDetails"]
    for body in (claimed, pending):
        *_, added = body["transactionDetails"]["order"]
        assert (added["productType"], added["productId"], added["price"]) == ("offer", "off-15", 0)


def test_a_discount_of_an_offer_in_the_basket_needs_no_entry() -> None:
    said = order(
        line(discounts=off("1.00", "off-1")),
        line(line_id="2", kind="offer", incentive_id="off-1", engine_id="eng-1", unit_price="0"),
    )
    first, second = spelled(said, eligible=[])
    assert first["price"] == 4
    assert (second["incentiveId"], second["loyaltyEngineId"]) == ("off-1", "eng-1")


@pytest.mark.parametrize("details", [{}, None], ids=["unnamed", "without details"])
def test_a_discount_without_a_name_is_named_by_its_incentive(details: dict[str, Any]) -> None:
    said = order(line(discounts=off("1.00", "off-15")))
    *_, added = spelled(said, eligible=[{**DISCOUNT, "details": details}])
    assert added["name"] == "off-15"


@pytest.mark.parametrize(
    ("paid", "facts", "expected"),
    [
        ({"tender": "cash"}, {}, "CASH"),
        ({"tender": "card", "brand": "visa"}, {}, "VISA"),
        ({"tender": "card", "brand": "mastercard"}, {}, "MASTERCARD"),
        ({"tender": "card", "brand": "amex"}, {}, "AMEX"),
        ({"tender": "card", "brand": "jcb"}, {}, "CREDIT"),
        ({"tender": "card"}, {}, "CREDIT"),
        ({"tender": "voucher"}, {}, "CREDIT"),
        ({"tender": "external"}, {"payment_type_fallback": "OTHER"}, "OTHER"),
        ({"tender": "card", "brand": "jcb"}, {"payment_type_map": {"jcb": "JCB"}}, "JCB"),
        ({"tender": "card", "brand": "other"}, {"tender_map": {"card": "CARD"}}, "CARD"),
        ({"tender": "card", "brand": "visa"}, {"tender_map": {"card": "CARD"}}, "VISA"),
        ({"tender": "gift_card"}, {"tender_map": {"gift_card": "GIFT"}}, "GIFT"),
    ],
)
def test_known_payments_are_said_exactly_and_others_fall_back(
    paid: dict[str, Any], facts: dict[str, Any], expected: str
) -> None:
    said = order(payments=[{**paid, "amount": "5.40"}])
    assert basket.payments(said, site(**facts)) == [{"amount": 540, "type": expected}]
