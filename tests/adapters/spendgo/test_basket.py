"""Our lines, discounts, sums and payments in Spendgo's words."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.core.totals import totals_faults
from tests.adapters.spendgo.samples import order, said


def cost(entry: dict[str, Any]) -> Decimal:
    """Add up an entry or modifier as Spendgo would."""
    item = entry.get("posItem", entry)
    nested = sum((cost(inner) for inner in item.get("modifiers", ())), Decimal(0))
    count: int = entry["quantity"]
    return (Decimal(str(item["cost"])) + nested) * count


TABLE: list[tuple[str, dict[str, Any]]] = [
    ("reward", {}),
    ("plain", {}),
    ("combo", {}),
    ("combo", {"service_mode": "delivery"}),
    (
        "plain",
        {
            "service_mode": "delivery",
            "fees": "2.50",
            "total": "9.00",
            "payments.0.amount": "9.00",
        },
    ),
    ("plain", {"taxes.0.included": True, "total": "5.75", "payments.0.amount": "5.75"}),
]


@pytest.mark.parametrize(("name", "changes"), TABLE)
def test_the_total_said_is_the_tills_and_the_figures_make_it(
    name: str, changes: dict[str, Any]
) -> None:
    found = order(name, changes)
    assert not list(totals_faults(found))
    body = said(found)
    figures = {
        key: Decimal(str(body[key]))
        for key in ("subtotal", "tax", "tip", "delivery", "discount", "total")
    }
    assert figures["total"] == found.total
    assert (
        figures["subtotal"]
        + figures["tax"]
        + figures["tip"]
        + figures["delivery"]
        - figures["discount"]
        == found.total
    )
    entries = body["basket"]["posEntries"]
    assert sum(cost(entry) for entry in entries) == figures["subtotal"]


def test_a_delivery_fee_has_its_own_field_and_another_fee_is_an_entry() -> None:
    delivered = said(order("combo", {"service_mode": "delivery"}))
    eaten_in = said(order("combo"))
    assert (delivered["delivery"], delivered["subtotal"]) == (0.2, 35.25)
    assert (eaten_in["delivery"], eaten_in["subtotal"]) == (0, 35.45)
    labels = [entry["posItem"]["label"] for entry in eaten_in["basket"]["posEntries"]]
    assert labels == ["Lunch for two", "Paper bag"]


def test_the_rewards_discount_may_be_spread_over_lines() -> None:
    spread = {"id": "5OFF", "name": "$5 Off", "amount": "2.00", "reward_id": "810001"}
    found = order("reward", {"lines.0.discounts": [spread], "discounts.0.amount": "3.00"})
    assert said(found)["basket"]["rewards"] == [
        {"provider": "Spendgo", "id": "810001", "level": "basket", "discount": 5}
    ]


@pytest.mark.parametrize(
    ("tender", "brand", "expected"),
    [
        ("cash", None, {"tender": "cash"}),
        ("card", "amex", {"tender": "credit", "issuer": "amex"}),
        ("card", "other", {"tender": "credit"}),
        ("gift_card", None, {"tender": "prepaid"}),
        ("points", None, {"tender": "value"}),
        ("voucher", None, {"tender": "transfer"}),
        ("external", None, {"tender": "transfer"}),
    ],
)
def test_tenders_have_words_and_an_account_may_have_others(
    tender: str, brand: str | None, expected: dict[str, str]
) -> None:
    found = order("plain", {"payments.0.tender": tender, "payments.0.brand": brand})
    body = said(found, tender_map={"voucher": "transfer"})
    assert body["payments"] == [{**expected, "amount": 6.5}]
