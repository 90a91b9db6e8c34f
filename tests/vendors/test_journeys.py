"""Whole journeys of a guest at each vendor: found, served, paid, undone."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.core.operation import ReturnedLine
from gateway.engine.refusal import Refused
from tests.vendors.shop import account_of, ended, lattes, opened
from tests.virtual import in_virtual_time

ANA = {"kind": "email", "value": "ana@example.test"}
COFFEE = {"id": "c", "name": "Free coffee", "amount": "5.00", "reward_id": "7001"}
FIVE_OFF = {"id": "f", "name": "Five off", "amount": "5.00", "reward_id": "7002"}
PHONE = {"kind": "phone", "value": "+14155550123", "consent": {"enrol": True}}


def coffee(receipt: str, **changes: Any) -> dict[str, Any]:
    """Two lattes, one of them for points."""
    order = lattes(receipt, currency="CAD", member=ANA, total="5.00", discount_total="5.00")
    [line] = order["lines"]
    return {**order, "lines": [{**line, "discounts": [COFFEE]}], **changes}


@in_virtual_time
async def test_spoonity_item_reward_from_scan_to_void() -> None:
    async with opened(account_of("spoonity-ca")) as shop:
        visit = await shop.visit("v1", {"kind": "phone", "value": "+15550100"})
        [given] = visit.answer["results"]
        assert [reward["reward_id"] for reward in given["rewards"]] == ["7001", "7002"]
        order = coffee("1", member=None, visit_id="v1")
        quote = await shop.quote("1", {**order, "payments": []})
        assert (quote.answer["accepted"], quote.answer["discount_total"]) == (True, "5.00")

        sold = await shop.sell("1", {**order, "quote_id": quote.quote_id})

        assert ended(sold) == ("applied", None)
        assert sold.outcome is not None
        assert sold.outcome.alarm is None
        assert sold.outcome.points is not None
        assert (sold.outcome.points.earned, sold.outcome.points.redeemed) == (
            Decimal(50),
            Decimal(100),
        )
        assert shop.body("post_order")["line_items"][0]["discounts"][0]["id"] == "free_coffee"
        assert shop.steps("spoonity-ca") == [
            "open_session",
            "read_session",
            "read_visit",
            "post_order",
            "close_session",
        ]
        assert ended(await shop.undo("1", "void")) == ("applied", None)
        assert shop.entries("spoonity-ca") == [
            ("submit", "1", "900001", "5.00", False),
            ("void", "1", "900001", "5.00", True),
        ]
        again = await shop.visit("v2", ANA)
        assert again.answer["results"][0]["balances"][0]["amount"] == "9886"


@in_virtual_time
async def test_spoonity_order_reward_without_a_visit() -> None:
    async with opened(account_of("spoonity-ca")) as shop:
        order = lattes("1", currency="CAD", member=ANA, total="5.00", discount_total="5.00")
        named = {**FIVE_OFF, "reward_id": "five_off"}

        sold = await shop.sell("1", {**order, "discounts": [named]})

        assert ended(sold) == ("applied", None)
        assert shop.body("post_order")["discounts"][0]["id"] == "five_off"
        assert sold.outcome is not None
        assert sold.outcome.points is not None
        assert sold.outcome.points.redeemed == Decimal(500)


@in_virtual_time
async def test_spoonity_voids_the_newest_order_first() -> None:
    async with opened(account_of("spoonity-ca")) as shop:
        for order_id in ("1", "2"):
            await shop.sell(order_id, lattes(order_id, currency="CAD", member=ANA))

        assert ended(await shop.undo("1", "void")) == ("declined", "void_not_newest")
        assert ended(await shop.undo("2", "void")) == ("applied", None)
        assert ended(await shop.undo("1", "refund")) == ("applied", None)
        assert [row.standing for row in shop.books("spoonity-ca")] == [False, False, True, True]


@in_virtual_time
async def test_spoonity_lists_the_brand_s_rewards() -> None:
    async with opened(account_of("spoonity-ca")) as shop:
        listed = await shop.rewards()

        assert [(reward.reward_id, reward.cost) for reward in listed.rewards] == [
            ("7001", Decimal(100)),
            ("7002", Decimal(500)),
        ]


@pytest.mark.parametrize(
    ("vendor", "member", "steps"),
    [
        ("spoonity-ca", ANA, ["open_session", "read_session", "close_session"]),
        ("rbi-de", {"kind": "short_code", "value": "481920"}, ["identify", "void"]),
    ],
)
@pytest.mark.parametrize("leaves", [True, False])
@in_virtual_time
async def test_a_visit_that_comes_to_nothing_is_released_once(
    vendor: str, member: dict[str, Any], steps: list[str], leaves: bool
) -> None:
    async with opened(account_of(vendor)) as shop:
        await shop.visit("v1", member)
        if leaves:
            assert await shop.walk_away("v1")
        await shop.gateway.clock.sleep(2 * shop.store.visit_ttl_seconds)

        assert shop.steps(vendor) == steps
        assert not any(row.standing for row in shop.books(vendor) if row.kind == "hold")


@pytest.mark.parametrize(
    ("vendor", "member", "code"),
    [
        ("spoonity-ca", {"kind": "card", "value": "nobody"}, "member_not_found"),
        ("spendgo-us", {"kind": "phone", "value": "4155550123"}, "member_not_found"),
        ("rbi-de", {"kind": "short_code", "value": "000000"}, "member_not_found"),
        ("rbi-de", {"kind": "short_code", "value": "481900"}, "member_not_found"),
        ("spoton-us", ANA, "unsupported_operation"),
    ],
)
@in_virtual_time
async def test_a_visit_of_nobody_s_is_refused(
    vendor: str, member: dict[str, Any], code: str
) -> None:
    async with opened(account_of(vendor)) as shop:
        with pytest.raises(Refused) as no:
            await shop.visit("v1", member)

        assert no.value.code == code
        assert shop.books(vendor) == []


@in_virtual_time
async def test_spendgo_order_grows_from_placed_to_completed_and_is_refunded_by_a_void() -> None:
    async with opened(account_of("spendgo-us")) as shop:
        order = lattes("1", currency="USD", member=PHONE)
        placed = await shop.sell("1", {**order, "state": "placed", "payments": []})
        paid = await shop.sell("1", {**order, "state": "paid", "revision": 2})
        sold = await shop.sell("1", {**order, "revision": 3})

        assert [ended(one)[0] for one in (placed, paid, sold)] == ["applied"] * 3
        assert shop.steps("spendgo-us") == [
            "find_member",
            "checkout",
            "placed",
            "billed",
            "completed",
        ]
        assert ended(await shop.undo("1", "void")) == ("applied", None)
        assert shop.steps("spendgo-us")[-1] == "refunded"
        assert shop.entries("spendgo-us") == [
            ("submit", "1", "700001", "10.00", False),
            ("refund", "1", "700001", "10.00", True),
        ]


@in_virtual_time
async def test_spendgo_order_that_is_only_paid_is_voided() -> None:
    async with opened(account_of("spendgo-us")) as shop:
        await shop.sell("1", lattes("1", currency="USD", member=PHONE, state="paid"))

        assert ended(await shop.undo("1", "void")) == ("applied", None)
        assert shop.steps("spendgo-us")[-1] == "voided"
        assert [row.kind for row in shop.books("spendgo-us")] == ["submit", "void"]


@in_virtual_time
async def test_spendgo_basket_does_not_change_behind_a_placed_order() -> None:
    async with opened(account_of("spendgo-us")) as shop:
        order = lattes("1", currency="USD", member=PHONE)
        await shop.sell("1", {**order, "state": "placed"})
        more = lattes("1", currency="USD", member=PHONE, subtotal="15.00", total="15.00")
        more["lines"][0]["quantity"] = "3"

        await shop.sell("1", {**more, "revision": 2})


@in_virtual_time
async def test_spendgo_member_is_enrolled_with_consent_and_a_guest_without() -> None:
    async with opened(account_of("spendgo-us")) as shop:
        new = {**PHONE, "value": "+14155550188"}
        visit = await shop.visit("v1", new)
        assert visit.answer["results"][0]["member"]["created"] is True
        known = await shop.sell("1", lattes("1", currency="USD", visit_id="v1"))
        shy = {"kind": "phone", "value": "+14155550189"}
        guest = await shop.sell("2", lattes("2", currency="USD", member=shy))

        assert ended(known) == ended(guest) == ("applied", None)
        assert [row.member for row in shop.books("spendgo-us")] == ["700101", None]


@pytest.mark.parametrize(
    ("minutes", "end", "standing"),
    [
        (30, ("applied", None), [True]),
        (5, ("applied", None), [True]),
        (-10, ("declined", "schedule_changed"), [False, True]),
    ],
)
@in_virtual_time
async def test_spoton_schedule_is_kept_moved_or_taken_back(
    minutes: int, end: tuple[str, str | None], standing: list[bool]
) -> None:
    async with opened(account_of("spoton-us")) as shop:
        wanted = f"2026-11-20T{12 + minutes // 60:02d}:{minutes % 60:02d}:00Z"
        sold = await shop.sell("1", lattes("1", currency="USD", requested_for=wanted))

        assert ended(sold) == end
        assert sold.outcome is not None
        assert bool(sold.outcome.changes) == (minutes < 15)
        assert [row.standing for row in shop.books("spoton-us")] == standing


@pytest.mark.parametrize(
    ("vendor", "currency"), [("spoonity-ca", "CAD"), ("spendgo-us", "USD"), ("rbi-de", "EUR")]
)
@in_virtual_time
async def test_a_partial_refund_is_refused_and_nothing_is_undone(
    vendor: str, currency: str
) -> None:
    members = {
        "spoonity-ca": ANA,
        "spendgo-us": PHONE,
        "rbi-de": {"kind": "short_code", "value": "481923"},
    }
    async with opened(account_of(vendor)) as shop:
        await shop.sell("1", lattes("1", currency=currency, member=members[vendor]))
        part = (ReturnedLine(line_id="1", quantity=Decimal(1)),)
        with pytest.raises(Refused) as no:
            await shop.undo("1", "refund", lines=part)

        assert no.value.code == "partial_refund_unsupported"
        assert [row.standing for row in shop.books(vendor)] == [True]


@pytest.mark.parametrize("vendor", ["spendgo-us", "spoton-us", "rbi-de"])
@in_virtual_time
async def test_what_a_vendor_does_not_have_is_refused_before_a_word(vendor: str) -> None:
    async with opened(account_of(vendor)) as shop:
        with pytest.raises(Refused) as rewards:
            await shop.rewards()
        with pytest.raises(Refused) as pay:
            await shop.pay("p1", "5.00", PHONE)

        assert (rewards.value.code, pay.value.code) == ("unsupported_operation",) * 2
        assert shop.steps(vendor) == []
