"""What the played Spendgo knows, how it is set to behave, and what has happened there."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from adapters.spendgo.checks import CURRENCY, Claim, Ticket
from gateway.core.money import json_number, round_half_up
from gateway.core.sandbox import Held

VALUE_PER_POINT = Decimal("0.01")
"""What one point is worth where points are money (dossier 3.3, example rate)."""

BANK_PREFIX = "P_"
"""How the ids of Shop With Points and Points Banking rewards begin (dossier 3.2)."""

SPEND_THRESHOLD = Decimal(1500)
"""Points that make the next reward; above what any sample member has, so nothing is converted."""

STORES = frozenset({"0077", "0042"})
"""The store codes agreed with the sample brand."""


@dataclass(frozen=True, kw_only=True)
class Switches:
    """Where Spendgo is undocumented or differs from itself; the defaults are the contract's."""

    program: Literal["points", "points_banking", "shop_with_points"] = "points"
    """The account's programme; the bank ones list the `P_` reward, the last in any part of it."""
    sign_query: bool = True
    """The signed `uri` includes the query; else it is the path alone."""
    unknown_member_is_bad_id: bool = False
    """A member id nobody has is answered 400/4003; else 404/2000."""
    clash_is_bad_request: bool = False
    """E-mail and phone of different members are answered 400/2000; else 409/409."""
    verify_new_members: bool = False
    """Whoever is new is answered 202 without an id; else only where `verify_email` was asked."""
    refused_reward_fails: bool = False
    """A reward refused at checkout is answered 400/400; else 200 with a `message`."""
    repeat_conflicts: bool = False
    """The same status with the same bytes is answered 409; else as the first time."""
    refund_without_transaction: bool = False
    """A refund may leave `transaction` out."""
    check_sums: bool = True
    """Figures that do not add up to the cent are refused."""
    capitalised: bool = False
    """Answers spell `Rebate`, `Units` and `Type`."""
    transaction_in_list: bool = False
    """Orders answer `transaction` as a list of one (v2.1.0)."""
    plain_text: bool = False
    """What is done is answered with the text `OK` instead of JSON."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account: `id` is an order's `brand`, `signing_key` the secret in base64."""

    id: str
    signing_key: str
    stores: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Member:
    """A customer; `rewards` names those the member has one of to begin with."""

    id: str
    phone: str
    email: str | None = None
    points: Decimal = Decimal(0)
    rewards: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reward:
    """Something an order may be given at some stores.

    `value` is currency units of a `rebate` and percent of a `discount`; a `gift` is the item whose
    label is `item`. One that is `listed_once` is gone from the list after that, yet usable.
    """

    id: str
    offer: Literal["rebate", "discount", "gift"]
    label: str
    code: str
    value: int = 0
    item: str | None = None
    listed_once: bool = False
    stores: Collection[str] = STORES

    @property
    def is_bank(self) -> bool:
        """Whether it spends the points themselves."""
        return self.id.startswith(BANK_PREFIX)


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order as last reported, with what checkout promised and the till has spent of it."""

    ticket: Ticket
    member_id: str | None
    sent: bytes
    reward_id: str | None = None
    promised: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)
    earned: Decimal = Decimal(0)
    transaction: str | None = None
    message: str | None = None

    def repeated_by(self, order: "Order") -> bool:
        """Whether the same is reported again; a repeated checkout is a new question."""
        alike = self.sent == order.sent and self.member_id == order.member_id
        return alike and order.ticket.status != "checkout"


@dataclass(kw_only=True)
class World:
    """The accounts, by api key, with their members and rewards, and all that has happened."""

    accounts: Mapping[str, Account]
    rewards: Mapping[str, Reward]
    members: dict[str, Member]
    points: dict[str, Decimal] = field(init=False)
    held: dict[tuple[str, str], int] = field(init=False)
    listed: set[tuple[str, str, str]] = field(init=False, default_factory=set)
    orders: dict[tuple[str, str, str], Order] = field(init=False, default_factory=dict)
    deeds: list[Held] = field(init=False, default_factory=list)
    last_member: int = field(init=False, default=700_100)
    last_transaction: int = field(init=False, default=5_900_000)

    def __post_init__(self) -> None:
        self.points = {member.id: member.points for member in self.members.values()}
        self.held = {
            (member.id, reward_id): 1
            for member in self.members.values()
            for reward_id in member.rewards
        }

    def enrol(self, phone: str, email: str | None) -> Member:
        """Make a new member, usable at once."""
        self.last_member += 1
        member = Member(id=str(self.last_member), phone=phone, email=email)
        self.members[member.id] = member
        self.points[member.id] = Decimal(0)
        return member

    def owned(self, member_id: str, program: str) -> Iterator[Reward]:
        """The rewards a member has at least one of in a programme, wherever they may be used."""
        for reward in self.rewards.values():
            in_program = program != "points" or not reward.is_bank
            if in_program and self.held.get((member_id, reward.id), 0) > 0:
                yield reward

    def list_rewards(self, member_id: str, store: str, program: str) -> list[Reward]:
        """What a member may use at a store; from now on these have been returned there."""
        shown = {reward_id for member, _, reward_id in self.listed if member == member_id}
        rewards = [
            reward
            for reward in self.owned(member_id, program)
            if store in reward.stores and not (reward.listed_once and reward.id in shown)
        ]
        self.listed |= {(member_id, store, reward.id) for reward in rewards}
        return rewards

    def value(self, reward: Reward, member_id: str) -> Decimal:
        """The projected value as listed: for a bank reward, all the points in currency units."""
        return self.points[member_id] * VALUE_PER_POINT if reward.is_bank else Decimal(reward.value)

    def view(self, reward: Reward, member_id: str, *, capitalised: bool) -> dict[str, Any]:
        """A reward of a member as GET .../rewards lists it."""
        return {
            "id": reward.id,
            "currency": CURRENCY,
            "offer": reward.offer.capitalize() if capitalised else reward.offer,
            "label": reward.label,
            "value": json_number(self.value(reward, member_id)),
            "reference": {"Type" if capitalised else "type": "promo", "code": reward.code},
            "quantity": self.held[member_id, reward.id],
        }

    def has_left(self, member_id: str, claim: Claim) -> bool:
        """Whether a member still has the reward, or the points for its discount."""
        reward = self.rewards[claim.id]
        if reward.is_bank:
            return claim.discount <= self.value(reward, member_id)
        return self.held[member_id, claim.id] > 0

    @property
    def ledger(self) -> tuple[Held, ...]:
        """What took effect, oldest first, and whether it still stands."""
        undone = {deed.reference for deed in self.deeds if deed.kind != "submit"}
        return tuple(
            replace(deed, standing=deed.kind != "submit" or deed.reference not in undone)
            for deed in self.deeds
        )

    def find(self, account: str, ticket: Ticket) -> Order | None:
        """The order a call speaks of: by the till's id, else by the basket's uuid."""
        kept = (self.orders.get(key) for key in _keys(account, ticket))
        return next(filter(None, kept), None)

    def report(self, account: str, order: Order) -> Order:
        """Let an order's new status take effect; the order as it then is."""
        ticket, status = order.ticket, order.ticket.status
        if status == "billed":
            self.last_transaction += 1
            order = replace(order, transaction=str(self.last_transaction))
            self._move(order, rewards=-1)
            self._record("submit", order)
        elif status == "completed":
            order = replace(order, earned=max(ticket.subtotal - ticket.discount, Decimal(0)) // 1)
            self._move(order, points=1)
        elif status == "voided":
            self._move(order, rewards=1)
            self._record("void", order)
        elif status == "refunded":
            self._move(order, rewards=1, points=-1)
            self._record("refund", order)
        keys = _keys(account, ticket)
        for key in keys:
            self.orders.pop(key, None)
        self.orders.update(dict.fromkeys(keys[:1], order))
        return order

    def _move(self, order: Order, *, rewards: int = 0, points: int = 0) -> None:
        """Give (1) or take (-1) an order's reward and points; before `billed` nothing was taken."""
        member_id = order.member_id
        if member_id is None or order.transaction is None:
            return
        self.points[member_id] += points * order.earned
        if order.reward_id is None:
            return
        if self.rewards[order.reward_id].is_bank:
            self.points[member_id] += rewards * order.spent / VALUE_PER_POINT
        else:
            self.held[member_id, order.reward_id] += rewards

    def _record(self, kind: str, order: Order) -> None:
        self.deeds.append(
            Held(
                kind=kind,
                receipt=order.ticket.id or None,
                member=order.member_id,
                amount=order.ticket.total,
                reference=order.transaction or "",
                standing=True,
            )
        )


def price(reward: Reward, asked: Decimal, ticket: Ticket) -> Decimal:
    """The discount a reward is worth on an order, in currency units; 0 where it does not fit."""
    if reward.is_bank:
        return min(asked, ticket.subtotal)
    if reward.offer == "rebate":
        return min(Decimal(reward.value), ticket.subtotal)
    if reward.offer == "discount":
        return round_half_up(ticket.subtotal * reward.value / 100, CURRENCY)
    costs = (each.item.unit for each in ticket.basket.entries if each.item.label == reward.item)
    return round_half_up(max(costs, default=Decimal(0)), CURRENCY)


def _keys(account: str, ticket: Ticket) -> list[tuple[str, str, str]]:
    """Where an order may be kept, the best place first (dossier 4.1)."""
    names = {"id": ticket.id, "uuid": ticket.basket.uuid}
    return [(account, ticket.vendor, f"{key} {name}") for key, name in names.items() if name]


def sample_world() -> World:
    """One brand in USD as the examples and the demo need it.

    Account 90001: key `spendgo-key`, stores 0077 and 0042. Members: 700001 (phone 4155550123,
    ana@example.test, 1250 points) has one of each reward; 700002 (phone 4155550124,
    brandin@example.test) has none. Rewards: 810001 $5 off at 0077 alone; everywhere 810002 10 %
    off, 810003 a free Latte, 810004 $2 off that is listed once, and P_820001, the points
    themselves, where the programme is one of the bank ones.
    """
    rewards = (
        Reward(id="810001", offer="rebate", label="$5 Off", code="5OFF", value=5, stores=("0077",)),
        Reward(id="810002", offer="discount", label="10% Off", code="10PCT", value=10),
        Reward(id="810003", offer="gift", label="Free Latte", code="LATTE", item="Latte"),
        Reward(id="810004", offer="rebate", label="$2 Off", code="", value=2, listed_once=True),
        Reward(id="P_820001", offer="rebate", label="Shop With Points", code=""),
    )
    ana = Member(
        id="700001",
        phone="4155550123",
        email="ana@example.test",
        points=Decimal(1250),
        rewards=tuple(reward.id for reward in rewards),
    )
    brandin = Member(id="700002", phone="4155550124", email="brandin@example.test")
    key = "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8="
    return World(
        accounts={"spendgo-key": Account(id="90001", signing_key=key, stores=STORES)},
        rewards={reward.id: reward for reward in rewards},
        members={member.id: member for member in (ana, brandin)},
    )
