"""Tills that sell, void and ask again, and write down every answer they were given."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.cli.peer import Heard, Unanswered
from tests.baskets import basket
from tests.torture.gateway_process import Desk
from tests.torture.scene import SHOPS, Scene, Shop

NOT_TAKEN = frozenset({500, 503})
"""Answers that promise nothing: the gateway failed, stops, or has no room."""

PAUSE_SECONDS = 0.04
"""The longest a till rests between two requests."""

WAITS = ("respond-async", "respond-async", "respond-async", "wait=1", None)

UNANSWERED = 3
"""Orders without an answer after which a till asks for them again before it sells on."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one till was told of one request; `standing` is the outcome it was given."""

    store: str
    order_id: str
    operation: Literal["submit", "void"]
    standing: str
    reference: str | None


@dataclass(kw_only=True)
class Sale:
    """One order, and whose it is."""

    shop: Shop
    order_id: str
    order: dict[str, Any]
    acknowledged: bool = False


@dataclass
class Ledger:
    """What all tills together know; `unexpected` are answers no till should ever get."""

    sales: dict[str, Sale] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    unanswered: int = 0
    unexpected: list[str] = field(default_factory=list)

    def take(self, sale: Sale, operation: Literal["submit", "void"], heard: Heard) -> None:
        """Write one answer down."""
        if heard.status in NOT_TAKEN:
            self.unanswered += 1
            return
        if heard.status not in (200, 202):
            self.unexpected.append(f"{operation} of {sale.order_id}: {heard.status} {heard.body!r}")
            return
        answer = heard.json()
        sale.acknowledged = True
        self.told.append(
            Told(
                store=sale.shop.store,
                order_id=sale.order_id,
                operation=operation,
                standing=answer["outcome"],
                reference=answer["results"][-1]["reference"],
            )
        )


@dataclass
class Till:
    """One till of one store; it sells `most` orders at most, each under a receipt of its own."""

    name: str
    shop: Shop
    desk: Desk
    ledger: Ledger
    chance: random.Random
    most: int
    void_rate: float = 0.15
    mine: list[Sale] = field(default_factory=list)

    async def work(self) -> None:
        """Trade until the day is over, or somebody cancels it."""
        while sum(sale.acknowledged for sale in self.mine) < self.most:
            await self.once()
            await asyncio.sleep(self.chance.random() * PAUSE_SECONDS)

    async def once(self) -> None:
        """Do one thing: mostly sell; repeat what had no answer; now and then void."""
        open_ = [sale for sale in self.mine if not sale.acknowledged]
        taken = [sale for sale in self.mine if sale.acknowledged]
        if len(open_) >= UNANSWERED or (open_ and self.chance.random() < 0.5):
            await self.put(self.chance.choice(open_))
        elif taken and self.chance.random() < self.void_rate:
            await self.void(self.chance.choice(taken[-3:]))
        elif taken and self.chance.random() < 0.1:
            await self.put(self.chance.choice(taken))
        else:
            await self.put(self.sale())

    def sale(self, label: str = "") -> Sale:
        """Ring a new order up."""
        shop = self.shop
        order_id = f"{shop.store}-{self.name}{label}-{len(self.mine) + 1:04d}"
        member = self.chance.choice(shop.members)
        order = basket(self.chance, receipt=order_id, currency=shop.currency, member=member)
        sale = Sale(shop=shop, order_id=order_id, order=order)
        self.mine.append(sale)
        self.ledger.sales[order_id] = sale
        return sale

    async def put(self, sale: Sale, *, prefer: str | None = "") -> bool:
        """PUT an order, once more or for the first time; tell whether an answer came."""
        wait = self.chance.choice(WAITS) if prefer == "" else prefer
        try:
            heard = await self.desk.put(sale.shop.store, sale.order_id, sale.order, prefer=wait)
        except Unanswered:
            self.ledger.unanswered += 1
            return False
        self.ledger.take(sale, "submit", heard)
        return True

    async def void(self, sale: Sale, *, prefer: str | None = "") -> bool:
        """Void an order; tell whether an answer came."""
        wait = self.chance.choice(WAITS) if prefer == "" else prefer
        try:
            heard = await self.desk.void(sale.shop.store, sale.order_id, prefer=wait)
        except Unanswered:
            self.ledger.unanswered += 1
            return False
        self.ledger.take(sale, "void", heard)
        return True


def open_tills(
    scene: Scene,
    *,
    shops: Iterable[Shop] = SHOPS,
    each: int = 1,
    ledger: Ledger,
    seed: int = 0,
    most: int = 0,
) -> list[Till]:
    """So many tills in each store, named by numbers, each with a chance of its own."""
    return [
        Till(
            name=str(number),
            shop=shop,
            desk=Desk(scene),
            ledger=ledger,
            chance=random.Random(f"{seed}/{shop.store}/{number}"),
            most=most,
        )
        for shop in shops
        for number in range(1, each + 1)
    ]
