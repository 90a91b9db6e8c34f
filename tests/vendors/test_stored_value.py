"""Stored value at Spoonity: gift cards and points pay, are loaded, come back, and run short."""

from decimal import Decimal

import pytest

from gateway.engine.refusal import Refused
from tests.vendors.shop import account_of, ended, lattes, opened
from tests.virtual import in_virtual_time

ANA = {"kind": "email", "value": "ana@example.test"}
BRANDIN = {"kind": "card", "value": "7000100043"}
FIVE_OFF = {"id": "f", "name": "Five off", "amount": "5.00", "reward_id": "five_off"}


@in_virtual_time
async def test_spoonity_gift_card_is_debited_loaded_and_never_overdrawn() -> None:
    async with opened(account_of("spoonity-ca")) as shop:
        paid = await shop.pay("p1", "5.00", BRANDIN, receipt_number="1")
        loaded = await shop.load("p2", "10.00", BRANDIN)
        short = await shop.pay("p3", "100.00", BRANDIN)

        assert [ended(one)[0] for one in (paid, loaded, short)] == [
            "applied",
            "applied",
            "declined",
        ]
        assert paid.outcome is not None
        assert loaded.outcome is not None
        assert paid.outcome.balances[0].amount == Decimal("15.00")
        assert loaded.outcome.balances[0].amount == Decimal("25.00")
        assert ended(await shop.reverse("p1")) == ("declined", "needs_approval")
        assert shop.entries("spoonity-ca") == [
            ("pay", "1", "900002", "5.00", True),
            ("load", "p2", "900002", "10.00", True),
        ]


@in_virtual_time
async def test_spoonity_gift_card_payment_is_reversed_where_the_brand_allows_it() -> None:
    async with opened(account_of("spoonity-ca", gift_card_undo="opposite_amount")) as shop:
        await shop.pay("p1", "5.00", BRANDIN)
        back = await shop.reverse("p1")

        assert ended(back) == ("applied", None)
        assert [row.kind for row in shop.books("spoonity-ca")] == ["pay", "load"]
        assert back.outcome is not None
        assert back.outcome.balances[0].amount == Decimal("20.00")


@in_virtual_time
async def test_spoonity_points_pay_and_stay_paid() -> None:
    async with opened(account_of("spoonity-ca")) as shop:
        paid = await shop.pay("p1", "10.00", ANA, instrument="points")
        short = await shop.pay("p2", "10.00", BRANDIN, instrument="points")

        assert ended(paid) == ("applied", None)
        assert ended(short)[0] == "declined"
        with pytest.raises(Refused) as no:
            await shop.reverse("p1")
        assert no.value.code == "unsupported_operation"
        assert shop.entries("spoonity-ca") == [("pay", None, "900001", "10.00", True)]


@pytest.mark.parametrize("short_of", ["gift_card", "points", "reward"])
@in_virtual_time
async def test_spoonity_tells_what_the_guest_has_too_little_of(short_of: str) -> None:
    async with opened(account_of("spoonity-ca")) as shop:
        if short_of == "reward":
            order = lattes("1", currency="CAD", total="5.00", discount_total="5.00")
            end = ended(await shop.sell("1", {**order, "member": BRANDIN, "discounts": [FIVE_OFF]}))
        else:
            end = ended(await shop.pay("p1", "100.00", BRANDIN, instrument=short_of))

        reason = "insufficient_value" if short_of == "gift_card" else "insufficient_points"
        assert end == ("declined", reason)
