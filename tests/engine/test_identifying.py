"""Who a member is, as two vendors see it: failures, late answers, replaced and moved visits."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.adapter import Adapter, Site
from gateway.core.errors import VendorNonsense
from gateway.core.flow import Call, Flow, Reply, once, repeatable
from gateway.core.operation import Identify
from gateway.core.outcome import Identified, Reason
from gateway.engine.ports import Account
from gateway.engine.routing import When
from gateway.engine.visits import Visits
from tests.engine.conftest import opened, plan_of
from tests.engine.values import plan_of_two, refused, saying
from tests.tiny import ADAPTER, TinySite
from tests.virtual import in_virtual_time


def finding(answer: Identified | Exception, *, blindly: bool = False) -> Adapter:
    """An adapter that always finds this, `blindly` in a call that must not be sent twice."""

    def identify(_ask: Identify, _site: TinySite) -> Flow[Identified]:
        call = once if blindly else repeatable
        yield call("find", "POST", "/members", body={"name": "somebody"})
        if isinstance(answer, Exception):
            raise answer
        return answer

    return saying(identify=identify)


def without(*names: str) -> Adapter:
    """Tiny without some of its operations."""
    says = {name: one for name, one in ADAPTER.operations.items() if name not in names}
    return replace(ADAPTER, operations=says, cannot={"identify": "It knows no members"})


def declining(reason: Reason, detail: str | None = None) -> Adapter:
    """An adapter that finds nobody, for a reason."""
    return finding(Identified(outcome="declined", reason=reason, detail=detail))


def results(visit: Any) -> dict[str, tuple[Any, ...]]:
    """What each vendor said of a visit: outcome, reason, detail."""
    return {
        one["vendor"]: (one["outcome"], one["reason"], one["detail"])
        for one in visit.answer["results"]
    }


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("member_not_found", "member_not_found"),
        ("member_inactive", "member_not_found"),
        ("code_used", "code_used"),
        ("member_differs", "member_differs"),
        ("vendor_declined", "member_not_found"),
    ],
)
@pytest.mark.parametrize("detail", ["scan a new one", None])
@in_virtual_time
async def test_a_primary_that_finds_nobody_is_no_visit_and_what_followers_gave_goes_back(
    reason: Reason, code: str, detail: str | None
) -> None:
    async with opened(plan_of_two(declining(reason, detail), ADAPTER)) as shop:
        assert await refused(shop.identify("v1")) == (code, detail or f"the vendor says {reason}")
        await shop.clock.sleep(1)
        assert "free" in shop.steps
        assert "seat-1" not in shop.tiny.seats
        assert await refused(shop.close("v1")) == (
            "visit_not_found",
            "store 0042 has no visit v1",
        )


@pytest.mark.parametrize(
    ("answer", "seats_given_back"),
    [
        (Identified(outcome="applied", keep={}, holds=False), 0),
        (Identified(outcome="declined", reason="member_not_found"), 0),
        (Identified(outcome="applied", keep={"seat": "seat-0"}, holds=True), 1),
    ],
)
@in_virtual_time
async def test_only_what_is_held_is_given_back(answer: Identified, seats_given_back: int) -> None:
    async with opened(plan_of_two(declining("code_used"), finding(answer))) as shop:
        assert (await refused(shop.identify("v1")))[0] == "code_used"
        await shop.clock.sleep(1)
        assert shop.steps.count("free") == seats_given_back


@pytest.mark.parametrize(
    ("follower", "told"),
    [
        (declining("member_inactive", "closed"), ("declined", "member_inactive", "closed")),
        (
            finding(VendorNonsense("a member without an id"), blindly=True),
            ("declined", "unreachable", "tiny-2: a member without an id"),
        ),
        (finding(KeyError("ana")), ("declined", "unreachable", "the gateway failed")),
    ],
)
@in_virtual_time
async def test_a_follower_that_fails_never_fails_the_visit(
    follower: Adapter, told: tuple[str, str, str]
) -> None:
    async with opened(plan_of_two(ADAPTER, follower)) as shop:
        visit = await shop.identify("v1")
        assert results(visit) == {"tiny-ca": ("applied", None, None), "tiny-2": told}
        assert list(visit.vendors) == ["tiny-ca"]
        assert await shop.close("v1")


@in_virtual_time
async def test_a_vendor_that_may_have_heard_the_code_is_not_told_it_twice() -> None:
    found = Identified(outcome="applied")
    async with opened(plan_of(finding(found, blindly=True))) as shop:
        shop.lose("lost_after")
        assert await refused(shop.identify("v1")) == (
            "vendor_unreachable",
            "tiny-ca: connection reset",
        )
        shop.lose(None)
        assert await refused(shop.identify("v1")) == (
            "vendor_unreachable",
            "tiny-ca may have heard the first try; ask the guest for a new code",
        )
        assert await refused(shop.identify("v1", said="other")) == (
            "order_conflict",
            "visit v1 was asked with another body",
        )
        assert shop.steps == ["find"]
        assert (await shop.identify("v2")).state == "open"


@in_virtual_time
async def test_a_visit_that_replaces_another_closes_it_and_hands_over_what_was_given() -> None:
    handed: list[Any] = []

    def identify(ask: Identify, _site: TinySite) -> Flow[Identified]:
        handed.append(ask.replaces.keep if ask.replaces else None)
        yield repeatable("find", "POST", "/members", body={"name": "ana"})
        return Identified(outcome="applied", keep={"seat": ask.visit_id}, holds=True)

    async with opened(plan_of(saying(identify=identify))) as shop:
        await shop.identify("v1")
        await shop.identify("v2", replaces="v1")
        assert handed == [None, {"seat": "v1"}]
        visits = shop.gateway.doors.visits
        assert [(await visits.get(shop.store, one)).state for one in ("v1", "v2")] == [
            "closed",
            "open",
        ]
        assert await refused(shop.identify("v3", replaces="v9")) == (
            "visit_not_found",
            "store 0042 has no visit v9",
        )


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (plan_of(without("identify")), " It knows no members"),
        (plan_of_two(without("identify"), ADAPTER), " It knows no members"),
        (plan_of(routes=()), ""),
    ],
)
@in_virtual_time
async def test_a_store_whose_primary_knows_no_members_says_so(plan: Any, why: str) -> None:
    async with opened(plan) as shop:
        assert await refused(shop.identify("v1")) == (
            "unsupported_operation",
            f"store 0042 cannot identify members.{why}",
        )


@in_virtual_time
async def test_a_visit_asks_every_vendor_that_may_get_the_order() -> None:
    plan = plan_of_two()
    follower, first = plan.stores["0042"].routes
    web = replace(follower, when=When(channel=frozenset({"web"})))
    till = replace(follower, when=When(till=frozenset({"7"})))
    for route, vendors in ((web, {"tiny-ca", "tiny-2"}), (till, {"tiny-ca"})):
        async with opened(plan_of_two(ADAPTER, ADAPTER)) as shop:
            shop.gateway.replan(replace(shop.store, routes=(route, first)))
            assert set((await shop.identify("v1")).vendors) == vendors


@in_virtual_time
async def test_what_nobody_can_give_back_closes_the_visit_alone() -> None:
    async with opened(plan_of(without("release"))) as shop:
        await shop.identify("v1")
        assert await shop.close("v1")
        assert (await shop.gateway.doors.visits.get(shop.store, "v1")).state == "closed"
        assert shop.steps == ["find"]


@in_virtual_time
async def test_a_visit_is_given_back_where_it_was_opened_also_when_the_store_moved() -> None:
    async with opened() as shop:
        await shop.identify("v1")
        moved = replace(shop.store.routes[0], vendor="tiny-2")
        shop.gateway.replan(replace(shop.store, routes=(moved,)))
        assert await shop.close("v1")
        assert shop.tiny.seats == []
        assert [(account.vendor, call.step) for account, call in shop.wire.sent] == [
            ("tiny-ca", "find"),
            ("tiny-ca", "free"),
        ]


@in_virtual_time
async def test_a_visit_asked_for_twice_at_once_is_asked_for_once() -> None:
    async with opened() as shop:
        shop.wire.latency_seconds = 1
        first, second = await asyncio.gather(shop.identify("v1"), shop.identify("v1"))
        assert first == second
        assert shop.steps == ["find"]


@in_virtual_time
async def test_what_the_till_did_not_wait_for_is_found_again_or_given_back() -> None:
    async with opened() as shop:
        shop.wire.latency_seconds = 5
        assert (await refused(shop.identify("v1")))[0] == "vendor_unreachable"
        await shop.clock.sleep(5)
        assert (await shop.identify("v1")).state == "open"
        assert shop.steps == ["find"]
        shop.wire.latency_seconds = 0
        await shop.clock.sleep(2000)
        assert shop.tiny.seats == []


@pytest.mark.parametrize(
    ("late", "given_back"),
    [
        (Identified(outcome="applied", keep={"seat": "seat-9"}, holds=True), True),
        (Identified(outcome="declined", reason="member_not_found"), False),
        (KeyError("ana"), False),
    ],
)
@in_virtual_time
async def test_a_follower_that_comes_too_late_delays_nothing_and_gets_back_what_it_gave(
    late: Identified | Exception, given_back: bool
) -> None:
    async with opened(plan_of_two(ADAPTER, finding(late))) as shop:

        async def slowly(account: Account, call: Call, site: Site) -> Reply:
            await shop.clock.sleep(2 if account.vendor == "tiny-2" and call.step == "find" else 0)
            return await shop.wire(account, call, site)

        shop.gateway.doors.desk.gates.send = slowly
        before = shop.clock.monotonic()
        visit = await shop.identify("v1")
        assert shop.clock.monotonic() - before < 1
        assert results(visit)["tiny-2"] == ("declined", "unreachable", "no answer in time")
        await shop.clock.sleep(5)
        freed = [call.body for _, call in shop.wire.sent if call.step == "free"]
        assert freed == [{"seat": "seat-9"}] * given_back
        assert (await shop.gateway.doors.visits.get(shop.store, "v1")).state == "open"


@in_virtual_time
async def test_giving_back_waits_out_an_outage_and_says_that_it_is_not_done() -> None:
    async with opened() as shop:
        await shop.identify("v1")
        shop.lose()
        assert not await shop.close("v1", wait=1)
        assert not await shop.close("v1", wait=1)
        shop.lose(None)
        await shop.clock.sleep(60)
        assert await shop.close("v1")
        assert shop.tiny.seats == []
        assert shop.steps.count("free") == 1


@in_virtual_time
async def test_what_a_vendor_gave_just_before_a_crash_is_given_back() -> None:
    async def die(*_: object) -> None:
        raise asyncio.CancelledError

    async with opened() as shop:
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(Visits, "_keep", die)
            with pytest.raises(asyncio.CancelledError):
                await shop.identify("v1")
            await shop.gateway.kill()
        assert len(shop.tiny.seats) == 1
        plan = shop.gateway.plan
        shop.gateway.plan = replace(plan, stores={})
        await shop.gateway.start()
        await shop.gateway.kill()
        assert shop.steps == ["find"]
        shop.gateway.plan = plan
        await shop.gateway.start()
        await shop.clock.sleep(2000)
        assert shop.tiny.seats == []
        assert shop.steps == ["find", "free"]
