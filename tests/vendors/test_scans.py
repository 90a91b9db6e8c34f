"""Scans at RBI's till: a code, a second one, a promo code, a discount, and leaving without food."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.engine.refusal import Refused
from tests.vendors.shop import Shop, account_of, ended, lattes, opened
from tests.virtual import in_virtual_time

DANA = "0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c10"
SAM = "0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c11"
RBI = "rbi-de"


def code(value: str) -> dict[str, Any]:
    """A member as their app shows them."""
    return {"kind": "short_code", "value": value}


def burgers(receipt: str, lines: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """Two lattes and the lines a visit gave, as RBI gave them."""
    order = lattes(receipt, currency="EUR", **changes)
    kept = ("line_id", "kind", "sku", "quantity", "unit_price", "incentive_id", "engine_id")
    chosen = [
        {"name": f"Chosen {line['sku']}", **{name: line[name] for name in kept if line.get(name)}}
        for line in lines
    ]
    extra = sum((Decimal(line.get("unit_price") or 0) for line in lines), Decimal(0))
    total = f"{Decimal(order['total']) + extra:.2f}"
    paid = [{"tender": "card", "brand": "visa", "amount": total}]
    priced = [{"unit_price": "0.00", **line} for line in chosen]
    figures = {"subtotal": f"{Decimal(order['subtotal']) + extra:.2f}", "total": total}
    return {**order, **figures, "lines": [*order["lines"], *priced], "payments": paid}


async def scan(shop: Shop, visit_id: str, value: str, **facts: Any) -> dict[str, Any]:
    """Show a code; what RBI says of its guest."""
    visit = await shop.visit(visit_id, code(value), receipt_number="1", **facts)
    [given] = visit.answer["results"]
    answer: dict[str, Any] = given
    return answer


def points(given: dict[str, Any]) -> str:
    """The balance a scan told."""
    return str(given["balances"][0]["amount"])


@in_virtual_time
async def test_a_second_code_of_the_same_guest_takes_over_what_the_first_one_held() -> None:
    async with opened(account_of(RBI)) as shop:
        await scan(shop, "v1", "481920")
        given = await scan(shop, "v2", "481921", replaces="v1")

        assert shop.steps(RBI) == ["identify", "identify", "void_first_scan"]
        chosen = [line["incentive_id"] for line in given["lines"]]
        assert chosen == ["inc-drink", "off-chicken"]
        sold = await shop.sell("1", burgers("1", given["lines"], visit_id="v2"))
        assert ended(sold) == ("applied", None)
        assert sold.outcome is not None
        assert sold.outcome.points is not None
        assert (sold.outcome.points.earned, sold.outcome.points.redeemed) == (
            Decimal(129),
            Decimal(250),
        )
        assert shop.entries(RBI) == [
            ("hold", "1", DANA, "250.00", False),
            ("void", "1", DANA, "0.00", True),
            ("submit", "1", DANA, "12.99", True),
        ]


@in_virtual_time
async def test_a_second_code_of_another_guest_is_given_back_and_the_first_scan_stands() -> None:
    async with opened(account_of(RBI)) as shop:
        await scan(shop, "v1", "481920")
        with pytest.raises(Refused) as no:
            await scan(shop, "v2", "735501", replaces="v1")

        assert no.value.code == "member_differs"
        assert shop.steps(RBI) == ["identify", "identify", "void_second_scan"]
        assert [row.member for row in shop.books(RBI) if row.kind == "void"] == [SAM]
        assert await shop.walk_away("v1")
        assert not any(row.standing for row in shop.books(RBI) if row.kind == "hold")


@in_virtual_time
async def test_a_promo_code_becomes_an_offer_of_the_order() -> None:
    async with opened(account_of(RBI)) as shop:
        summer = {"rbi": {"promo_code": "SUMMER"}}
        given = await scan(shop, "v1", "481923", extensions=summer)

        assert [line["incentive_id"] for line in given["lines"]] == ["off-summer"]
        order = burgers("1", given["lines"], visit_id="v1")
        quote = await shop.quote("1", {**order, "payments": []})
        assert quote.answer["accepted"] is True
        assert ended(await shop.sell("1", {**order, "quote_id": quote.quote_id})) == (
            "applied",
            None,
        )


@in_virtual_time
async def test_a_discount_is_taken_off_the_line_and_named() -> None:
    async with opened(account_of(RBI)) as shop:
        given = await scan(shop, "v1", "735501")
        assert [reward["reward_id"] for reward in given["rewards"]] == ["off-ten"]
        off = {"id": "o", "name": "Ten % off", "amount": "1.00", "reward_id": "off-ten"}
        order = lattes("1", currency="EUR", total="9.00", discount_total="1.00", visit_id="v1")
        order["lines"][0]["discounts"] = [off]
        quote = await shop.quote("1", {**order, "payments": []})
        assert (quote.answer["accepted"], quote.answer["discount_total"]) == (True, "1.00")

        sold = await shop.sell("1", {**order, "quote_id": quote.quote_id})

        assert ended(sold) == ("applied", None)
        details = shop.body("update")["transactionDetails"]
        assert [used["incentiveId"] for used in details["appliedDiscounts"]] == ["off-ten"]
        assert [line["price"] for line in details["order"]] == [4.5, 0]
        assert shop.entries(RBI) == [("submit", "1", SAM, "9.00", True)]


@in_virtual_time
async def test_an_offer_made_for_one_guest_goes_by_its_engine_s_id() -> None:
    async with opened(account_of(RBI)) as shop:
        given = await scan(shop, "v1", "481922")
        sold = await shop.sell("1", burgers("1", given["lines"], visit_id="v1"))

        assert ended(sold) == ("applied", None)
        said = shop.body("update")["transactionDetails"]["order"]
        assert [line["loyaltyEngineId"] for line in said if "loyaltyEngineId" in line] == [
            "eng-7731"
        ]


@in_virtual_time
async def test_a_placed_order_that_is_given_up_gives_its_points_back() -> None:
    async with opened(account_of(RBI)) as shop:
        given = await scan(shop, "v1", "481920")
        order = burgers("1", given["lines"], visit_id="v1", state="placed")
        assert ended(await shop.sell("1", {**order, "payments": []})) == ("applied", None)

        assert ended(await shop.undo("1", "void")) == ("applied", None)

        assert [row.standing for row in shop.books(RBI)] == [False, True]
        assert points(await scan(shop, "v2", "481923")) == "2550"
        with pytest.raises(Refused) as no:
            await shop.sell("1", {**order, "revision": 2, "state": "completed"})
        assert no.value.code == "operation_conflict"


@in_virtual_time
async def test_a_code_is_used_up_by_its_first_scan() -> None:
    async with opened(account_of(RBI)) as shop:
        await scan(shop, "v1", "481923")
        with pytest.raises(Refused) as no:
            await scan(shop, "v2", "481923")

        assert no.value.code == "code_used"


@in_virtual_time
async def test_points_that_run_short_refuse_the_quote_and_alarm_the_claim() -> None:
    async with opened(account_of(RBI)) as shop:
        await scan(shop, "v1", "735501")
        drink = {"line_id": "r", "kind": "reward", "sku": "9104", "incentive_id": "inc-drink"}
        order = burgers("1", [{**drink, "quantity": "1"}], visit_id="v1")
        quote = await shop.quote("1", {**order, "payments": []})
        sold = await shop.sell("1", order)

        assert quote.answer["accepted"] is False
        [result] = quote.answer["results"]
        assert [(one["code"], one["line_id"]) for one in result["failures"]] == [
            ("insufficient_points", "r")
        ]
        assert ended(sold) == ("declined", "insufficient_points")
        assert sold.outcome is not None
        assert sold.outcome.alarm
        assert shop.books(RBI) == []


@in_virtual_time
async def test_a_sale_of_nobody_s_is_told_and_cannot_be_taken_back() -> None:
    async with opened(account_of(RBI, send_unclaimed=True)) as shop:
        sold = await shop.sell("1", lattes("1", currency="EUR"))

        assert ended(sold) == ("applied", None)
        assert sold.outcome is not None
        assert sold.outcome.receipt_qr is not None
        assert ended(await shop.undo("1", "void")) == ("declined", "unsupported_by_vendor")
        assert shop.entries(RBI) == [("submit", "1", None, "10.00", True)]


@in_virtual_time
async def test_a_quote_without_a_scan_is_refused() -> None:
    async with opened(account_of(RBI)) as shop:
        with pytest.raises(Refused) as no:
            await shop.quote("1", lattes("1", currency="EUR", member=code("481923")))

        assert no.value.code == "visit_required"
        assert shop.steps(RBI) == []


@in_virtual_time
async def test_a_basket_that_cannot_be_quoted_is_refused_with_the_place() -> None:
    async with opened(account_of(RBI)) as shop:
        await scan(shop, "v1", "481923")
        tipped = lattes("1", currency="EUR", visit_id="v1", tip="1.00", total="11.00")
        with pytest.raises(Refused) as no:
            await shop.quote("1", tipped)

        assert [fault.path for fault in no.value.faults] == ["tip"]
