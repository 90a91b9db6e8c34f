"""Stored value: taken once, never waited for, given back where the vendor can."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.engine.payments import amount_of
from gateway.engine.refusal import Refused
from tests.api import plus
from tests.engine.conftest import LANE, Shop, opened, plan_of
from tests.engine.values import an_entry, refused
from tests.tiny import TinyCredentials
from tests.virtual import in_virtual_time, run

PLUS = plan_of(plus.ADAPTER)


def test_a_payment_is_taken_once_however_often_it_is_asked() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        for _ in range(2):
            entry = (await shop.pay("p1")).entry
            assert entry.outcome is not None
            assert entry.outcome.kind == "applied"
        assert len(shop.held()) == 1
        await shop.gateway.kill()

    run(story())


def test_a_payment_never_waits_out_an_outage() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        shop.wire.fault = lambda _account, _call: "unsent"
        with pytest.raises(Refused) as refused:
            await shop.pay("p1")
        assert refused.value.code == "vendor_unreachable"
        with pytest.raises(Refused) as refused:
            await shop.pay("p2")
        assert refused.value.code == "offline_refused"
        shop.wire.fault = lambda _account, _call: None
        await shop.clock.sleep(300)
        assert shop.held() == []
        assert (await shop.pay("p1")).entry.outcome is not None
        assert len(shop.held()) == 1
        await shop.gateway.kill()

    run(story())


def test_a_payment_whose_answer_was_lost_is_parked_and_never_sent_again() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        shop.wire.fault = lambda _account, _call: "lost_after"
        entry = (await shop.pay("p1")).entry
        assert entry.state in ("queued", "parked")
        shop.wire.fault = lambda _account, _call: None
        await shop.clock.sleep(60)
        assert (await shop.pay("p1")).entry.state == "parked"
        assert len(shop.held()) == 1
        await shop.gateway.kill()

    run(story())


@in_virtual_time
async def test_a_payment_is_given_back_once_and_says_so() -> None:
    async with opened(PLUS) as shop:
        await shop.pay("p1")
        for _ in range(2):
            story = await shop.reverse("p1")
            assert (story.entry.operation, story.reversed) == ("reverse", True)
            assert story.entry.outcome is not None
            assert story.entry.outcome.kind == "applied"
        paid = await shop.gateway.doors.payments.get(shop.store, "p1")
        assert (paid.entry.operation, paid.reversed) == ("pay", True)
        assert [stands for _, stands in shop.held()] == [False]
        code, _ = await refused(shop.reverse("p1", reason="another"))
        assert code == "order_conflict"


@in_virtual_time
async def test_a_load_is_given_back_the_same_way() -> None:
    async with opened(PLUS) as shop:
        assert (await shop.pay("l1", load=True)).entry.operation == "load"
        assert (await shop.reverse("l1")).reversed


@in_virtual_time
async def test_a_payment_that_was_not_applied_has_nothing_to_give_back() -> None:
    async with opened(PLUS) as shop:
        assert await refused(shop.reverse("p1")) == (
            "order_not_found",
            "store 0042 has no payment p1",
        )
        shop.lose("lost_before")
        await shop.pay("p1", wait=1)
        assert await refused(shop.reverse("p1")) == (
            "operation_conflict",
            "no payment p1 was applied; nothing to reverse",
        )


@in_virtual_time
async def test_a_payment_is_given_back_by_the_vendor_that_took_it_or_not_at_all() -> None:
    async with opened(PLUS) as shop:
        await shop.pay("p1")
        moved = replace(shop.store.routes[0], vendor="tiny-2")
        shop.gateway.replan(replace(shop.store, routes=(moved,)))
        assert await refused(shop.reverse("p1")) == (
            "unsupported_operation",
            "tiny-ca is no vendor here any more",
        )


@in_virtual_time
async def test_a_payment_older_than_retention_is_known_and_cannot_be_given_back() -> None:
    async with opened(PLUS) as shop:
        await shop.pay("p1")
        await shop.forget()
        assert (await shop.pay("p1")).entry.outcome is not None
        assert len(shop.held()) == 1
        assert await refused(shop.reverse("p1")) == (
            "operation_conflict",
            "the payment is older than this gateway remembers",
        )


@in_virtual_time
async def test_what_the_vendor_cannot_do_is_refused_before_anything_is_kept() -> None:
    async with opened() as shop:
        assert await refused(shop.pay("p1", load=True)) == (
            "unsupported_operation",
            "Tiny cannot load: Tiny only takes",
        )
        assert (await refused(shop.gateway.doors.payments.get(shop.store, "p1")))[0] == (
            "order_not_found"
        )
        shop.gateway.replan(replace(shop.store, routes=()))
        assert await refused(shop.pay("p1")) == (
            "unsupported_operation",
            "store 0042 has no vendor for it",
        )


@in_virtual_time
async def test_the_same_id_with_another_amount_is_a_conflict() -> None:
    async with opened() as shop:
        await shop.pay("p1")
        assert await refused(shop.pay("p1", amount="6.00")) == (
            "order_conflict",
            "p1 was asked with another body",
        )
        assert len(shop.held()) == 1


@in_virtual_time
async def test_a_payment_of_a_visit_goes_by_the_member_the_vendor_knows() -> None:
    async with opened() as shop:
        await shop.identify("v1")
        paid = (await shop.pay("p1", visit_id="v1")).entry
        assert paid.ask["visit"]["member_id"] == "m-ana"
        assert await refused(shop.pay("p2", visit_id="v9")) == (
            "visit_not_found",
            "store 0042 has no visit v9",
        )


@in_virtual_time
async def test_a_payment_behind_one_that_takes_long_is_cancelled_when_the_wait_ends() -> None:
    async with opened() as shop:
        shop.wire.latency_seconds = 10
        await shop.sell("1", wait=0)
        assert await refused(shop.pay("p1", member="bob")) == (
            "vendor_unreachable",
            "tiny-ca was not reached; nothing was sent",
        )
        await shop.clock.sleep(60)
        assert shop.held() == [("1", True)]
        shop.wire.latency_seconds = 0
        assert (await shop.pay("p1", member="bob")).entry.state == "done"


@in_virtual_time
async def test_a_payment_nobody_waits_for_any_more_is_not_sent_after_a_restart() -> None:
    async with opened() as shop:
        shop.wire.latency_seconds = 10
        await shop.sell("1", wait=0)
        pay = asyncio.create_task(shop.pay("p1", member="bob"))
        await shop.clock.sleep(1)
        pay.cancel()
        await shop.gateway.kill()
        shop.wire.latency_seconds = 0
        await shop.gateway.start()
        await shop.clock.sleep(30)
        paid = (await shop.gateway.doors.payments.get(shop.store, "p1")).entry
        assert paid.outcome is not None
        assert (paid.outcome.kind, paid.outcome.detail) == (
            "cancelled",
            "the gateway stopped before it was sent",
        )
        assert "take" not in shop.steps


@in_virtual_time
async def test_a_payment_for_an_order_waits_for_that_order_and_no_longer_than_the_till() -> None:
    async with opened() as shop:
        shop.lose("lost_before")
        await shop.sell("1", wait=1)
        shop.lose(None)
        assert (await refused(shop.pay("p1", member="bob", order_id="1")))[0] == (
            "vendor_unreachable"
        )
        assert (await shop.pay("p2", member="bob")).entry.state == "done"
        [row] = shop.held()
        assert row == ("p2", True)


@in_virtual_time
async def test_a_payment_on_its_way_when_the_wait_ends_is_not_cancelled() -> None:
    async with opened() as shop:
        shop.wire.latency_seconds = 10
        assert (await shop.pay("p1")).entry.state == "queued"
        await shop.clock.sleep(10)
        assert (await shop.pay("p1")).entry.state == "done"
        assert len(shop.held()) == 1


@in_virtual_time
async def test_a_payment_that_ends_at_the_last_moment_is_told_as_it_ended() -> None:
    async with opened() as shop:
        payments = shop.gateway.doors.payments
        paid = (await shop.pay("p1")).entry
        assert await payments._cancel(paid) == paid


@in_virtual_time
async def test_a_vendor_that_answers_with_a_refused_credential_took_nothing() -> None:
    async with opened() as shop:
        shop.wire.credentials["tiny-ca"] = TinyCredentials.model_validate({"key": "old"})
        assert (await refused(shop.pay("p1")))[0] == "vendor_unreachable"
        [lane] = await shop.gateway.doors.operator.lanes()
        assert (lane["lane"], lane["queued"], lane["done"]) == (LANE, 0, 1)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ({"amount": "5.00"}, Decimal("5.00")),
        ({"payment": {"amount": "4.50"}, "reason": "mistake"}, Decimal("4.50")),
        ({}, None),
    ],
)
def test_the_amount_is_the_payments_own_also_of_its_reversal(
    ask: dict[str, Any], expected: Decimal | None
) -> None:
    assert amount_of(an_entry(operation="pay", ask=ask)) == expected
