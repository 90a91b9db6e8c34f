"""Void and refund: they follow their order everywhere, once, and end here what was never said."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.core.operation import Record, ReturnedLine
from gateway.core.order import STATES
from gateway.core.outcome import Outcome, OutcomeKind
from gateway.engine.delivery import record_of
from gateway.engine.refusal import Refused
from tests.api import plus
from tests.engine.conftest import latte, opened, plan_of
from tests.engine.values import an_entry, plan_of_two, refused
from tests.tiny import ADAPTER, void
from tests.virtual import in_virtual_time

PART = (ReturnedLine(line_id="1", quantity=Decimal(1)),)
PLUS_WHOLE = replace(
    plus.ADAPTER,
    operations={
        **plus.ADAPTER.operations,
        "refund": replace(plus.ADAPTER.operations["refund"], flow=void),
    },
)


def ends(story: Any) -> list[tuple[str, str, str | None]]:
    """How every entry of an order stands: operation, vendor, outcome or state."""
    return [
        (one.operation, one.vendor, one.outcome.kind if one.outcome else one.state)
        for one in story.entries
    ]


@in_virtual_time
async def test_the_same_void_twice_at_once_is_said_once() -> None:
    async with opened() as shop:
        await shop.sell("1")
        told = await asyncio.gather(*(shop.undo("1") for _ in range(4)))
        expected = [("submit", "tiny-ca", "applied"), ("void", "tiny-ca", "applied")]
        assert [ends(story) for story in told] == [expected] * 4
        assert shop.steps == ["sell", "unsell"]


@in_virtual_time
async def test_of_a_void_and_a_refund_at_once_only_the_first_is_taken() -> None:
    async with opened(plan_of(plus.ADAPTER)) as shop:
        await shop.sell("1")
        ended: tuple[Any, ...] = await asyncio.gather(
            shop.undo("1"), shop.undo("1", "refund"), return_exceptions=True
        )
        first, second = ended
        assert ends(first)[-1] == ("void", "tiny-ca", "applied")
        assert isinstance(second, Refused)
        assert (second.code, second.detail) == (
            "operation_conflict",
            "the order already has a void",
        )
        assert await refused(shop.undo("1", "refund")) == (second.code, second.detail)


@in_virtual_time
async def test_a_void_that_was_declined_may_be_asked_again() -> None:
    async with opened() as shop:
        await shop.sell("1")
        shop.tiny.void.add("t-1")
        assert ends(await shop.undo("1"))[-1] == ("void", "tiny-ca", "declined")
        shop.tiny.void.clear()
        assert ends(await shop.undo("1"))[-1] == ("void", "tiny-ca", "applied")
        assert ends(await shop.undo("1"))[-1] == ("void", "tiny-ca", "applied")
        assert shop.steps == ["sell", "unsell", "unsell"]


@in_virtual_time
async def test_a_void_waits_for_its_order_while_nobody_knows_what_became_of_it() -> None:
    async with opened() as shop:
        shop.lose("lost_after")
        await shop.sell("1", wait=1)
        shop.lose(None)
        await shop.clock.sleep(10)
        assert ends(await shop.undo("1"))[-1] == ("void", "tiny-ca", "queued")
        [parked] = await shop.parked()
        await shop.gateway.doors.operator.settle(parked.id, "t-1", "in their list", "op")
        await shop.clock.sleep(1)
        assert ends(await shop.story("1"))[-1] == ("void", "tiny-ca", "applied")
        assert shop.held() == [("1", False)]


@pytest.mark.parametrize(
    ("total", "state", "kind", "detail"),
    [
        ("5.00", "placed", "skipped", "the order was not said to this vendor"),
        ("666", "completed", "cancelled", "the vendor never recorded the order"),
    ],
)
@in_virtual_time
async def test_what_the_vendor_never_took_needs_no_undoing(
    total: str, state: str, kind: str, detail: str
) -> None:
    async with opened() as shop:
        await shop.sell("1", total=total, state=state)
        outcome = (await shop.undo("1")).entries[-1].outcome
        assert (outcome.kind, outcome.detail) == (kind, detail)
        assert "unsell" not in shop.steps


@in_virtual_time
async def test_a_part_comes_back_where_the_primary_can_and_a_follower_that_cannot_is_told() -> None:
    async with opened(plan_of_two(PLUS_WHOLE, plus.ADAPTER)) as shop:
        await shop.sell("1")
        await shop.clock.sleep(1)
        told = await shop.undo("1", "refund", lines=PART)
        assert ends(told)[2:] == [
            ("refund", "tiny-ca", "applied"),
            ("refund", "tiny-2", "declined"),
        ]
        outcome = told.entries[-1].outcome
        assert (outcome.reason, outcome.detail) == ("unsupported_by_vendor", "whole orders only")


@pytest.mark.parametrize(
    ("adapter", "code"),
    [(ADAPTER, "unsupported_operation"), (plus.ADAPTER, "partial_refund_unsupported")],
)
@in_virtual_time
async def test_what_the_primary_cannot_undo_is_refused_and_nothing_is_kept(
    adapter: Any, code: str
) -> None:
    async with opened(plan_of_two(adapter, PLUS_WHOLE)) as shop:
        await shop.sell("1")
        assert (await refused(shop.undo("1", "refund", lines=PART)))[0] == code
        assert len((await shop.story("1")).entries) == 2


@in_virtual_time
async def test_an_order_older_than_retention_is_answered_and_not_undone() -> None:
    async with opened() as shop:
        await shop.sell("1")
        await shop.forget()
        forgotten = ("operation_conflict", "the order is older than this gateway remembers")
        assert ends(await shop.sell("1")) == [("submit", "tiny-ca", "applied")]
        assert await refused(shop.undo("1")) == forgotten
        assert await refused(shop.undo("9")) == ("order_not_found", "store 0042 has no order 9")
        assert shop.steps == ["sell"]


@pytest.mark.parametrize("moved", [False, True])
@in_virtual_time
async def test_a_later_state_of_a_forgotten_order_goes_where_the_first_one_went(
    moved: bool,
) -> None:
    async with opened() as shop:
        await shop.sell("1", state="placed")
        await shop.forget()
        if moved:
            route = replace(shop.store.routes[0], vendor="tiny-2")
            shop.gateway.replan(replace(shop.store, routes=(route,)))
            assert await refused(shop.sell("1", revision=2)) == (
                "operation_conflict",
                "the order is older than this gateway remembers",
            )
        else:
            assert ends(await shop.sell("1", revision=2))[-1] == ("submit", "tiny-ca", "applied")


def record(*ended: tuple[OutcomeKind | None, dict[str, Any]]) -> Record:
    """The record of an order whose states, one after the other, ended so."""
    entries = []
    for state, (kind, facts) in zip(STATES, ended, strict=False):
        order = latte(state=state).model_dump(mode="json")
        outcome = None if kind is None else Outcome(kind=kind, **facts)
        entries.append(an_entry(ask={"order": order}, outcome=outcome))
    return record_of(entries)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], (None, None, None, {})),
        (
            [("applied", {"reference": "a", "member_id": "m", "keep": {"x": 1}})],
            ("placed", "a", "m", {"x": 1}),
        ),
        (
            [
                ("applied", {"reference": "a", "keep": {"x": 1, "y": 1}}),
                ("applied", {"keep": {"x": 2}}),
            ],
            ("paid", "a", None, {"x": 2, "y": 1}),
        ),
        (
            [("applied", {"reference": "a"}), ("declined", {"reference": "b", "keep": {"z": 1}})],
            ("placed", "a", None, {"z": 1}),
        ),
        ([("applied", {"reference": "a"}), (None, {})], ("placed", "a", None, {})),
        ([("skipped", {"reason": "not_yet"})], (None, None, None, {})),
    ],
)
def test_what_a_vendor_holds_is_told_by_what_was_applied_and_all_that_was_kept(
    kinds: list[Any], expected: tuple[Any, ...]
) -> None:
    found = record(*kinds)
    assert (found.state, found.reference, found.member_id, found.keep) == expected
    assert (found.order.state if found.order else None) == expected[0]
