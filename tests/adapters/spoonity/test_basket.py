"""Our lines, discounts, sums and payments in Spoonity's words."""

from typing import Any

import pytest

from adapters.spoonity import basket
from adapters.spoonity.settings import RewardDiscountShape
from gateway.core.errors import OrderRefused
from gateway.core.order import Discount
from tests.adapters.spoonity.samples import ANA, combo, line, order, site, ticket, visit


def test_modifiers_and_combos_are_named_and_priced_inside_their_line() -> None:
    lines = ticket(combo())["line_items"]

    assert lines == [
        {
            "id": "sku-1",
            "name": "Thing 1",
            "categories": [],
            "discounts": [{"name": "Drink off", "amount": 1}],
            "price": 7,
            "quantity": 2,
            "modifiers": ["Thing 2", "2 x Thing 3"],
        },
        {
            "id": "sku-4",
            "name": "Thing 4",
            "categories": [],
            "discounts": [],
            "price": 0.1,
            "quantity": 1,
            "modifiers": [],
        },
    ]


def test_a_price_is_for_the_whole_line_where_configured() -> None:
    assert ticket(combo(), line_price_mode="extended")["line_items"][0]["price"] == 14


@pytest.mark.parametrize(
    ("quantity", "unit_price", "price"),
    [("1", "0.333333", 0.33), ("0.25", "4.9999", 5), ("0.333", "5.00", 5)],
)
def test_a_unit_price_is_rounded_where_it_still_makes_the_line(
    quantity: str, unit_price: str, price: float
) -> None:
    given = order(lines=[line("1", quantity=quantity, unit_price=unit_price)])

    assert ticket(given)["line_items"][0]["price"] == price


def test_a_unit_price_that_cents_cannot_say_is_refused_unless_lines_are_priced_whole() -> None:
    given = order(lines=[line("1", quantity="30", unit_price="0.3333")])

    with pytest.raises(
        OrderRefused, match=r"30 x 0\.33 makes 9\.90, this line is 10\.00"
    ) as caught:
        ticket(given)

    assert caught.value.path == "lines.0.unit_price"
    assert ticket(given, line_price_mode="extended")["line_items"][0]["price"] == 10


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"total": "10.005"}, "total"),
        ({"subtotal": "10.005"}, "subtotal"),
        ({"lines": [line("1", unit_price="10.005")]}, "lines.0.unit_price"),
        ({"discounts": [{"id": "d", "name": "Off", "amount": "0.005"}]}, "discounts.0.amount"),
    ],
)
def test_money_of_three_decimals_is_refused_with_its_place(
    changes: dict[str, Any], path: str
) -> None:
    with pytest.raises(OrderRefused, match="at most 2 decimals") as caught:
        ticket(order(currency="KWD", **changes), currency="KWD")

    assert caught.value.path == path


@pytest.mark.parametrize(
    ("mode", "expected"), [("net_of_discounts_ex_tax", 12), ("before_discounts_ex_tax", 13)]
)
def test_the_subtotal_has_neither_included_tax_nor_fees_nor_tip(mode: str, expected: int) -> None:
    assert ticket(combo(), subtotal_mode=mode)["subtotal"] == expected


def test_a_subtotal_is_never_below_zero() -> None:
    assert ticket(order(subtotal="1.00", discount_total="2.00"))["subtotal"] == 0


@pytest.mark.parametrize(
    ("tender_map", "expected"), [({}, "CARD"), ({"card": "CREDIT", "gift_card": "G"}, "CREDIT")]
)
def test_the_largest_tender_is_named(tender_map: dict[str, str], expected: str) -> None:
    assert ticket(combo(), tender_map=tender_map)["payment_method"] == expected


@pytest.mark.parametrize(
    ("reward_id", "on_line", "shape", "expected"),
    [
        (None, True, {}, {"name": "Off", "amount": 1.5}),
        (None, False, {"amount_sign": "negative"}, {"name": "Off", "amount": -1.5}),
        ("7001", True, {}, {"id": "free_coffee", "name": "Off", "amount": 1.5}),
        ("7001", False, {}, {"id": "discount_free_coffee", "name": "Off", "amount": 1.5}),
        ("discount_free_coffee", True, {}, {"id": "free_coffee", "name": "Off", "amount": 1.5}),
        (
            "7001",
            True,
            {"identifier_key": "code", "amount_sign": "negative", "item_prefix_sent": True},
            {"code": "discount_free_coffee", "name": "Off", "amount": -1.5},
        ),
    ],
)
def test_a_discount_names_its_reward_as_configured(
    reward_id: str | None, on_line: bool, shape: dict[str, Any], expected: dict[str, Any]
) -> None:
    given = Discount.model_validate(
        {"id": "d1", "name": "Off", "amount": "1.50", "reward_id": reward_id}
    )
    configured = site(reward_discount_shape=RewardDiscountShape(**shape))

    told = basket.discount(given, "discounts.0", visit(ANA), configured, on_line=on_line)

    assert told == expected


def test_a_reward_of_somebody_else_is_refused_with_its_place() -> None:
    with pytest.raises(OrderRefused) as caught:
        basket.identifier("9", visit(ANA), "lines.0.discounts.2")

    assert caught.value.path == "lines.0.discounts.2.reward_id"


def test_a_visit_that_kept_no_identifiers_names_rewards_by_their_id() -> None:
    forgetful = visit(ANA).model_copy(update={"keep": {}})

    assert basket.identifier("7001", forgetful, "discounts.0") == "7001"
