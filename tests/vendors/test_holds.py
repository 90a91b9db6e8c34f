"""What a vendor has set aside for a guest goes back, once, whatever becomes of the order."""

from typing import Any

import pytest

from gateway.engine.rows import Entry
from tests.vendors.shop import Shop, account_of, ended, example, lattes, opened
from tests.virtual import in_virtual_time

RBI = "rbi-de"


async def everything(shop: Shop) -> list[Entry]:
    """Every entry of the store, done or not, long after the last visit's time was up."""
    await shop.gateway.clock.sleep(2 * shop.store.visit_ttl_seconds)
    operator = shop.gateway.doors.operator
    found = [
        entry
        for state in ("done", "queued", "parked")
        for entry in await operator.entries(state, None)
    ]
    return sorted(found, key=lambda entry: entry.id)


def told(entries: list[Entry]) -> list[tuple[str, str]]:
    """Operation and end of each."""
    return [(entry.operation, ended(entry)[0]) for entry in entries]


def standing(shop: Shop) -> list[str]:
    """What RBI still holds or counts."""
    return [row.kind for row in shop.books(RBI) if row.standing and row.kind != "void"]


async def place(shop: Shop, *, scanned: bool) -> tuple[str, dict[str, Any]]:
    """Place the example order, with a scan of its own or by the code alone."""
    order_id, order = example("rbi-combo-reward-offer")
    if scanned:
        await shop.visit("v1", order["member"])
        order["visit_id"] = "v1"
    placed = await shop.sell(order_id, {**order, "state": "placed", "payments": []})
    assert ended(placed) == ("applied", None)
    assert standing(shop) == ["hold"]
    return order_id, order


@pytest.mark.parametrize("scanned", [True, False])
@in_virtual_time
async def test_a_placed_order_nobody_finishes_gives_its_hold_back(scanned: bool) -> None:
    async with opened(account_of(RBI)) as shop:
        await place(shop, scanned=scanned)

        assert told(await everything(shop)) == [("submit", "applied"), ("release", "applied")]
        assert standing(shop) == []


@pytest.mark.parametrize("scanned", [True, False])
@in_virtual_time
async def test_a_completed_order_keeps_what_its_guest_paid_with(scanned: bool) -> None:
    async with opened(account_of(RBI)) as shop:
        order_id, order = await place(shop, scanned=scanned)
        await shop.sell(order_id, {**order, "revision": 2})

        assert told(await everything(shop)) == [("submit", "applied")] * 2
        assert standing(shop) == ["submit"]


@pytest.mark.parametrize("scanned", [True, False])
@in_virtual_time
async def test_a_placed_order_that_is_voided_has_nothing_left_to_release(scanned: bool) -> None:
    async with opened(account_of(RBI)) as shop:
        order_id, _ = await place(shop, scanned=scanned)
        await shop.undo(order_id, "void")

        assert told(await everything(shop)) == [("submit", "applied"), ("void", "applied")]
        assert standing(shop) == []


@in_virtual_time
async def test_a_claim_that_is_declined_leaves_no_hold_behind() -> None:
    async with opened(account_of(RBI)) as shop:
        drink = {"line_id": "r", "kind": "reward", "sku": "9999", "incentive_id": "inc-gone"}
        member = {"kind": "short_code", "value": "481920"}
        order = lattes("1", currency="EUR", member=member)
        order["lines"].append({**drink, "name": "Gone", "quantity": "1", "unit_price": "0.00"})
        sold = await shop.sell("1", order)

        assert ended(sold) == ("declined", "reward_unavailable")
        assert told(await everything(shop)) == [("submit", "declined"), ("release", "applied")]
        assert standing(shop) == []


@in_virtual_time
async def test_a_declined_order_s_session_is_closed_at_spoonity() -> None:
    async with opened(account_of("spoonity-ca")) as shop:
        await shop.visit("v1", {"kind": "card", "value": "7000100043"})
        dear = {"id": "f", "name": "Five off", "amount": "5.00", "reward_id": "five_off"}
        order = lattes("1", currency="CAD", total="5.00", discount_total="5.00", discounts=[dear])
        sold = await shop.sell("1", {**order, "member": {"kind": "card", "value": "7000100043"}})

        assert ended(sold)[0] == "declined"
        assert told(await everything(shop)) == [("submit", "declined"), ("release", "applied")]
        assert shop.books("spoonity-ca") == []


@in_virtual_time
async def test_a_visit_that_was_given_back_is_not_given_back_again_after_a_late_order() -> None:
    async with opened(account_of(RBI)) as shop:
        await shop.visit("v1", {"kind": "short_code", "value": "481923"})
        assert await shop.walk_away("v1")
        sold = await shop.sell("1", lattes("1", currency="EUR", visit_id="v1"))

        assert ended(sold)[0] == "declined"
        assert told(await everything(shop)) == [("release", "applied"), ("submit", "declined")]
