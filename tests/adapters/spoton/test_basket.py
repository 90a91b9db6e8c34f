"""Our lines, discounts, sums and payments in SpotOn's words."""

from typing import Any

import pytest

from adapters.spoton import basket
from gateway.core.errors import OrderRefused
from gateway.core.reading import check_order
from tests.adapters.spoton.samples import COMBO, order, site


def test_modifiers_and_sub_items_stand_under_their_line_at_their_own_base_price() -> None:
    said = basket.lines(order(lines=COMBO), {"1.1": "no ice"}, site())
    assert said[0] == {
        "line_id": "1",
        "item_id": "sku-1",
        "name": "Name 1",
        "quantity": 2,
        "price": 850,
        "sub_items": [
            {
                "line_id": "1.1",
                "item_id": "sku-1.1",
                "name": "Name 1.1",
                "quantity": 1,
                "price": 100,
                "modifiers": [
                    {"id": "sku-1.1.1", "name": "Name 1.1.1", "quantity": 3, "price": 25}
                ],
                "special_instructions": "no ice",
            }
        ],
    }
    assert [(item["line_id"], item["price"]) for item in said[1:]] == [("2", 0), ("3", 299)]


def test_lines_make_the_subtotal_by_spoton_s_arithmetic() -> None:
    def unit(item: dict[str, Any]) -> int:
        modifiers = sum(mod["quantity"] * mod["price"] for mod in item.get("modifiers", ()))
        subs = sum(sub["quantity"] * unit(sub) for sub in item.get("sub_items", ()))
        return int(item["price"] + modifiers + subs)

    whole = order(
        lines=COMBO, discounts=[], taxes=[], tax_total="0.00", discount_total="0.00",
        subtotal="23.49", fees="0.80", total="24.29", payments__0__amount="24.29",
    )  # fmt: skip
    check_order(whole)
    items = basket.lines(whole, {}, site())
    totals = basket.sums(whole)
    assert sum(item["quantity"] * unit(item) for item in items) == totals["subtotal"] == 2349
    assert sum(fee["amount"] for fee in basket.fees(whole)) == totals["fees_total"] == 80
    assert totals["grand_total"] == totals["subtotal"] + totals["fees_total"]


@pytest.mark.parametrize("included", [True, False])
def test_the_grand_total_is_the_till_s_total_with_tax_inside_or_on_top(*, included: bool) -> None:
    total = "18.00" if included else "19.44"
    whole = order(taxes__0__included=included, total=total, payments__0__amount=total)
    check_order(whole)
    said = basket.sums(whole)
    parts = said["subtotal"] - said["discounts_total"] + said["tax_total"]
    assert parts + said["tip_total"] + said["fees_total"] == said["grand_total"]
    assert said["tax_total"] == (0 if included else 144)


def test_discounts_of_lines_and_order_stand_on_the_order_without_the_till_s_ids() -> None:
    whole = order(
        lines__0__discounts=[{"id": "c", "name": "", "amount": "1.00"}], discount_total="4.00"
    )
    assert basket.discounts(whole) == [
        {"name": "c", "amount": 100},
        {"name": "Loyalty reward", "amount": 300},
    ]


@pytest.mark.parametrize(
    ("fees", "said"), [("0.00", []), ("1.25", [{"name": "Fees", "amount": 125}])]
)
def test_a_figure_alone_is_one_fee(fees: str, said: list[dict[str, Any]]) -> None:
    assert basket.fees(order(fees=fees)) == said


def test_lines_use_the_configured_names_of_keys() -> None:
    keys = {"key_modifiers": "mods", "key_sub_items": "parts", "key_note": "note"}
    said = basket.lines(order(lines=COMBO), {"1": "hot"}, site(**keys))[0]
    assert said["note"] == "hot"
    assert said["parts"][0]["mods"][0]["id"] == "sku-1.1.1"


def test_every_payment_is_sent_under_its_tender_s_constant_name() -> None:
    parts = [
        {"tender": "cash", "amount": "9.44"},
        {"tender": "card", "amount": "10.00", "reference": "tx-5"},
    ]
    names = site(tender_map={"cash": "Acme Cash", "card": "PAYMENT_CARD"})
    assert basket.payments(order(payments=parts), names) == [
        {"type": "EXTERNAL", "amount": 944, "provider_name": "Acme Cash"},
        {"type": "PAYMENT_CARD", "amount": 1000, "card_transaction_id": "tx-5"},
    ]


def test_spoton_s_own_card_payment_without_its_transaction_is_refused() -> None:
    parts = [{"tender": "card", "amount": "19.44"}]
    with pytest.raises(OrderRefused, match="no reference") as caught:
        basket.payments(order(payments=parts), site(tender_map={"card": "PAYMENT_CARD"}))
    assert caught.value.path == "payments.0.reference"


def test_an_order_that_costs_nothing_is_paid_with_nothing() -> None:
    said = basket.payments(order(total="0.00", payments=[]), site())
    assert said == [{"type": "EXTERNAL", "amount": 0, "provider_name": "Acme Pay"}]
