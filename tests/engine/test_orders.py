"""Orders through the engine: accepted, delivered in sequence, waited for, told again."""

import asyncio
from pathlib import Path

import pytest

from gateway.core.flow import Flow
from gateway.core.operation import Submit
from gateway.core.outcome import Outcome, skipped
from gateway.engine.refusal import Refused
from tests.engine.conftest import Shop, opened
from tests.engine.values import plan_of_two, refused, saying
from tests.tiny import ADAPTER, TinySite
from tests.virtual import in_virtual_time, run


def test_an_order_is_applied_within_the_wait() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        told = await shop.sell("1")
        [entry] = told.entries
        assert (entry.state, entry.sequence, entry.attempts) == ("done", 1, 1)
        assert entry.outcome is not None
        assert entry.outcome.reference == "t-1"
        assert shop.held() == [("1", True)]
        await shop.gateway.kill()

    run(story())


def test_the_same_order_again_says_nothing_twice() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        await shop.sell("1")
        again = await shop.sell("1")
        assert [entry.outcome.kind for entry in again.entries] == ["applied"]
        assert len(shop.held()) == 1
        with pytest.raises(Refused) as conflict:
            await shop.sell("1", total="6.00")
        assert conflict.value.code == "order_conflict"
        await shop.gateway.kill()

    run(story())


def test_an_outage_answers_in_time_and_is_replayed_in_sequence(tmp_path: Path) -> None:
    async def story() -> None:
        shop = Shop(tmp_path / "outbox.db")
        await shop.gateway.start()
        shop.wire.fault = lambda _account, _call: "unsent"
        for number in range(5):
            before = shop.clock.monotonic()
            told = await shop.sell(str(number), wait=2)
            assert shop.clock.monotonic() - before <= 2
            assert told.entries[0].state == "queued"
        await shop.gateway.kill()
        await shop.gateway.start()
        await shop.clock.sleep(60)
        assert shop.held() == []
        shop.wire.fault = lambda _account, _call: None
        await shop.clock.sleep(120)
        assert [receipt for receipt, _ in shop.held()] == ["0", "1", "2", "3", "4"]
        await shop.gateway.kill()

    run(story())


def test_an_order_in_doubt_is_parked_and_never_sent_again() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        shop.wire.fault = lambda _account, _call: "lost_after"
        told = await shop.sell("1")
        shop.wire.fault = lambda _account, _call: None
        await shop.clock.sleep(60)
        told = await shop.gateway.doors.orders.get(shop.gateway.store("0042"), "1")
        assert (told.entries[0].state, told.entries[0].reason) == ("parked", "in_doubt")
        same_member = await shop.sell("2")
        assert same_member.entries[0].state == "queued"
        stranger = await shop.sell("3", member="bob")
        assert stranger.entries[0].state == "done"
        assert stranger.entries[0].overtook == (1, 2)
        entry = await shop.gateway.doors.operator.settle(told.entries[0].id, "t-1", "seen", "op")
        assert entry.outcome is not None
        await shop.clock.sleep(5)
        assert [receipt for receipt, _ in shop.held()] == ["1", "3", "2"]
        await shop.gateway.kill()

    run(story())


def test_a_void_of_an_order_never_sent_cancels_both() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        shop.wire.fault = lambda _account, _call: "unsent"
        await shop.sell("1", wait=1)
        told = await shop.undo("1", wait=1)
        assert [entry.outcome.kind for entry in told.entries] == ["cancelled", "cancelled"]
        assert shop.wire.sent == []
        await shop.gateway.kill()

    run(story())


def test_a_void_follows_its_order() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        await shop.sell("1")
        told = await shop.undo("1")
        assert [entry.outcome.kind for entry in told.entries] == ["applied", "applied"]
        assert shop.held() == [("1", False)]
        with pytest.raises(Refused) as conflict:
            await shop.sell("1", revision=2, state="completed")
        assert conflict.value.code == "operation_conflict"
        await shop.gateway.kill()

    run(story())


@in_virtual_time
async def test_an_order_in_another_currency_is_refused_with_its_place() -> None:
    async with opened() as shop:
        with pytest.raises(Refused) as no:
            await shop.sell("1", currency="USD")
        assert (no.value.code, no.value.detail) == (
            "invalid_order",
            "store 0042 sells in CAD, got USD",
        )
        assert [fault.path for fault in no.value.faults] == ["currency"]
        assert await refused(shop.story("1")) == ("order_not_found", "store 0042 has no order 1")


@in_virtual_time
async def test_what_is_said_to_an_adapter_that_is_not_here_is_refused_with_its_place() -> None:
    async with opened() as shop:
        with pytest.raises(Refused) as no:
            await shop.sell("1", extensions={"tiny": {}, "tny": {"seat": 1}})
        assert (no.value.code, no.value.detail) == (
            "invalid_order",
            "no adapter tny; there are tiny",
        )
        assert [fault.path for fault in no.value.faults] == ["extensions.tny"]
        assert (await shop.sell("1", extensions={"tiny": {}})).entries[0].state == "done"


def without_a_word(_ask: Submit, _site: TinySite) -> Flow[Outcome]:
    """Have nothing to say to the vendor."""
    yield from ()
    return skipped("no_member")


@in_virtual_time
async def test_what_the_primary_cannot_be_told_is_refused_and_nothing_is_kept() -> None:
    async with opened(plan_of_two(ADAPTER, saying(submit=without_a_word))) as shop:
        assert await refused(shop.sell("1", tip="1.00")) == (
            "unsupported_by_vendor",
            "Tiny has no field for a tip",
        )
        assert await refused(shop.story("1")) == ("order_not_found", "store 0042 has no order 1")


@in_virtual_time
async def test_a_follower_that_cannot_be_told_is_declined_and_never_fails_the_sale() -> None:
    async with opened(plan_of_two(saying(submit=without_a_word), ADAPTER)) as shop:
        told = await shop.sell("1", tip="1.00")
        assert [(one.role, one.state, one.outcome.kind, one.reason) for one in told.entries] == [
            ("primary", "done", "skipped", "no_member"),
            ("follower", "done", "declined", "unsupported_by_vendor"),
        ]
        assert shop.wire.sent == []


@in_virtual_time
async def test_the_same_order_many_times_at_once_is_one_order() -> None:
    async with opened() as shop:
        told = await asyncio.gather(*(shop.sell("1") for _ in range(5)))
        assert {len(story.entries) for story in told} == {1}
        assert shop.steps == ["sell"]


@in_virtual_time
async def test_a_later_revision_keeps_the_visit_of_the_one_before() -> None:
    async with opened() as shop:
        await shop.identify("v1")
        for revision, state in ((1, "placed"), (2, "placed"), (3, "completed")):
            visit_id = "v1" if revision == 1 else None
            told = await shop.sell(
                "1", revision=revision, state=state, visit_id=visit_id, member=None
            )
        assert [entry.ask["visit"]["visit_id"] for entry in told.entries] == ["v1"] * 3
        visit = await shop.gateway.doors.visits.get(shop.store, "v1")
        assert visit.state == "taken"


@in_virtual_time
async def test_a_visit_that_was_given_back_is_not_opened_again_by_a_late_order() -> None:
    async with opened() as shop:
        await shop.identify("v1")
        assert await shop.close("v1")
        assert (await shop.sell("1", visit_id="v1", member=None)).entries[0].state == "done"
        visit = await shop.gateway.doors.visits.get(shop.store, "v1")
        assert visit.state == "closed"
