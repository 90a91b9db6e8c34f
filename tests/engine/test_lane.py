"""One lane: who waits, who is parked, who passes, and what a person is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.adapter import Adapter
from gateway.core.errors import (
    InDoubt,
    LookAgain,
    OrderRefused,
    ReplayMismatch,
    Throttled,
    VendorNonsense,
)
from gateway.core.flow import Flow, once, repeatable
from gateway.core.operation import Submit
from gateway.core.outcome import Outcome, applied
from gateway.engine import policy
from gateway.engine.hold import DRAIN_SPREAD_SECONDS
from gateway.engine.lane import WINDOW
from gateway.engine.policy import Pick
from gateway.engine.ports import Damaged
from gateway.engine.rows import Entry
from tests.engine.conftest import LANE, Shop, opened, plan_of
from tests.engine.values import saying
from tests.tiny import Answer, TinyCredentials, TinySite
from tests.virtual import in_virtual_time

LOOK_SECONDS = 60
UNTIL_SECONDS = 600


def failing(error: Exception) -> Adapter:
    """An adapter whose submit fails like this at its second step, on every run."""

    def submit(ask: Submit, _site: TinySite) -> Flow[Outcome]:
        yield repeatable("find", "POST", "/members", body={"name": "ana"}, fresh=True)
        if ask.order.receipt_number.startswith("bad"):
            raise error
        return applied(reference=ask.order_id)

    return saying(submit=submit)


def looking() -> Adapter:
    """An adapter that looks for its order once in doubt: a seat stands for the order there."""

    def submit(ask: Submit, _site: TinySite) -> Flow[Outcome]:
        body = {"id": ask.order_id, "total": 5, "member": None}
        try:
            answer = (yield once("sell", "POST", "/sales", body=body)).parse(Answer)
            return applied(reference=answer.reference)
        except (InDoubt, VendorNonsense):
            look = repeatable("look", "POST", "/members", body={"name": ask.order_id}, fresh=True)
            found = (yield look).parse(Answer)
        if found.ok:
            return applied(reference=found.reference)
        raise LookAgain(LOOK_SECONDS, UNTIL_SECONDS)

    return saying(submit=submit)


async def entry_of(shop: Shop, order_id: str) -> Entry:
    """The latest entry of an order."""
    return (await shop.story(order_id)).entries[-1]


@pytest.mark.parametrize(
    ("error", "reason", "detail"),
    [
        (OrderRefused("a tip has no field"), "unsupported_by_vendor", "a tip has no field"),
        (ReplayMismatch("step 2 was sell"), "gateway_fault", "step 2 was sell"),
        (Damaged("step|entry:1|1: altered"), "gateway_fault", "step|entry:1|1: altered"),
        (KeyError("secret of a guest"), "gateway_fault", "KeyError in the gateway"),
    ],
)
@in_virtual_time
async def test_what_does_not_get_further_is_parked_with_its_sentence_and_the_lane_goes_on(
    error: Exception, reason: str, detail: str
) -> None:
    async with opened(plan_of(failing(error))) as shop:
        parked = (await shop.sell("bad")).entries[0]
        assert (parked.state, parked.reason, parked.detail) == ("parked", reason, detail)
        other = (await shop.sell("2", member="bob")).entries[0]
        assert (other.state, other.overtook) == ("done", (1,))
        assert "secret" not in str(shop.gateway.log.lines)
        failed = shop.gateway.log.events("entry.failed")
        assert [facts["error"] for facts in failed] == ["KeyError"] * isinstance(error, KeyError)


@in_virtual_time
async def test_three_parks_with_one_reason_stop_the_lane_until_a_person_looks() -> None:
    async with opened(plan_of(failing(ReplayMismatch("said other things")))) as shop:
        for number in range(policy.PARKS_IN_A_ROW):
            await shop.sell(f"bad{number}", member=f"m{number}")
        waiting = (await shop.sell("2", member="bob", wait=60)).entries[0]
        assert waiting.state == "queued"
        [stopped] = shop.gateway.log.events("lane.stopped")
        assert stopped["detail"] == "3 entries in a row were parked: gateway_fault"
        await shop.gateway.doors.operator.resume(LANE, "op")
        await shop.clock.sleep(1)
        assert (await entry_of(shop, "2")).state == "done"


@in_virtual_time
async def test_a_delivery_between_parks_begins_the_count_again() -> None:
    async with opened(plan_of(failing(ReplayMismatch("said other things")))) as shop:
        for number in range(2 * policy.PARKS_IN_A_ROW):
            await shop.sell(f"bad{number}", member=f"m{number}")
            await shop.sell(f"{number}", member=f"n{number}")
        assert len(await shop.parked()) == 2 * policy.PARKS_IN_A_ROW
        assert shop.gateway.log.events("lane.stopped") == []


@in_virtual_time
async def test_who_wants_nothing_to_pass_a_parked_one_gets_that() -> None:
    async with opened(plan_of(failing(KeyError()), on_park="stop_lane")) as shop:
        await shop.sell("1")
        parked = (await shop.sell("bad", member="bob")).entries[0]
        assert (await shop.sell("2", member="eve")).entries[0].state == "queued"
        await shop.gateway.doors.operator.skip(parked.id, "paid cash", "op")
        await shop.clock.sleep(1)
        assert (await entry_of(shop, "2")).state == "done"


@in_virtual_time
async def test_however_many_wait_for_a_parked_one_the_next_guest_is_served() -> None:
    async with opened(plan_of(failing(KeyError()))) as shop:
        await shop.sell("bad")
        for number in range(3 * WINDOW):
            await shop.sell(f"{number}", wait=0)
        stranger = (await shop.sell("x", member="bob")).entries[0]
        assert stranger.state == "done"
        assert stranger.overtook == tuple(range(1, 3 * WINDOW + 2))


@in_virtual_time
async def test_an_entry_that_kills_the_process_three_times_is_parked(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "outbox.db")
    shop.wire.latency_seconds = 5
    await shop.gateway.start()
    await shop.sell("1", wait=30)
    await shop.undo("1", wait=1)
    await shop.gateway.kill()
    for _ in range(policy.STARTS - 1):
        await shop.gateway.start()
        await shop.clock.sleep(1)
        await shop.gateway.kill()
    assert shop.steps == ["sell", *["unsell"] * policy.STARTS]
    await shop.gateway.start()
    await shop.clock.sleep(1)
    [parked] = await shop.parked()
    assert (parked.operation, parked.reason) == ("void", "gateway_fault")
    assert parked.detail == "3 starts ended with the process"
    await shop.gateway.doors.operator.retry(parked.id, "op")
    await shop.clock.sleep(6)
    assert (await entry_of(shop, "1")).state == "done"
    await shop.gateway.kill()


@in_virtual_time
async def test_a_credential_that_is_refused_alarms_once_and_the_whole_lane_waits() -> None:
    async with opened() as shop:
        good = shop.wire.credentials["tiny-ca"]
        shop.wire.credentials["tiny-ca"] = TinyCredentials.model_validate({"key": "old"})
        for number in ("1", "2"):
            told = await shop.sell(number, member=f"m{number}", wait=1)
            assert told.entries[0].state == "queued"
        await shop.clock.sleep(300)
        assert (await entry_of(shop, "1")).reason == "unauthorized"
        assert shop.gateway.log.events("credential.refused") == [
            {"store": "0042", "vendor": "tiny-ca", "lane": LANE}
        ]
        [lane] = await shop.gateway.doors.operator.lanes()
        assert (lane["state"], lane["reason"]) == ("waiting", "unauthorized")
        shop.wire.credentials["tiny-ca"] = good
        await shop.clock.sleep(60)
        assert [receipt for receipt, _ in shop.held()] == ["1", "2"]


@in_virtual_time
async def test_evidence_that_comes_late_ends_an_entry_and_nobody_else_waited() -> None:
    async with opened(plan_of(looking())) as shop:
        shop.lose("lost_before")
        await shop.sell("nobody", wait=1)
        shop.lose(None)
        await shop.clock.sleep(10)
        looked = await entry_of(shop, "nobody")
        assert (looked.state, looked.reason, looked.lost_runs) == ("queued", "in_doubt", 0)
        assert looked.detail == f"looking again in {LOOK_SECONDS} s"
        stranger = (await shop.sell("2", member="bob")).entries[0]
        assert (stranger.state, stranger.overtook) == ("done", (1,))
        assert (await shop.sell("3")).entries[0].state == "queued"
        looks = shop.steps.count("look")
        await shop.clock.sleep(5 * LOOK_SECONDS)
        assert shop.steps.count("look") == looks + 5
        answers = shop.tiny._members
        shop.tiny._members = lambda body: answers({**body, "name": "x"})  # type: ignore[method-assign]  # shown now
        await shop.clock.sleep(LOOK_SECONDS)
        assert [entry.state for entry in (await shop.story("nobody")).entries] == ["done"]
        assert (await entry_of(shop, "3")).state == "done"


@pytest.mark.parametrize("fault", ["lost_before", "html"])
@pytest.mark.parametrize(
    ("shift", "restarts", "longest_seconds"),
    [
        (timedelta(), False, UNTIL_SECONDS),
        (timedelta(days=-30), False, UNTIL_SECONDS),
        (timedelta(days=30), False, 2 * LOOK_SECONDS),
        (timedelta(), True, UNTIL_SECONDS),
    ],
)
@in_virtual_time
async def test_a_look_in_vain_ends_with_its_time_whatever_the_wall_clock_says(
    fault: str, shift: timedelta, restarts: bool, longest_seconds: int, tmp_path: Path
) -> None:
    shop = Shop(tmp_path / "outbox.db", plan_of(looking()))
    await shop.gateway.start()
    shop.lose(fault)
    await shop.sell("nobody", wait=1)
    shop.lose(None)
    await shop.clock.sleep(LOOK_SECONDS)
    shop.clock.shift = shift
    if restarts:
        await shop.gateway.kill()
        await shop.gateway.start()
    await shop.clock.sleep(longest_seconds + LOOK_SECONDS)
    parked = await entry_of(shop, "nobody")
    assert (parked.state, parked.reason) == ("parked", "in_doubt")
    assert parked.detail == "looked in vain until the time was up"
    assert shop.steps.count("sell") == 1
    assert shop.steps.count("look") <= UNTIL_SECONDS // LOOK_SECONDS + 3
    await shop.gateway.kill()


@in_virtual_time
async def test_an_entry_that_never_gets_a_reply_and_has_no_witness_waits_as_in_an_outage() -> None:
    async with opened() as shop:
        await shop.sell("1")
        shop.lose("error")
        await shop.undo("1", wait=1)
        await shop.clock.sleep(600)
        void = await entry_of(shop, "1")
        assert void.state == "queued"
        assert void.lost_runs > policy.LOST_RUNS
        shop.lose(None)
        await shop.clock.sleep(60)
        assert (await entry_of(shop, "1")).state == "done"


@in_virtual_time
async def test_an_entry_that_ended_before_it_was_begun_is_not_begun() -> None:
    async with opened() as shop:
        done = (await shop.sell("1")).entries[0]
        lane = shop.gateway.doors.desk.lanes.known()[LANE]
        assert await lane._begin(Pick(entry_id=done.id, overtakes=())) is None
        assert (await entry_of(shop, "1")).attempts == 1


@in_virtual_time
async def test_an_alarm_of_the_adapter_is_told_and_changes_nothing() -> None:
    def submit(_ask: Submit, _site: TinySite) -> Flow[Outcome]:
        yield repeatable("find", "POST", "/members", body={"name": "ana"})
        return applied(alarm="the total they hold is another")

    async with opened(plan_of(saying(submit=submit))) as shop:
        assert (await shop.sell("1")).entries[0].outcome.kind == "applied"
        [alarm] = shop.gateway.log.events("entry.alarmed")
        assert (alarm["order"], alarm["detail"]) == ("1", "the total they hold is another")


@in_virtual_time
async def test_a_vendor_that_is_back_wakes_its_own_lanes_and_no_others() -> None:
    async with opened() as shop:
        lanes = shop.gateway.doors.desk.lanes
        own, other = lanes.lane("0042", "tiny-ca"), lanes.lane("0042", "tiny-2")
        for lane in (own, other):
            lane._hold.after(Throttled(retry_after_seconds=100))
            lane._hold.reason = "unreachable"
        lanes._vendor_is_back("tiny-ca")
        assert own.hold_seconds() <= DRAIN_SPREAD_SECONDS
        assert other.hold_seconds() >= 100
