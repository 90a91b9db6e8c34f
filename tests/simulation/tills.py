"""What tills do in a story: sell, change their minds, and come back with the same request."""

import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from gateway.core.operation import Identify, Load, Pay
from gateway.core.order import Order
from tests.baskets import basket, priced
from tests.simulation.story import Story
from tests.simulation.vendors import CODES, Account

WAITS = (0.0, 1.0, 3.0)
PATIENT_WAITS = (1.0, 3.0, 3.0)
"""Seconds a till waits for its answer; for a member's, as the guest stands there, longer."""


@dataclass(frozen=True, kw_only=True)
class Sale:
    """An order as a till knows it."""

    account: Account
    order_id: str
    body: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Paid:
    """A payment as a till knows it."""

    account: Account
    payment: Pay | Load


@dataclass(kw_only=True)
class Tills:
    """All tills of all stores, and their memory."""

    chance: random.Random
    story: Story
    sold: list[Sale] = field(default_factory=list)
    placed: list[Sale] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)
    visits: list[tuple[Account, Identify]] = field(default_factory=list)
    open: list[tuple[Account, str]] = field(default_factory=list)
    regulars: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    _number: int = 0
    _codes: int = 0

    @property
    def stores(self) -> tuple[Account, ...]:
        """The accounts tills sell through: the primary ones."""
        return tuple(account for account in self.story.accounts if account.follows is None)

    async def sell(self) -> None:
        """Ring up a finished order, perhaps of a visit."""
        sale = self._new_sale("completed")
        self.sold.append(sale)
        await self._put(sale)

    async def place(self) -> None:
        """Ring up an order to be paid later."""
        sale = self._new_sale("placed")
        self.placed.append(sale)
        await self._put(sale)

    async def complete(self) -> None:
        """Finish an order that was placed."""
        if not self.placed:
            return
        first = self.placed.pop(self.chance.randrange(len(self.placed)))
        body = {**first.body, "state": "completed", "revision": 2}
        currency = first.account.currency
        body = priced(body, self.chance, currency, plain_only=True)
        sale = Sale(account=first.account, order_id=first.order_id, body=body)
        self.sold.append(sale)
        await self._put(sale)

    async def again(self) -> None:
        """Say something said before once more: the answer may have been lost."""
        known: list[Sale | Paid] = [*self.sold, *self.paid]
        if not known:
            return
        one = self.chance.choice(known)
        await (self._put(one) if isinstance(one, Sale) else self._move(one))

    async def undo(self) -> None:
        """Void an order, or refund it."""
        if not self.sold:
            return
        sale = self.chance.choice((self.sold[-1], self.sold[0], *self.sold))
        undo: Literal["void", "refund"] = self.chance.choice(("void", "void", "refund"))
        story, deadline = self.story, self._deadline()
        await story.ask(
            sale.account,
            sale.order_id,
            undo,
            story.gateway.doors.undoing.undo(
                story.gateway.store(sale.account.store),
                sale.order_id,
                undo,
                reason="mistake",
                deadline=deadline,
                trace_id="t",
            ),
            deadline=deadline,
        )

    async def identify(self) -> None:
        """Scan a member; half of the scans that got no answer are tried again."""
        able = [account for account in self.stores if account.can("identify")]
        members = [(account, member) for account in able for member in self._members(account)]
        if not members:
            return
        account, member = self.chance.choice(members)
        visit_id = f"{account.store}-v{self._next():04d}"
        said = {"visit_id": visit_id, "till": "1", "member": member, "receipt_number": visit_id}
        ask = Identify.model_validate({**said, "at": self.story.clock.now()})
        self.visits.append((account, ask))
        await self._open(account, ask)
        told = self.story.told[-1] if self.story.told else None
        if told is not None and told.answer == "accepted" and told.subject == visit_id:
            self.open.append((account, visit_id))
        elif self.chance.random() < 0.5:
            await self._open(account, ask)

    async def walk_away(self) -> None:
        """Close a visit: the guest changed their mind."""
        if not self.open:
            return
        account, visit_id = self.open.pop(self.chance.randrange(len(self.open)))
        story, deadline = self.story, self._deadline()
        await story.ask(
            account,
            visit_id,
            "close",
            story.gateway.doors.visits.close(
                story.gateway.store(account.store), visit_id, deadline=deadline, trace_id="t"
            ),
            deadline=deadline,
        )

    async def pay(self) -> None:
        """Take money from a gift card, or put some on it."""
        able = [account for account in self.stores if account.can("pay")]
        if not able:
            return
        account, number = self.chance.choice(able), self._next()
        payment_id = f"{account.store}-p{number:04d}"
        kind = self.chance.choice((Pay, Load))
        now = self.story.clock.now()
        payment = kind(
            at=now,
            payment_id=payment_id,
            instrument="gift_card",
            amount=Decimal(100 + number) / 100,
            currency=account.currency,
            member=next(member for member in account.members if member),
            till="1",
            receipt_number=payment_id,
            paid_at=now,
        )
        self.paid.append(Paid(account=account, payment=payment))
        await self._move(self.paid[-1])

    def _new_sale(self, state: str) -> Sale:
        account = self.chance.choice(self.stores)
        order_id = f"{account.store}-{self._next():04d}"
        facts: dict[str, Any] = {}
        mine = [visit for visit in self.open if visit[0] is account]
        if mine and self.chance.random() < 0.7:
            visit = self.chance.choice(mine)
            self.open.remove(visit)
            facts["visit_id"] = visit[1]
        else:
            facts["member"] = self._guest(account)
        body = basket(
            self.chance, receipt=order_id, currency=account.currency, state=state, **facts
        )
        return Sale(account=account, order_id=order_id, body=body)

    def _guest(self, account: Account) -> dict[str, Any] | None:
        """Who stands there: mostly the day's regular, whose orders depend on each other."""
        regular = self.regulars.setdefault(account.vendor, self.chance.choice(account.members))
        if self.chance.random() < 0.5:
            return regular
        return self.chance.choice((*self._members(account), None))

    def _members(self, account: Account) -> list[dict[str, Any]]:
        """Whom a till may meet: known faces, and codes nobody has shown yet."""
        known = [member for member in account.members if member is not None]
        if account.adapter.name == "rbi" and self._codes < len(CODES):
            self._codes += 1
            known.append({"kind": "short_code", "value": CODES[self._codes - 1]})
        return known

    async def _put(self, sale: Sale) -> None:
        story, deadline = self.story, self._deadline()
        order = Order.model_validate(sale.body)
        await story.ask(
            sale.account,
            sale.order_id,
            "submit",
            story.gateway.doors.orders.put(
                story.gateway.store(sale.account.store),
                sale.order_id,
                order,
                deadline=deadline,
                trace_id="t",
            ),
            deadline=deadline,
            revision=order.revision,
        )

    async def _open(self, account: Account, ask: Identify) -> None:
        story, deadline = self.story, self._deadline(PATIENT_WAITS)
        await story.ask(
            account,
            ask.visit_id,
            "identify",
            story.gateway.doors.visits.open(
                story.gateway.store(account.store),
                ask,
                ask.visit_id,
                replaces=None,
                deadline=deadline,
                trace_id="t",
            ),
            deadline=deadline,
        )

    async def _move(self, paid: Paid) -> None:
        story, payment, deadline = self.story, paid.payment, self._deadline()
        await story.ask(
            paid.account,
            payment.payment_id,
            payment.name,
            story.gateway.doors.payments.put(
                story.gateway.store(paid.account.store),
                payment,
                payment.payment_id,
                visit_id=None,
                deadline=deadline,
                trace_id="t",
            ),
            deadline=deadline,
        )

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _deadline(self, waits: tuple[float, ...] = WAITS) -> float:
        return self.story.gateway.deadline(self.chance.choice(waits))
