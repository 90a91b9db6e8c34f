"""Quotes and reward lists: what vendors say of a basket, and the order that keeps to it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.core.errors import LookAgain, OrderRefused, VendorNonsense
from gateway.core.flow import Flow, once, repeatable
from gateway.core.operation import Quote
from gateway.core.outcome import Quoted, Totals, declined, unquoted
from gateway.engine.quotes import QUOTE_SECONDS
from gateway.engine.routing import When
from tests.api import plus
from tests.engine.conftest import opened, plan_of
from tests.engine.values import free_coffee, plan_of_two, refused, saying
from tests.tiny import ADAPTER, TinySite
from tests.virtual import in_virtual_time

PRICED = Totals(
    subtotal=Decimal("5.00"),
    discount_total=Decimal("5.00"),
    tax_total=Decimal(0),
    tip=Decimal(0),
    fees=Decimal(0),
    total=Decimal(0),
)
ASK = repeatable("price", "POST", "/members", body={"name": "basket"})


def answering(quoted: Quoted) -> Any:
    """An adapter that answers every basket the same."""

    def quote(_ask: Quote, _site: TinySite) -> Flow[Quoted]:
        yield ASK
        return quoted

    return saying(plus.ADAPTER, quote=quote)


def failing(error: Exception) -> Any:
    """An adapter whose quote fails like this after its call."""

    def quote(_ask: Quote, _site: TinySite) -> Flow[Quoted]:
        yield once("price", "POST", "/members", body={"name": "basket"})
        raise error

    return saying(plus.ADAPTER, quote=quote)


async def results(shop: Any, order_id: str = "1", **facts: Any) -> dict[str, tuple[Any, ...]]:
    """What each vendor says of a basket: accepted, reason, detail."""
    row = await shop.quote(order_id, **facts)
    return {
        one["vendor"]: (one["accepted"], one["reason"], one["detail"])
        for one in row.answer["results"]
    }


@in_virtual_time
async def test_an_order_that_keeps_to_its_quote_is_taken_and_one_that_does_not_is_refused() -> None:
    async with opened(plan_of(plus.ADAPTER)) as shop:
        await shop.identify("v1")
        visit = {"visit_id": "v1", **free_coffee()}
        row = await shop.quote("1", **visit)
        assert row.answer["discount_total"] == "5.00"
        bound = {**visit, "quote_id": row.quote_id}
        assert await refused(shop.sell("1", **bound, tip="1.00")) == (
            "quote_drift",
            f"the order is not what {row.quote_id} priced",
        )
        sold = (await shop.sell("1", **bound)).entries[0]
        assert sold.state == "done"
        assert sold.ask["quote"] == {"quote_id": row.quote_id, "discount": "5.00", "keep": {}}


@in_virtual_time
async def test_a_quote_ends_for_a_new_order_and_not_for_one_it_was_taken_with() -> None:
    async with opened(plan_of(plus.ADAPTER)) as shop:
        row = await shop.quote("1")
        await shop.sell("1", quote_id=row.quote_id, state="placed")
        await shop.clock.sleep(QUOTE_SECONDS + 1)
        assert await refused(shop.sell("2", quote_id=row.quote_id)) == (
            "quote_expired",
            f"quote {row.quote_id} ended at {row.expires_at}",
        )
        paid = await shop.sell("1", quote_id=row.quote_id, revision=2)
        assert paid.entries[-1].state == "done"


@in_virtual_time
async def test_what_is_not_known_cannot_be_quoted_or_sold() -> None:
    async with opened(plan_of(plus.ADAPTER)) as shop:
        nobody = ("visit_not_found", "store 0042 has no visit v9")
        assert await refused(shop.quote("1", visit_id="v9")) == nobody
        assert await refused(shop.sell("1", visit_id="v9")) == nobody
        assert await refused(shop.sell("1", quote_id="q9")) == (
            "quote_expired",
            "no quote q9 is known",
        )
        assert shop.steps == []


@in_virtual_time
async def test_a_reward_the_vendor_refuses_is_promised_nothing() -> None:
    no = unquoted(declined("reward_limit", "one a day")).model_copy(
        update={"discount": Decimal("5.00")}
    )
    async with opened(plan_of(answering(no))) as shop:
        row = await shop.quote("1", **free_coffee())
        assert row.answer["accepted"] is False
        assert row.answer["promised"] == {"discount": "0", "tax_total": None, "total": None}
        bound = {**free_coffee(), "quote_id": row.quote_id}
        assert (await refused(shop.sell("1", **bound)))[0] == "quote_drift"


@in_virtual_time
async def test_a_vendor_that_prices_the_whole_basket_is_held_to_its_totals() -> None:
    yes = Quoted(accepted=True, discount=Decimal("5.00"), totals=PRICED, keep={"signature": "s"})
    async with opened(plan_of(answering(yes))) as shop:
        row = await shop.quote("1", **free_coffee())
        assert row.answer["promised"] == {"discount": "5.00", "tax_total": "0", "total": "0"}
        assert row.keeps == {"tiny-ca": {"discount": "5.00", "keep": {"signature": "s"}}}
        assert "signature" not in str(row.answer)
        sold = (await shop.sell("1", **free_coffee(), quote_id=row.quote_id)).entries[0]
        assert sold.ask["quote"]["keep"] == {"signature": "s"}


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (
            VendorNonsense("a reward without an id"),
            "tiny-2: a reward without an id",
        ),
        (LookAgain(60, 600), "tiny-2: looking again in 60 s"),
        (OrderRefused("no field for a tip", path="tip"), "no field for a tip"),
        (KeyError("secret"), "the gateway failed"),
    ],
)
@in_virtual_time
async def test_a_follower_that_fails_is_told_beside_the_answer_that_counts(
    error: Exception, detail: str
) -> None:
    async with opened(plan_of_two(plus.ADAPTER, failing(error))) as shop:
        assert await results(shop) == {
            "tiny-ca": (True, None, None),
            "tiny-2": (False, "unreachable", detail),
        }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (VendorNonsense("a reward without an id"), "vendor_unreachable"),
        (LookAgain(60, 600), "vendor_unreachable"),
        (OrderRefused("a reward needs a visit", code="visit_required"), "visit_required"),
    ],
)
@in_virtual_time
async def test_a_primary_vendor_that_fails_is_no_quote(error: Exception, code: str) -> None:
    async with opened(plan_of_two(failing(error), plus.ADAPTER)) as shop:
        assert (await refused(shop.quote("1")))[0] == code
        said = shop.gateway.log.events("conversation.failed")
        assert [facts["vendor"] for facts in said] == ["tiny-ca"] * isinstance(
            error, VendorNonsense
        )


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        ("unsent", "tiny-ca: connection refused"),
        ("lost_after", "tiny-ca: connection reset"),
        ("error", "tiny-ca: HTTP 503, not in the vendor's own words"),
    ],
)
@in_virtual_time
async def test_a_vendor_that_cannot_be_reached_gives_no_quote(fault: str, detail: str) -> None:
    async with opened(plan_of(plus.ADAPTER)) as shop:
        shop.lose(fault)
        assert await refused(shop.quote("1")) == ("vendor_unreachable", detail)


@in_virtual_time
async def test_a_quote_costs_the_till_no_more_than_its_wait() -> None:
    async with opened(plan_of(plus.ADAPTER)) as shop:
        shop.wire.latency_seconds = 100
        assert await refused(shop.quote("1")) == (
            "vendor_unreachable",
            "tiny-ca did not answer within the till's wait",
        )
        assert shop.clock.monotonic() <= 3


@in_virtual_time
async def test_a_follower_that_prices_nothing_is_not_asked() -> None:
    async with opened(plan_of_two(plus.ADAPTER, ADAPTER)) as shop:
        assert list(await results(shop)) == ["tiny-ca"]


@in_virtual_time
async def test_a_quote_needs_a_vendor_that_prices_and_is_there() -> None:
    async with opened(plan_of(plus.ADAPTER)) as shop:
        shop.lose()
        await shop.sell("1", wait=0)
        await shop.clock.sleep(0.01)
        assert await refused(shop.quote("2")) == (
            "offline_refused",
            "tiny-ca cannot be reached: quote needs the vendor",
        )
        web = replace(shop.store.routes[0], when=When(channel=frozenset({"web"})))
        shop.gateway.replan(replace(shop.store, routes=(web,)))
        nobody = ("unsupported_by_vendor", "no vendor of store 0042 takes it")
        assert await refused(shop.quote("2")) == nobody
        assert await refused(shop.sell("2")) == nobody
        follower = replace(shop.store.routes[0], role="follower", when=When())
        shop.gateway.replan(replace(shop.store, routes=(follower,)))
        assert await refused(shop.quote("2")) == nobody
    async with opened() as shop:
        assert await refused(shop.quote("1")) == (
            "unsupported_operation",
            "Tiny cannot quote: Tiny prices nothing",
        )


@in_virtual_time
async def test_routes_of_a_quote_and_its_order_go_by_the_member_of_the_visit() -> None:
    cards = When(member=frozenset({"card"}))
    plan = plan_of(plus.ADAPTER)
    route = replace(plan.stores["0042"].routes[0], when=cards)
    async with opened(plan_of(plus.ADAPTER, routes=(route,))) as shop:
        assert (await refused(shop.quote("1", member=None)))[0] == "unsupported_by_vendor"
        await shop.identify("v1")
        await shop.quote("1", member=None, visit_id="v1")
        sold = await shop.sell("1", member=None, visit_id="v1")
        assert [entry.vendor for entry in sold.entries] == ["tiny-ca"]


@in_virtual_time
async def test_rewards_are_the_primary_vendors() -> None:
    async with opened(plan_of_two(plus.ADAPTER, ADAPTER)) as shop:
        quotes, deadline = shop.gateway.doors.quotes, shop.gateway.deadline(3)
        listed = await quotes.rewards(shop.store, deadline=deadline, trace_id="t")
        assert [reward.reward_id for reward in listed.rewards] == ["7001"]
        shop.gateway.replan(replace(shop.store, routes=()))
        assert await refused(quotes.rewards(shop.store, deadline=deadline, trace_id="t")) == (
            "unsupported_operation",
            "store 0042 has no vendor for it",
        )
