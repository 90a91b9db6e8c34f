"""The acts of all four vendors: one basket said four ways, rewards, and a store with two."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from rich.columns import Columns
from rich.panel import Panel
from rich.text import Text

from gateway.cli.demo.baskets import BURGERS, TAX, Basket, Item, Sale
from gateway.cli.demo.online import ANA
from gateway.cli.demo.proof import Act, Stage
from gateway.cli.demo.scene import Scene, Sold
from gateway.cli.demo.selling import identify, path_of, sell
from gateway.cli.demo.stores import SHOPS
from gateway.cli.demo.wire import folded
from gateway.core.order import ServiceMode

SPOONITY, SPENDGO, SPOTON, RBI = "spoonity-ca", "spendgo-us", "spoton-us", "rbi-de"

GUEST = {
    "kind": "phone",
    "value": "+14155550123",
    "first_name": "Ana",
    "last_name": "Lee",
    "email": "ana@example.test",
    "consent": {"enrol": True},
}
"""Whom Spendgo may find and SpotOn may name."""

PANEL_WIDTH = 49
PANEL_LINES = 25
"""Two panels beside each other, and both pairs on one screen."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How the one basket goes to one vendor; `path` is part of where its lines are sent."""

    till: str
    vendor: str
    member: Mapping[str, Any]
    path: str
    service_mode: ServiceMode = "takeout"

    @property
    def currency(self) -> str:
        """The store's."""
        return next(shop.currency for shop in SHOPS.values() if self.till in shop.tills)


WAYS = (
    Way(till="0042-1", vendor=SPOONITY, member=ANA, path="/order"),
    Way(till="0077-1", vendor=SPENDGO, member=GUEST, path="/orders"),
    Way(till="0061-1", vendor=SPOTON, member=GUEST, path="/orders/submit", service_mode="pickup"),
    Way(
        till="20177-1",
        vendor=RBI,
        member={"kind": "short_code", "value": "481923"},
        path="/loyalty/transaction/pos/",
    ),
)


async def four_ways(stage: Stage, scene: Scene) -> None:
    """Say one basket from four kiosks to four vendors, and show what went on the wire."""
    act = stage.begin(
        "One basket, said four ways: Spoonity, Spendgo, SpotOn kiosk pickup, RBI",
        "Each vendor took the same sale in its own words.",
    )
    panels = []
    for number, way in enumerate(WAYS):
        sale = Sale(
            till=way.till,
            receipt=f"{301 + number:06d}",
            currency=way.currency,
            basket=BURGERS,
            member=way.member,
            channel="kiosk",
            service_mode=way.service_mode,
        )
        sold = await sell(stage, scene, act, sale)
        act.expect(f"outcome at {way.vendor}", "applied", sold.told.body["outcome"])
        panels.append(_panel(scene, way))
    stage.show(Columns(panels, padding=(0, 1)))
    stage.end(act)


async def rewards(stage: Stage, scene: Scene) -> None:
    """Redeem a reward at each of the two vendors that price one."""
    act = stage.begin(
        "Redeem: a drink picked in RBI's app, and $5 off after a quote from Spendgo",
        "What the guest chose came off the bill, and off the member's account at the vendor.",
    )
    await _claim(stage, scene, act)
    await _five_off(stage, scene, act)
    stage.end(act)


async def _claim(stage: Stage, scene: Scene, act: Act) -> None:
    """Identify by the code in the app; its drink is on the bill, and claimed with it."""
    till = scene.till("20177-1")
    code = {"kind": "short_code", "value": "481920"}
    visit_id, given = await identify(stage, act, till, code)
    [picked] = given["lines"]
    drink = Item(
        sku=picked["sku"],
        name="Drink",
        price=Decimal(0),
        kind=picked["kind"],
        incentive_id=picked["incentive_id"],
    )
    burger = Item(sku="1001", name="Whopper", price=Decimal("6.50"))
    sale = Sale(
        till=till.name,
        receipt="000401",
        currency="EUR",
        basket=Basket(items=(burger, drink), tax_percent=TAX),
        extra={"visit_id": visit_id},
    )
    sold = await sell(stage, scene, act, sale, what="claims, sells")
    moved = sold.told.result(RBI)["points"] or {}
    act.expect("points redeemed at RBI", Decimal(250), Decimal(moved.get("redeemed") or 0))


async def _five_off(stage: Stage, scene: Scene, act: Act) -> None:
    """Have Spendgo price a reward, sell with it, and see that it is used up."""
    till = scene.till("0077-1")
    visit_id, given = await identify(stage, act, till, GUEST)
    reward = next(one for one in given["rewards"] if one["kind"] == "amount")
    sandwich = Item(sku="1082", name="Turkey Sandwich", price=Decimal("6.00"), quantity=2)
    basket = Basket(
        items=(sandwich,),
        tax_percent=TAX,
        discount=Decimal(reward["value"]),
        discount_name=reward["name"],
        reward_id=reward["reward_id"],
    )
    sale = Sale(
        till=till.name,
        receipt="000402",
        currency="USD",
        basket=basket,
        extra={"visit_id": visit_id},
    )
    order_id = path_of(sale).rpartition("/")[2]
    quoted = await till.ask("POST", "/quotes", {**sale.order(), "order_id": order_id})
    act.need("status of the quote", 200, quoted.status)
    act.need("the quote is accepted", expected=True, found=quoted.body["accepted"])
    stage.told(till, f"quotes {reward['name']}", quoted, f"{quoted.body['discount_total']} off")
    named = {**sale.extra, "quote_id": quoted.body["quote_id"]}
    await sell(stage, scene, act, replace(sale, extra=named), what="redeems, sells")
    _, later = await identify(stage, act, till, GUEST)
    left = [one["reward_id"] for one in later["rewards"]]
    act.expect("the reward is still there", expected=False, found=reward["reward_id"] in left)


async def two_vendors(stage: Stage, scene: Scene) -> None:
    """Sell where a follower gets the kiosk's orders, and a counter's order does not."""
    act = stage.begin(
        "A store with two vendors: Spendgo is primary, SpotOn follows for the kiosk",
        "One order went to both, another to one; the route decides, the primary answers.",
    )
    kiosk = Sale(
        till="0088-1",
        receipt="000501",
        currency="USD",
        basket=BURGERS,
        member=GUEST,
        channel="kiosk",
        service_mode="pickup",
    )
    both = await sell(stage, scene, act, kiosk, what="kiosk sells")
    act.expect("vendors of the kiosk's order", [SPENDGO, SPOTON], _vendors(both))
    counter = replace(kiosk, receipt="000502", channel="in_store", service_mode="eat_in")
    one = await sell(stage, scene, act, counter, what="counter sells")
    act.expect("vendors of the counter's order", [SPENDGO], _vendors(one))
    stage.end(act)


def _vendors(sold: Sold) -> list[str]:
    return [str(one["vendor"]) for one in sold.told.body["results"]]


def _panel(scene: Scene, way: Way) -> Panel:
    """What the vendor was last sent with lines in it."""
    heard = [
        one
        for one in scene.vendors[way.vendor].heard()
        if way.path in one.target and one.method != "GET"
    ]
    lines = ["nothing was heard"]
    if heard:
        said = heard[-1]
        lines = [f"{said.method} {urlsplit(said.target).path}", *folded(said.body, PANEL_WIDTH - 4)]
    rest = [f"… {len(lines) - PANEL_LINES} lines more"] if len(lines) > PANEL_LINES else []
    shown = Text("\n".join([*lines[:PANEL_LINES], *rest]), no_wrap=True, overflow="ellipsis")
    return Panel(shown, title=way.vendor, width=PANEL_WIDTH)
