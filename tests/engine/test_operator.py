"""What a person may do to entries and lanes, and what they see of them."""

from typing import Any

import pytest

from gateway.engine.refusal import Refused
from tests.engine.conftest import LANE, Shop, opened
from tests.virtual import in_virtual_time

NOT_PARKED = ("operation_conflict", "entry 1 is done, only a parked one may")


async def doubted(shop: Shop, fault: str = "lost_before") -> int:
    """An order nobody knows about, parked; its entry's id."""
    shop.lose(fault)
    await shop.sell("1", wait=1)
    shop.lose(None)
    await shop.clock.sleep(10)
    [parked] = await shop.parked()
    return parked.id


async def ending(shop: Shop, entry_id: int) -> tuple[str, str | None]:
    """The state of an entry, and what became of it."""
    entry = await shop.gateway.doors.operator.entry(entry_id)
    return entry.state, entry.outcome.kind if entry.outcome else None


@pytest.mark.parametrize(
    ("fault", "reason"), [("lost_before", "in_doubt"), ("html", "vendor_nonsense")]
)
@in_virtual_time
async def test_what_may_have_happened_is_sent_again_only_if_a_person_says_so(
    fault: str, reason: str
) -> None:
    async with opened() as shop:
        operator = shop.gateway.doors.operator
        entry_id = await doubted(shop, fault)
        assert (await operator.entry(entry_id)).reason == reason
        await operator.retry(entry_id, "op")
        await shop.clock.sleep(5)
        assert await ending(shop, entry_id) == ("parked", None)
        assert shop.steps == ["sell"]
        if fault == "html":
            shop.tiny.rows.clear()
        await operator.retry(entry_id, "op", reason="not in their list", send_again=True)
        await shop.clock.sleep(5)
        assert await ending(shop, entry_id) == ("done", "applied")
        assert shop.steps == ["sell", "sell"]
        assert shop.held() == [("1", True)]


@in_virtual_time
async def test_what_did_happen_is_settled_and_may_be_undone_under_its_reference() -> None:
    async with opened() as shop:
        shop.lose("lost_after")
        await shop.sell("1", wait=1)
        shop.lose(None)
        await shop.clock.sleep(5)
        [parked] = await shop.parked()
        settled = await shop.gateway.doors.operator.settle(parked.id, "t-1", "in their list", "Sam")
        assert settled.outcome is not None
        assert (settled.outcome.kind, settled.outcome.reference) == ("applied", "t-1")
        assert settled.outcome.detail == "settled by Sam: it did happen"
        assert (await shop.undo("1")).entries[-1].outcome.kind == "applied"
        assert shop.held() == [("1", False)]


@pytest.mark.parametrize(
    ("said", "known"), [(True, "it may have reached the vendor"), (False, "nothing was sent")]
)
@in_virtual_time
async def test_what_is_given_up_is_cancelled_and_says_what_is_known_of_it(
    said: bool, known: str
) -> None:
    async with opened() as shop:
        if said:
            entry_id = await doubted(shop)
        else:
            shop.lose()
            entry_id = (await shop.sell("1", wait=0)).entries[0].id
            await shop.clock.sleep(1)
            await shop.gateway.outbox.write(
                lambda tx: tx.park(entry_id, "gateway_fault", "by hand")
            )
            shop.lose(None)
        given_up = await shop.gateway.doors.operator.skip(entry_id, "paid cash", "Sam")
        assert given_up.outcome is not None
        assert given_up.outcome.kind == "cancelled"
        assert given_up.outcome.detail == f"given up by Sam; {known}"
        assert shop.held() == []


@in_virtual_time
async def test_what_depends_on_an_entry_goes_on_when_it_is_given_up() -> None:
    async with opened() as shop:
        entry_id = await doubted(shop)
        assert (await shop.sell("2")).entries[0].state == "queued"
        await shop.gateway.doors.operator.skip(entry_id, "paid cash", "Sam")
        await shop.clock.sleep(1)
        assert shop.held() == [("2", True)]


@pytest.mark.parametrize(
    ("act", "args", "code", "detail"),
    [
        ("entry", (99,), "entry_not_found", "there is no entry 99"),
        ("retry", (99, "op"), "entry_not_found", "there is no entry 99"),
        ("retry", (1, "op"), *NOT_PARKED),
        ("skip", (1, "r", "op"), *NOT_PARKED),
        (
            "settle",
            (1, "t", "r", "op"),
            *NOT_PARKED,
        ),
        ("ack", (1, "op"), "operation_conflict", "entry 1 does not wait for anybody"),
        ("resume", ("0042/nobody", "op"), "lane_not_found", "there is no lane 0042/nobody"),
    ],
)
@in_virtual_time
async def test_what_cannot_be_done_is_refused_and_changes_nothing(
    act: str, args: tuple[Any, ...], code: str, detail: str
) -> None:
    async with opened() as shop:
        before = (await shop.sell("1")).entries
        with pytest.raises(Refused) as refused:
            await getattr(shop.gateway.doors.operator, act)(*args)
        assert (refused.value.code, refused.value.detail) == (code, detail)
        assert (await shop.story("1")).entries == before
        assert shop.gateway.log.events("operator.acted") == []


async def _lane(shop: Shop) -> tuple[Any, ...]:
    [lane] = await shop.gateway.doors.operator.lanes()
    counts = tuple(lane[name] for name in ("accepted", "done", "queued", "parked"))
    return lane["state"], lane["reason"], counts


@in_virtual_time
async def test_a_lane_is_idle_running_waiting_or_stopped_and_says_why() -> None:
    async with opened() as shop:
        operator = shop.gateway.doors.operator
        assert await operator.lanes() == []
        await shop.sell("1")
        assert await _lane(shop) == ("idle", None, (1, 1, 0, 0))
        shop.wire.latency_seconds = 10
        await shop.sell("2", wait=1)
        await shop.clock.sleep(5)
        assert await _lane(shop) == ("running", None, (2, 1, 1, 0))
        [lane] = await operator.lanes()
        assert (lane["oldest_age_seconds"], lane["next_attempt_in_seconds"]) == (6, 0)
        await shop.clock.sleep(10)
        shop.lose()
        await shop.sell("3", wait=0)
        await shop.clock.sleep(0.01)
        assert await _lane(shop) == ("waiting", "unreachable", (3, 2, 1, 0))
        [lane] = await operator.lanes()
        assert lane["next_attempt_in_seconds"] > 0
        why = "three in a row"
        await shop.gateway.outbox.write(lambda tx: tx.stop_lane(LANE, why))
        assert await _lane(shop) == ("stopped", why, (3, 2, 1, 0))


@in_virtual_time
async def test_a_lane_whose_entries_are_all_parked_is_idle_and_counts_them() -> None:
    async with opened() as shop:
        await doubted(shop)
        assert await _lane(shop) == ("idle", None, (1, 0, 0, 1))
        [lane] = await shop.gateway.doors.operator.lanes()
        assert lane["oldest_age_seconds"] is None


@in_virtual_time
async def test_a_lane_nobody_works_in_any_more_is_still_shown() -> None:
    async with opened() as shop:
        shop.lose()
        await shop.sell("1", wait=0)
        shop.gateway.doors.desk.lanes._lanes.clear()
        state, reason, _ = await _lane(shop)
        assert (state, reason) == ("running", None)


@in_virtual_time
async def test_a_person_may_end_a_lanes_wait() -> None:
    async with opened() as shop:
        shop.lose()
        await shop.sell("1", wait=0)
        await shop.clock.sleep(100)
        shop.lose(None)
        shop.gateway.doors.desk.gates.of("tiny-ca")._failures = 0
        await shop.gateway.doors.operator.resume(LANE, "op", reason="the line is mended")
        await shop.clock.sleep(0.01)
        assert shop.held() == [("1", True)]
