"""A void below newer orders: planned, shown, approved, carried out, resumed."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.flow import Call
from gateway.engine.ports import Account
from gateway.engine.unwind import plan, spelled
from tests.engine.conftest import SITE, Shop, plan_of
from tests.engine.values import an_entry
from tests.tiny import ADAPTER
from tests.virtual import run


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        ([], "1. void r-1"),
        (["2"], "1. void r-2; 2. void r-1; 3. submit r-2 again"),
        (
            ["2", "3"],
            "1. void r-3; 2. void r-2; 3. void r-1; 4. submit r-2 again; 5. submit r-3 again",
        ),
    ],
)
def test_the_newest_go_first_and_come_back_oldest_first(newer: list[str], expected: str) -> None:
    target, *above = [an_entry(subject=one, receipt_number=f"r-{one}") for one in ("1", *newer)]
    assert spelled(plan(target, above)) == expected


def test_an_order_without_a_receipt_goes_by_its_id() -> None:
    assert spelled(plan(an_entry(subject="o-1"), [])) == "1. void o-1"


def _shop(path: Path | None = None, **site: object) -> Shop:
    shop = Shop(path, plan_of(replace(ADAPTER, voids_newest_first=True)))
    store = shop.gateway.store("0042")
    route = replace(store.routes[0], site=SITE.model_copy(update=site))
    shop.gateway.replan(replace(store, routes=(route,)))
    return shop


async def _three(shop: Shop) -> None:
    await shop.gateway.start()
    for number in ("1", "2", "3"):
        await shop.sell(number)


def test_latest_only_declines_and_names_what_stands_in_the_way() -> None:
    async def story() -> None:
        shop = _shop()
        await _three(shop)
        told = await shop.undo("1")
        outcome = told.entries[-1].outcome
        assert outcome is not None
        assert (outcome.reason, outcome.kind) == ("void_not_newest", "declined")
        assert "2, 3" in str(outcome.detail)
        assert [stands for _, stands in shop.held()] == [True, True, True]
        await shop.gateway.kill()

    run(story())


def test_an_unwind_waits_for_approval_and_shows_its_plan() -> None:
    async def story() -> None:
        shop = _shop(void_policy="unwind")
        await _three(shop)
        told = await shop.undo("1")
        void = told.entries[-1]
        assert (void.state, void.reason) == ("parked", "needs_approval")
        assert "1. void 3; 2. void 2; 3. void 1; 4. submit 2 again" in str(void.detail)
        assert [stands for _, stands in shop.held()] == [True, True, True]
        waiting = await shop.sell("4")
        assert waiting.entries[0].state == "queued"
        await shop.gateway.doors.operator.retry(void.id, "op")
        await shop.clock.sleep(5)
        assert shop.held() == [
            ("1", False),
            ("2", False),
            ("3", False),
            ("2", True),
            ("3", True),
            ("4", True),
        ]
        await shop.undo("4")
        told = await shop.undo("3")
        assert told.entries[-1].outcome is not None
        assert told.entries[-1].outcome.kind == "applied"
        assert [receipt for receipt, stands in shop.held() if stands] == ["2"]
        await shop.gateway.kill()

    run(story())


def test_an_unwind_deeper_than_the_limit_is_declined() -> None:
    async def story() -> None:
        shop = _shop(void_policy="unwind", unwind_depth=1)
        await _three(shop)
        told = await shop.undo("1")
        assert told.entries[-1].outcome is not None
        assert "unwind_depth is 1" in str(told.entries[-1].outcome.detail)
        await shop.gateway.kill()

    run(story())


def test_an_unwind_is_resumed_after_a_crash_at_any_call(tmp_path: Path) -> None:
    async def story(dies_at: int) -> None:
        shop = _shop(tmp_path / f"{dies_at}.db", void_policy="unwind")
        await _three(shop)
        void = (await shop.undo("1")).entries[-1]
        calls = 0

        def die(_account: Account, _call: Call) -> str | None:
            nonlocal calls
            calls += 1
            return "unsent" if calls == dies_at else None

        shop.wire.fault = die
        await shop.gateway.doors.operator.retry(void.id, "op")
        await shop.clock.sleep(0.01)
        await shop.gateway.kill()
        await shop.gateway.start()
        await shop.clock.sleep(300)
        standing = [receipt for receipt, stands in shop.held() if stands]
        assert standing == ["2", "3"]
        assert len(shop.held()) == 5
        await shop.gateway.kill()

    for dies_at in range(1, 6):
        run(story(dies_at))


def test_a_refused_step_stops_half_way_and_names_what_remains() -> None:
    async def story() -> None:
        shop = _shop(void_policy="unwind")
        await shop.gateway.start()
        for number, total in (("1", "5.00"), ("2", "5.00"), ("3", "5.00")):
            await shop.sell(number, total=total)
        void = (await shop.undo("1")).entries[-1]
        shop.tiny.refused.add("2")
        await shop.gateway.doors.operator.retry(void.id, "op")
        await shop.clock.sleep(5)
        entry = await shop.gateway.doors.operator.entry(void.id)
        assert entry.state == "parked"
        assert "remaining: 1. submit 2 again; 2. submit 3 again" in str(entry.detail)
        await shop.gateway.kill()

    run(story())
