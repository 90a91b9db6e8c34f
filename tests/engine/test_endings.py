"""What is learnt and owed when an entry ends: the member's names, and what a vendor holds."""

from typing import Any

import pytest

from gateway.core.flow import Flow, repeatable
from gateway.core.operation import Submit
from gateway.core.outcome import Outcome, applied, declined
from tests.engine.conftest import Shop, opened, plan_of
from tests.engine.values import saying
from tests.tiny import Answer, TinySite
from tests.virtual import in_virtual_time

TTL_SECONDS = 1800


def holding() -> Any:
    """An adapter whose placed orders take a seat themselves; 666 is declined after that."""

    def submit(ask: Submit, _site: TinySite) -> Flow[Outcome]:
        if ask.order.state != "placed":
            yield repeatable("pay", "POST", "/seats/free", body={"seat": "none"})
            return applied(reference=ask.order_id)
        find = repeatable("find", "POST", "/members", body={"name": "ana"})
        seat = (yield find).parse(Answer).reference
        keep = {"seat": seat, "holds": True}
        if ask.order.total == 666:
            return declined("reward_limit", keep=keep)
        return applied(reference=ask.order_id, keep=keep)

    return saying(submit=submit)


async def lasts(shop: Shop, seconds: float) -> list[str]:
    """The seats that are still held after so long."""
    await shop.clock.sleep(seconds)
    return shop.tiny.seats


@in_virtual_time
async def test_a_hold_taken_inside_an_order_is_given_back_when_nobody_finishes_it() -> None:
    async with opened(plan_of(holding())) as shop:
        await shop.sell("1", state="placed")
        assert await lasts(shop, TTL_SECONDS - 60) == ["seat-0"]
        assert await lasts(shop, 120) == []


@in_virtual_time
async def test_a_hold_ends_with_its_order_however_it_ends() -> None:
    async with opened(plan_of(holding())) as shop:
        await shop.sell("1", state="placed")
        await shop.sell("1", revision=2)
        assert await lasts(shop, 2 * TTL_SECONDS) == ["seat-0"]
        await shop.sell("2", state="placed")
        await shop.undo("2")
        assert await lasts(shop, 2 * TTL_SECONDS) == ["seat-0", "seat-1"]
        assert "free" not in shop.steps


@in_virtual_time
async def test_a_hold_of_an_order_that_was_declined_goes_back_soon() -> None:
    async with opened(plan_of(holding())) as shop:
        await shop.sell("1", total="666", state="placed")
        assert await lasts(shop, TTL_SECONDS + 60) == []


@in_virtual_time
async def test_an_order_undone_leaves_nothing_of_its_visit_to_release() -> None:
    async with opened() as shop:
        await shop.identify("v1")
        await shop.sell("1", visit_id="v1", member=None)
        await shop.undo("1")
        assert await lasts(shop, 2 * TTL_SECONDS) == ["seat-0"]
        visit = await shop.gateway.doors.visits.get(shop.store, "v1")
        assert visit.state == "closed"


EMAIL = {"kind": "email", "value": "ana@example.test", "phone": "+1"}
PHONE = {"kind": "phone", "value": "+1"}
CARD = {"kind": "card", "value": "7"}


@pytest.mark.parametrize(
    ("first", "stuck", "later", "waits"),
    [
        ([EMAIL], EMAIL, PHONE, True),
        ([PHONE, CARD], PHONE, CARD, True),
        ([PHONE], PHONE, CARD, False),
        ([None], None, CARD, False),
    ],
)
@in_virtual_time
async def test_a_member_the_vendor_knows_is_one_member_under_every_name(
    first: list[Any], stuck: Any, later: Any, waits: bool
) -> None:
    def submit(ask: Submit, _site: TinySite) -> Flow[Outcome]:
        yield repeatable("find", "POST", "/members", body={"name": "ana"})
        if ask.order_id == "stuck":
            raise KeyError
        return applied(member_id="m-1")

    async with opened(plan_of(saying(submit=submit))) as shop:
        for number, member in enumerate(first):
            await shop.sell(f"{number}", member=member)
        assert (await shop.sell("stuck", member=stuck)).entries[0].state == "parked"
        told = await shop.sell("later", member=later)
        assert (told.entries[0].state == "queued") is waits
