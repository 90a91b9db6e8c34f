"""One flow run once over its journal: said, recalled, doubted, stopped."""

from typing import Any

import pytest

from gateway.core.errors import (
    FlowTooLong,
    InDoubt,
    NoReply,
    NotSent,
    ReplayMismatch,
    VendorNonsense,
)
from gateway.core.flow import STEPS, Call, Flow, Reply, once, repeatable
from gateway.engine.ports import Account
from gateway.engine.runner import first_call
from tests.engine.conftest import SITE, Shop, opened
from tests.tiny import Answer, understands
from tests.virtual import in_virtual_time

SELL = once("sell", "POST", "/sales", body={"id": "1", "total": 5, "member": None})
FIND = repeatable("find", "POST", "/members", body={"name": "ana"}, fresh=True)
COURTESY = repeatable("free", "POST", "/seats/free", body={"seat": "seat-0"}, optional=True)


async def run_flow(shop: Shop, flow: Flow[Any], owner: str = "test:1") -> Any:
    """Run a flow as one owner."""
    return await shop.gateway.doors.desk.runner.run(
        flow,
        owner=owner,
        account=Account(vendor="tiny-ca", store="0042"),
        site=SITE,
        understands=understands,
        facts={},
    )


def saying_all(*calls: Call) -> Flow[list[Reply]]:
    """Say these calls, whatever is answered."""
    heard: list[Reply] = []
    for call in calls:
        heard += [(yield call)]
    return heard


@in_virtual_time
async def test_a_finished_flow_is_recalled_and_says_nothing_again() -> None:
    async with opened() as shop:
        first = await run_flow(shop, saying_all(SELL, COURTESY))
        assert await run_flow(shop, saying_all(SELL, COURTESY)) == first
        assert shop.steps == ["sell", "free"]


@in_virtual_time
async def test_a_read_is_fresh_until_something_after_it_has_been_said() -> None:
    async with opened() as shop:
        for _ in range(2):
            await run_flow(shop, saying_all(FIND))
        await run_flow(shop, saying_all(FIND, SELL))
        await run_flow(shop, saying_all(FIND, SELL))
        assert shop.steps == ["find", "find", "find", "sell"]


@pytest.mark.parametrize(
    "other",
    [
        once("sell", "POST", "/sales", body={"id": "1", "total": 6, "member": None}),
        once("other", "POST", "/sales", body={"id": "1", "total": 5, "member": None}),
    ],
)
@in_virtual_time
async def test_a_flow_that_says_other_things_than_its_journal_is_stopped(other: Call) -> None:
    async with opened() as shop:
        await run_flow(shop, saying_all(SELL))
        with pytest.raises(ReplayMismatch, match="step 1 was sell, and is now"):
            await run_flow(shop, saying_all(other))
        assert shop.steps == ["sell"]


@in_virtual_time
async def test_a_call_in_doubt_is_told_to_the_flow_every_time_and_never_sent_again() -> None:
    async with opened() as shop:
        shop.lose("lost_before")
        with pytest.raises(NoReply):
            await run_flow(shop, saying_all(SELL))
        shop.lose(None)
        for _ in range(2):
            with pytest.raises(InDoubt, match="sell was sent, and no answer came back"):
                await run_flow(shop, saying_all(SELL))
        assert shop.steps == ["sell"]
        assert len(shop.gateway.log.events("call.doubted")) == 1


@pytest.mark.parametrize("fault", ["unsent", "lost_after", "error"])
@in_virtual_time
async def test_a_courtesy_nobody_answers_never_fails(fault: str) -> None:
    async with opened() as shop:
        shop.lose(fault)
        [reply] = await run_flow(shop, saying_all(COURTESY))
        assert (reply.status, reply.body) == (0, b"")


@in_virtual_time
async def test_a_fresh_read_that_was_not_sent_leaves_nothing_behind() -> None:
    async with opened() as shop:
        shop.lose("unsent")
        with pytest.raises(NotSent):
            await run_flow(shop, saying_all(FIND))
        assert await shop.gateway.outbox.read(lambda tx: tx.steps("test:1")) == []


@pytest.mark.parametrize(("fault", "repeated"), [("unsent", False), ("lost_after", True)])
@in_virtual_time
async def test_an_answer_says_whether_an_earlier_try_may_have_arrived(
    fault: str, repeated: bool
) -> None:
    again = repeatable("again", "POST", "/members", body={"name": "ana"})
    async with opened() as shop:
        shop.lose(fault)
        for _ in range(2):
            with pytest.raises(Exception, match="connection"):
                await run_flow(shop, saying_all(again))
        shop.lose(None)
        for _ in range(2):
            [reply] = await run_flow(shop, saying_all(again))
            assert reply.repeated is repeated


def reading(call: Call) -> Flow[Answer]:
    """Say a call and read what comes back."""
    return (yield call).parse(Answer)


@in_virtual_time
async def test_nonsense_to_a_question_was_somebody_else_and_it_is_asked_again() -> None:
    again = repeatable("again", "POST", "/members", body={"name": "ana"})
    async with opened() as shop:
        for call, owner in ((FIND, "test:1"), (again, "test:2")):
            shop.lose("html")
            with pytest.raises(NoReply, match="not JSON"):
                await run_flow(shop, reading(call), owner)
            shop.lose(None)
            assert (await run_flow(shop, reading(call), owner)).member == "m-ana"


@in_virtual_time
async def test_nonsense_to_a_call_that_moves_value_stays_what_was_answered() -> None:
    async with opened() as shop:
        shop.lose("html")
        for _ in range(2):
            with pytest.raises(VendorNonsense, match="HTTP 200 with a body that is not JSON"):
                await run_flow(shop, reading(SELL))
            shop.lose(None)
        assert shop.steps == ["sell"]


def talking_nonsense() -> Flow[None]:
    """Find its own arguments to be nonsense."""
    yield from ()
    raise VendorNonsense("a reward without an id")


@in_virtual_time
async def test_nonsense_before_anything_was_said_is_nobody_elses() -> None:
    async with opened() as shop:
        with pytest.raises(VendorNonsense, match="a reward without an id"):
            await run_flow(shop, talking_nonsense())


@pytest.mark.parametrize(("calls", "too_long"), [(STEPS, False), (STEPS + 1, True)])
@in_virtual_time
async def test_a_flow_that_does_not_come_to_an_end_is_stopped(calls: int, too_long: bool) -> None:
    async with opened() as shop:
        if too_long:
            with pytest.raises(FlowTooLong, match="more than 60 calls"):
                await run_flow(shop, saying_all(*[FIND] * calls))
        else:
            await run_flow(shop, saying_all(*[FIND] * calls))
        assert len(shop.steps) == STEPS


def test_a_first_step_is_taken_and_the_rest_thrown_away() -> None:
    closed = []

    def flow() -> Flow[str]:
        try:
            yield SELL
        finally:
            closed.append(True)
        return "never"

    assert first_call(flow()) is SELL
    assert closed == [True]
    assert first_call(saying_all()) == []
