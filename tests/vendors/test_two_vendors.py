"""One store with two vendors: Spendgo answers the cashier, SpotOn follows what is picked up."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import pytest

from gateway.engine.orders import OrderStory
from gateway.engine.refusal import Refused
from gateway.engine.routing import Plan, Route, Store, When, faults
from tests.simulation.vendors import site_of
from tests.vendors.shop import Shop, account_of, at_vendor, ended, example, opened
from tests.virtual import in_virtual_time

SPENDGO = account_of("spendgo-us")
SPOTON = replace(account_of("spoton-us"), store=SPENDGO.store, timezone=SPENDGO.timezone)
KIOSK = When(channel=frozenset({"kiosk", "web"}), service_mode=frozenset({"pickup", "delivery"}))
APPLIED = ("applied", None)


def plan() -> Plan:
    """Spendgo for everything, SpotOn for what a kiosk or the web sells to be taken along."""
    store = Store(
        code=SPENDGO.store,
        timezone=SPENDGO.timezone,
        currency=SPENDGO.currency,
        routes=(
            Route(
                vendor="spoton-us",
                adapter="spoton",
                role="follower",
                when=KIOSK,
                site=site_of(SPOTON),
            ),
            Route(vendor="spendgo-us", adapter="spendgo", role="primary", site=site_of(SPENDGO)),
        ),
    )
    return Plan(
        stores={store.code: store}, adapters={"spendgo": SPENDGO.adapter, "spoton": SPOTON.adapter}
    )


def open_both() -> AbstractAsyncContextManager[Shop]:
    """Open the store with both vendors."""
    return opened(SPENDGO, SPOTON, plan=plan())


def burger(**changes: Any) -> dict[str, Any]:
    """The kiosk's example order."""
    _, order = example("spoton-kiosk-pickup")
    return {**order, **changes}


def ends(story: OrderStory, operation: str) -> dict[str, tuple[str, str | None]]:
    """How an operation stands at each vendor it went to."""
    latest = {entry.vendor: entry for entry in story.entries if entry.operation == operation}
    return {vendor: ended(entry) for vendor, entry in latest.items()}


def lose(shop: Shop, vendor: str | None) -> None:
    """Cut the line to one vendor; None mends it."""
    shop.gateway.wire.fault = lambda account, _call: "unsent" if account.vendor == vendor else None


def test_every_order_of_the_store_has_one_primary_vendor() -> None:
    assert list(faults(plan().stores["0077"])) == []


@pytest.mark.parametrize(
    ("channel", "service_mode", "vendors"),
    [
        ("kiosk", "pickup", {"spendgo-us", "spoton-us"}),
        ("web", "delivery", {"spendgo-us", "spoton-us"}),
        ("kiosk", "eat_in", {"spendgo-us"}),
        ("in_store", "pickup", {"spendgo-us"}),
    ],
)
@in_virtual_time
async def test_an_order_goes_where_its_channel_and_mode_send_it(
    channel: str, service_mode: str, vendors: set[str]
) -> None:
    async with open_both() as shop:
        story = await shop.put("1", burger(channel=channel, service_mode=service_mode))
        await shop.gateway.clock.sleep(1)
        story = await shop.story("1")

        assert ends(story, "submit") == dict.fromkeys(vendors, APPLIED)
        assert {vendor for vendor in ("spendgo-us", "spoton-us") if shop.steps(vendor)} == vendors


@in_virtual_time
async def test_each_vendor_has_its_own_reference_lane_and_total() -> None:
    async with open_both() as shop:
        await shop.put("1", burger())
        await shop.gateway.clock.sleep(1)
        story = await shop.story("1")

        for vendor, role in (("spendgo-us", "primary"), ("spoton-us", "follower")):
            entry = at_vendor(story, vendor, "submit")
            [row] = shop.books(vendor)
            assert (entry.role, entry.lane, entry.sequence) == (role, f"0077/{vendor}", 1)
            assert entry.outcome is not None
            assert entry.outcome.reference == row.reference
            assert f"{row.amount:.2f}" == "19.44"


@in_virtual_time
async def test_a_follower_s_outage_delays_nothing_and_its_order_comes_later() -> None:
    async with open_both() as shop:
        lose(shop, "spoton-us")
        clock = shop.gateway.clock
        for number in range(3):
            before = clock.monotonic()
            story = await shop.put(str(number), burger(receipt_number=f"K3-{number}"))
            assert clock.monotonic() - before < 0.1
            assert ends(story, "submit")["spendgo-us"] == APPLIED
            assert ends(story, "submit")["spoton-us"][0] == "queued"
        assert shop.books("spoton-us") == []
        lose(shop, None)
        await clock.sleep(120)

        receipts = [row.receipt for row in shop.books("spoton-us")]
        assert receipts == ["0077-0-1", "0077-1-1", "0077-2-1"]
        assert len(shop.books("spendgo-us")) == 3


@in_virtual_time
async def test_a_follower_that_stays_away_too_long_never_cooks_and_the_sale_stands() -> None:
    async with open_both() as shop:
        lose(shop, "spoton-us")
        await shop.put("1", burger())
        await shop.gateway.clock.sleep(16 * 60)
        lose(shop, None)
        await shop.gateway.clock.sleep(120)

        story = await shop.story("1")
        assert ends(story, "submit") == {
            "spendgo-us": APPLIED,
            "spoton-us": ("declined", "too_old"),
        }
        assert at_vendor(story, "spoton-us", "submit").unattended
        assert shop.books("spoton-us") == []


@in_virtual_time
async def test_a_primary_s_outage_does_not_keep_the_kitchen_waiting() -> None:
    async with open_both() as shop:
        lose(shop, "spendgo-us")
        await shop.put("1", burger())
        await shop.gateway.clock.sleep(1)

        story = await shop.story("1")
        assert ends(story, "submit")["spoton-us"] == APPLIED
        assert ends(story, "submit")["spendgo-us"][0] == "queued"
        lose(shop, None)
        await shop.gateway.clock.sleep(120)
        assert ends(await shop.story("1"), "submit")["spendgo-us"] == APPLIED


@in_virtual_time
async def test_a_void_goes_to_both() -> None:
    async with open_both() as shop:
        await shop.put("1", burger())
        await shop.gateway.clock.sleep(1)
        await shop.undone("1", "void")
        await shop.gateway.clock.sleep(1)

        assert ends(await shop.story("1"), "void") == dict.fromkeys(
            ("spendgo-us", "spoton-us"), APPLIED
        )
        for vendor in ("spendgo-us", "spoton-us"):
            assert [row.standing for row in shop.books(vendor)] == [False, True]


@in_virtual_time
async def test_a_void_cancels_what_the_follower_was_never_told() -> None:
    async with open_both() as shop:
        lose(shop, "spoton-us")
        await shop.put("1", burger())
        await shop.undone("1", "void")
        lose(shop, None)
        await shop.gateway.clock.sleep(120)

        story = await shop.story("1")
        assert ends(story, "submit")["spoton-us"] == ("cancelled", None)
        assert ends(story, "void") == {"spendgo-us": APPLIED, "spoton-us": ("cancelled", None)}
        assert shop.steps("spoton-us") == []
        assert [row.kind for row in shop.books("spendgo-us")] == ["submit", "refund"]


@in_virtual_time
async def test_a_follower_that_cannot_say_the_order_is_declined_and_the_sale_goes_on() -> None:
    async with open_both() as shop:
        order = burger()
        shredded = {"line_id": "1.1.1", "parent_id": "1.1", "kind": "modifier", "sku": "fine"}
        order["lines"].append(
            {**shredded, "name": "Shredded", "quantity": "1", "unit_price": "0.00"}
        )
        story = await shop.put("1", order)

        assert ends(story, "submit") == {
            "spendgo-us": APPLIED,
            "spoton-us": ("declined", "unsupported_by_vendor"),
        }
        told = at_vendor(story, "spoton-us", "submit").outcome
        assert told is not None
        assert told.detail == "SpotOn has no modifiers of modifiers; 1.1.1 stands under one"
        undone = await shop.undone("1", "void")
        await shop.gateway.clock.sleep(1)
        assert ends(undone, "void")["spendgo-us"] == APPLIED
        assert ends(await shop.story("1"), "void")["spoton-us"][0] == "cancelled"
        assert shop.steps("spoton-us") == []


@in_virtual_time
async def test_a_follower_that_takes_no_refund_is_declined_and_the_money_goes_back() -> None:
    async with open_both() as shop:
        await shop.put("1", burger())
        await shop.gateway.clock.sleep(1)
        story = await shop.undone("1", "refund")

        assert ends(story, "refund") == {
            "spendgo-us": APPLIED,
            "spoton-us": ("declined", "unsupported_by_vendor"),
        }


@in_virtual_time
async def test_what_the_primary_cannot_say_goes_to_nobody() -> None:
    async with open_both() as shop:
        with pytest.raises(Refused) as no:
            await shop.put("1", burger(rounding="0.01", total="19.45"))

        assert no.value.code == "unsupported_by_vendor"
        assert [fault.path for fault in no.value.faults] == ["rounding"]
        with pytest.raises(Refused) as unknown:
            await shop.story("1")
        assert unknown.value.code == "order_not_found"
        assert shop.steps("spendgo-us") == shop.steps("spoton-us") == []


@in_virtual_time
async def test_a_later_state_goes_where_the_first_one_went() -> None:
    async with open_both() as shop:
        placed = await shop.put("1", burger(state="placed", payments=[]))
        assert ends(placed, "submit") == {
            "spendgo-us": APPLIED,
            "spoton-us": ("skipped", "not_yet"),
        }
        await shop.put("1", burger(revision=2, channel="in_store"))
        await shop.gateway.clock.sleep(1)
        again = await shop.put("1", burger(revision=2, channel="in_store"))

        assert ends(again, "submit") == dict.fromkeys(("spendgo-us", "spoton-us"), APPLIED)
        assert shop.steps("spoton-us") == ["submit"]
        assert shop.steps("spendgo-us") == ["checkout", "placed", "billed", "completed"]


@in_virtual_time
async def test_a_visit_goes_to_the_vendor_that_knows_members_and_its_reward_to_both() -> None:
    async with open_both() as shop:
        phone = {"kind": "phone", "value": "+14155550123", "consent": {"enrol": True}}
        visit = await shop.visit("v1", phone, channel="kiosk", service_mode="pickup")
        assert [given["vendor"] for given in visit.answer["results"]] == ["spendgo-us"]
        five = {"id": "5OFF", "name": "$5 Off", "amount": "5.00", "reward_id": "810001"}
        paid = [{"tender": "external", "amount": "17.44"}]
        order = burger(
            member=None,
            visit_id="v1",
            discounts=[five],
            discount_total="5.00",
            total="17.44",
            payments=paid,
        )
        await shop.put("1", order)
        await shop.gateway.clock.sleep(1)

        assert ends(await shop.story("1"), "submit") == dict.fromkeys(
            ("spendgo-us", "spoton-us"), APPLIED
        )
        said = shop.body("submit")
        assert said["discounts"] == [{"name": "$5 Off", "amount": 500}]
        assert said["totals"]["grand_total"] == 1744


@in_virtual_time
async def test_a_quote_is_the_primary_vendor_s_while_the_follower_is_away() -> None:
    async with open_both() as shop:
        lose(shop, "spoton-us")
        quote = await shop.quote("1", burger(payments=[]))

        assert quote.answer["accepted"] is True
        assert [(one["vendor"], one["accepted"]) for one in quote.answer["results"]] == [
            ("spendgo-us", True),
            ("spoton-us", False),
        ]
