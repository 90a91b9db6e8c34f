"""The published example orders, through the real engine to the played vendors."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.vendors.shop import EXAMPLES, account_of, ended, example, opened
from tests.virtual import in_virtual_time

DANA = "0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c10"
UNCLAIMED = {"send_unclaimed": True}


@in_virtual_time
async def test_spoonity_s_documented_order_is_said_to_the_letter() -> None:
    order_id, order = example("spoonity-docs-sample")
    async with opened(account_of("spoonity-ca")) as shop:
        sold = await shop.sell(order_id, order)

        assert ended(sold) == ("applied", None)
        assert sold.outcome is not None
        assert sold.outcome.reference == "17000001"
        assert sold.outcome.receipt_lines == ("+100 pts",)
        assert shop.entries("spoonity-ca") == [
            ("submit", "BC-PROMO-005", "900002", "10.00", True),
        ]
        documented = json.loads((EXAMPLES / "spoonity-docs-sample.wire.json").read_text("utf-8"))
        said = shop.body("post_order")
        assert said == documented
        assert type(said["date"]) is int


@pytest.mark.parametrize(
    ("vendor", "facts", "end", "held"),
    [
        ("spoonity-ca", {}, ("skipped", "no_member"), None),
        ("spendgo-us", {}, ("applied", None), "000124"),
        ("spendgo-us", {"guest_orders_enabled": False}, ("skipped", "no_member"), None),
        ("spoton-us", {}, ("applied", None), "0061-1-000124-1"),
        ("rbi-de", UNCLAIMED, ("applied", None), "000124"),
        ("rbi-de", {"send_unclaimed": False}, ("skipped", "no_member"), None),
    ],
)
@in_virtual_time
async def test_an_order_without_a_member_is_a_guest_s_or_nobody_s(
    vendor: str, facts: dict[str, Any], end: tuple[str, str | None], held: str | None
) -> None:
    order_id, order = example("no-member")
    account = account_of(vendor, **facts)
    async with opened(account) as shop:
        sold = await shop.sell(order_id, {**order, "currency": account.currency})

        assert ended(sold) == end
        rows = [("submit", held, None, "6.50", True)] if held else []
        assert shop.entries(vendor) == rows
        assert bool(shop.steps(vendor)) == bool(held)


@in_virtual_time
async def test_spendgo_s_reward_is_redeemed_from_the_order_alone() -> None:
    order_id, order = example("spendgo-reward")
    async with opened(account_of("spendgo-us")) as shop:
        sold = await shop.sell(order_id, order)

        assert ended(sold) == ("applied", None)
        assert shop.steps("spendgo-us") == [
            "find_member",
            "list_rewards",
            "checkout",
            "placed",
            "billed",
            "completed",
        ]
        assert shop.entries("spendgo-us") == [
            ("submit", "T1-000123", "700001", "7.56", True),
        ]
        assert sold.outcome is not None
        assert sold.outcome.reference == shop.books("spendgo-us")[0].reference


@in_virtual_time
async def test_spendgo_s_reward_is_listed_and_checked_out_once_with_a_visit_and_a_quote() -> None:
    order_id, order = example("spendgo-reward")
    async with opened(account_of("spendgo-us")) as shop:
        visit = await shop.visit("v1", order["member"])
        [given] = visit.answer["results"]
        assert given["member"]["id"] == "700001"
        assert "810001" in {reward["reward_id"] for reward in given["rewards"]}
        named = {**order, "visit_id": "v1"}
        quote = await shop.quote(order_id, {**named, "payments": []})
        assert (quote.answer["accepted"], quote.answer["discount_total"]) == (True, "5.00")

        sold = await shop.sell(order_id, {**named, "quote_id": quote.quote_id})

        assert ended(sold) == ("applied", None)
        assert shop.steps("spendgo-us") == [
            "find_member",
            "list_rewards",
            "read_balance",
            "checkout",
            "placed",
            "billed",
            "completed",
        ]
        undone = await shop.undo(order_id, "refund")
        assert ended(undone) == ("applied", None)
        assert shop.entries("spendgo-us") == [
            ("submit", "T1-000123", "700001", "7.56", False),
            ("refund", "T1-000123", "700001", "7.56", True),
        ]


@pytest.mark.parametrize(
    ("flow", "steps"), [("submit", ["submit"]), ("propose", ["propose", "submit"])]
)
@in_virtual_time
async def test_spoton_s_kiosk_pickup_is_cooked_and_canceled(flow: str, steps: list[str]) -> None:
    order_id, order = example("spoton-kiosk-pickup")
    async with opened(account_of("spoton-us", flow=flow)) as shop:
        sold = await shop.sell(order_id, order)

        assert ended(sold) == ("applied", None)
        assert shop.steps("spoton-us") == steps
        assert sold.outcome is not None
        assert sold.outcome.reference == "ord-0001"
        assert sold.outcome.receipt_lines == ("Ready about 06:15",)
        undone = await shop.undo(order_id, "void")
        assert ended(undone) == ("applied", None)
        assert shop.entries("spoton-us") == [
            ("submit", "0061-K3-0091-1", "cus-0001", "19.44", False),
            ("void", "0061-K3-0091-1", "cus-0001", "19.44", True),
        ]
        assert shop.next_token("spoton-us") == f"tok-{len(steps) + 2:04d}"


@in_virtual_time
async def test_rbi_s_combo_reward_and_offer_are_held_claimed_and_given_back() -> None:
    order_id, order = example("rbi-combo-reward-offer")
    async with opened(account_of("rbi-de")) as shop:
        visit = await shop.visit("v1", order["member"], receipt_number="000000000257")
        [given] = visit.answer["results"]
        assert given["member"] == {"id": DANA, "name": "Dana", "created": False}
        assert given["balances"][0]["amount"] == "2300"
        assert [line["incentive_id"] for line in given["lines"]] == ["inc-drink"]
        basket = {**order, "visit_id": "v1"}
        quote = await shop.quote(order_id, {**basket, "payments": []})
        assert quote.answer["accepted"] is True
        basket["quote_id"] = quote.quote_id

        placed = await shop.sell(order_id, {**basket, "state": "placed", "payments": []})
        assert ended(placed) == ("applied", None)
        sold = await shop.sell(order_id, {**basket, "revision": 2})

        assert ended(sold) == ("applied", None)
        assert sold.outcome is not None
        assert sold.outcome.points is not None
        assert (sold.outcome.points.earned, sold.outcome.points.redeemed) == (
            Decimal(124),
            Decimal(250),
        )
        assert sold.outcome.balances[0].amount == 2424
        assert shop.steps("rbi-de") == ["identify", "validate", "update", "update"]
        assert ended(await shop.undo(order_id, "void")) == ("applied", None)
        assert shop.entries("rbi-de") == [
            ("hold", "000000000257", DANA, "250.00", False),
            ("submit", "000000000257", DANA, "12.41", False),
            ("void", "000000000257", DANA, "12.41", True),
        ]


@in_virtual_time
async def test_rbi_s_order_identifies_its_guest_by_itself() -> None:
    order_id, order = example("rbi-combo-reward-offer")
    async with opened(account_of("rbi-de")) as shop:
        sold = await shop.sell(order_id, order)

        assert ended(sold) == ("applied", None)
        assert shop.steps("rbi-de") == ["identify", "update"]
        assert shop.entries("rbi-de")[-1] == ("submit", "000000000257", DANA, "12.41", True)
        assert ended(await shop.undo(order_id, "refund")) == ("applied", None)
