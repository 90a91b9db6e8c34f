"""What the played Spoonity knows, how it is set to behave, and what has happened there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

POINTS_PER_UNIT = 10
"""Points earned for each currency unit of subtotal (dossier 4.5)."""

POINTS_PER_PAID_UNIT = 100
"""Points Loyalty Pay takes for one currency unit: `five_off` costs 500 and is worth five."""

ITEM_PREFIX = "discount_"
"""A reward whose identifier begins so belongs to an item, any other to the order (dossier 3.5)."""

POINTS: Mapping[str, Any] = {"id": 961, "name": "Points", "code": None}
MONEY: Mapping[str, Any] = {"id": 191, "name": "Canadian Dollar", "code": "CAD"}
VENDOR_ID = 77
"""The brand, the same at all its locations."""

ACTIVE: Mapping[str, Any] = {"id": 1, "name": "Active"}
CLOSED: Mapping[str, Any] = {"id": 2, "name": "Closed"}
REWARD_TYPE: Mapping[str, Any] = {"id": 1, "name": "Discount"}
RULES_MADE_AT = 1690000000
"""Unix seconds at which the brand set up its rewards: any moment before the first order."""

FIRST_REFERENCE = 17_000_001
FIRST_TRANSACTION = 20_000_001
"""Where orders and gift-card calls, and Loyalty Pay, start to count (as in dossier 3.5-3.7)."""


@dataclass(frozen=True, kw_only=True)
class Switches:
    """Where Spoonity is known to differ from itself; the defaults are the documented samples."""

    check_in_status: int = 201
    """Status of a successful POST /onscreen: 201 or 200."""
    success_as_text: bool = True
    """`success` of an order is "true" or "false"; else the JSON literals."""
    negative_loyalty_pay: bool = False
    """A negative Loyalty Pay amount takes points like a positive one; else it is refused."""
    refuse_repeated_receipt: bool = False
    """An order whose receipt number this location has already seen is refused; else taken again."""
    receipt_data_missing: bool = False
    """Successful orders and gift-card calls leave `receipt_data` out."""
    numbers_quoted: bool = False
    """Every number of an answer comes as a text."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A customer, reachable by each identifier, with opening balances in points and CAD."""

    id: str
    first_name: str
    card: str
    email: str
    phone: str
    points: int
    money: Decimal


@dataclass(frozen=True, kw_only=True)
class Reward:
    """Something points buy: `cost` in points, `identifier` as the brand's catalogue spells it."""

    id: int
    identifier: str
    name: str
    cost: int

    @property
    def for_item(self) -> bool:
        """Whether it belongs on a line item rather than on the whole order."""
        return self.identifier.startswith(ITEM_PREFIX)


@dataclass(frozen=True, kw_only=True)
class Session:
    """One check-in of a member at a location."""

    id: int
    hash: str
    api_key: str
    member: Member
    created: int


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing that took effect: `points` and `money` are what it changed for the member."""

    kind: str
    api_key: str
    member_id: str
    receipt: str | None
    amount: Decimal
    reference: str
    points: int = 0
    money: Decimal = Decimal(0)
    discounts_field: str | None = None
    """Which spelling carried an order's own discounts: `discounts`, `discount`, or neither."""


@dataclass(kw_only=True)
class World:
    """The brand's data and, changed only by `open`, `close` and `commit`, all that has happened.

    `stores` maps the api key of each location to the code of its store.
    """

    stores: Mapping[str, str]
    members: tuple[Member, ...]
    rewards: tuple[Reward, ...]
    points: dict[str, int] = field(init=False)
    money: dict[str, Decimal] = field(init=False)
    opened: int = field(init=False, default=0)
    sessions: dict[tuple[str, str], Session] = field(init=False, default_factory=dict)
    deeds: list[Deed] = field(init=False, default_factory=list)
    voided: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.points = {member.id: member.points for member in self.members}
        self.money = {member.id: member.money for member in self.members}

    def member(self, identifier: str) -> Member | None:
        """Who is meant by a card number, an e-mail address or a phone number, exactly as stored."""
        known = {name: m for m in self.members for name in (m.card, m.email, m.phone)}
        return known.get(identifier)

    def reward(self, identifier: str) -> Reward | None:
        """The reward an order's discount id names, with or without `discount_` on either side."""
        known = {reward.identifier.removeprefix(ITEM_PREFIX): reward for reward in self.rewards}
        return known.get(identifier.removeprefix(ITEM_PREFIX))

    def orders(self) -> list[Deed]:
        """Every order ever taken, oldest first, voided ones too."""
        return [deed for deed in self.deeds if deed.kind == "submit"]

    def open(self, api_key: str, member: Member, now: datetime) -> Session:
        """Check a member in; several sessions may be open at once."""
        self.opened += 1
        session = Session(
            id=5500 + self.opened,
            hash=f"{self.opened:032x}",
            api_key=api_key,
            member=member,
            created=int(now.timestamp()),
        )
        self.sessions[api_key, session.hash] = session
        return session

    def session(self, api_key: str, session_hash: str) -> Session | None:
        """The session of that hash if it is this location's and still open."""
        return self.sessions.get((api_key, session_hash))

    def close(self, session: Session) -> None:
        """End a session; its hash is never good again."""
        del self.sessions[session.api_key, session.hash]

    def next_number(self, first: int) -> str:
        """A number for the next deed, greater than all that were counted from the same `first`."""
        return str(first + len(self.deeds))

    def commit(self, deed: Deed) -> None:
        """Let a deed take effect on the member's balances; a void may leave points below zero."""
        self.points[deed.member_id] += deed.points
        self.money[deed.member_id] += deed.money
        self.deeds.append(deed)
        if deed.kind == "void":
            self.voided.add(deed.reference)


def collection(*data: Mapping[str, Any]) -> dict[str, Any]:
    """Spoonity's envelope for a list, all on one page."""
    size = len(data)
    return {"object": "collection", "data": data, "page_size": size, "count": size, "page": 1}


def session_view(session: Session, status: Mapping[str, Any] = ACTIVE) -> dict[str, Any]:
    """The `pos_session` block."""
    times = dict.fromkeys(("date_created", "date_updated"), session.created)
    block = {"id": session.id, "object": "pos_session", "hash": session.hash}
    return {**block, **times, "status": status}


def check_in_view(session: Session) -> dict[str, Any]:
    """The answer to POST /onscreen."""
    till = {"object": "pointofsale", "id": 5, "name": "Manual", "status": ACTIVE}
    modules = collection(
        {"object": "middlewaremodule", "id": 1, "name": "Loyalty"},
        {"object": "middlewaremodule", "id": 2, "name": "Quick Pay"},
    )
    vendor = {"object": "vendor", "id": VENDOR_ID, "point_of_sale": till, "modules": modules}
    no_workstation = {"workstation_identifier": None}
    return {"pos_session": session_view(session), "vendor": vendor, "api_key": no_workstation}


def onscreen_view(session: Session, world: World) -> dict[str, Any]:
    """The answer to GET /onscreen: the rewards are those the member can pay for now."""
    member = session.member
    points, money = world.points[member.id], world.money[member.id]
    rules = [_rule_view(reward) for reward in world.rewards if reward.cost <= points]
    earning = {"id": 41, "currency": POINTS, "award_amount": POINTS_PER_UNIT, "status": ACTIVE}
    return {
        "pos_session": session_view(session),
        "user": {
            "id": member.id,
            "first_name": member.first_name,
            "email_address": member.email,
            "phone_number": member.phone,
            **dict.fromkeys(("last_name", "cedula", "passport_number", "birthdate")),
        },
        "favourite_items": [],
        "quick_pay_balance": {"amount": money, "currency": MONEY, "expiring": collection()},
        "loyalty_balance": collection({"amount": points, "currency": POINTS, "expiring": None}),
        "rules": {"earning": collection(earning), "spending": collection(*rules)},
    }


def balances_view(member: Member, world: World) -> list[dict[str, Any]]:
    """Money, then points, as `receipt_data.user.balances` has them."""
    money, points = world.money[member.id], world.points[member.id]
    return [
        {"id": MONEY["id"], "currency": MONEY["name"], "balance": money, "type": "Quick Pay"},
        {"id": POINTS["id"], "currency": POINTS["name"], "balance": points, "type": "Loyalty"},
    ]


def perk_view(reward: Reward) -> dict[str, Any]:
    """A reward as the brand lists it for everyone (GET /vendor/perk/redemption/list)."""
    return {
        "vendor_perk_redemption_id": reward.id,
        "vendor": {"object": "vendor", "id": VENDOR_ID},
        "type": REWARD_TYPE,
        **_offer(reward),
        **dict.fromkeys(("date_created", "date_updated"), RULES_MADE_AT),
    }


def _rule_view(reward: Reward) -> dict[str, Any]:
    return {
        "id": reward.id,
        **_offer(reward),
        "available": 1,
        "progress": reward.cost,
        "group": None,
        "catalog": {"id": reward.id, "identifier": reward.identifier, "name": reward.name},
    }


def _offer(reward: Reward) -> dict[str, Any]:
    return {
        "name": reward.name,
        "summary": f"{reward.cost} points",
        "description": reward.name,
        "cost": reward.cost,
        "currency": POINTS,
        "template": REWARD_TYPE,
        **dict.fromkeys(("start_date", "end_date")),
    }


def sample_world() -> World:
    """A new brand in CAD as the examples and the demo need it.

    Stores: 0042 with `key-0042`, 0043 with `key-0043`. Members: Ana (card 7000100042,
    ana@example.test, phone 5550100; 9886 points, 6.36 CAD) can afford every reward; Brandin (card
    7000100043, brandin@spoonity.com, phone 5550101; 250 points, 20.00 CAD) only the coffee.
    Rewards: `discount_free_coffee` on an item for 100 points, `five_off` on an order for 500.
    """
    return World(
        stores={"key-0042": "0042", "key-0043": "0043"},
        members=(
            Member(
                id="900001",
                first_name="Ana",
                card="7000100042",
                email="ana@example.test",
                phone="5550100",
                points=9886,
                money=Decimal("6.36"),
            ),
            Member(
                id="900002",
                first_name="Brandin",
                card="7000100043",
                email="brandin@spoonity.com",
                phone="5550101",
                points=250,
                money=Decimal("20.00"),
            ),
        ),
        rewards=(
            Reward(id=7001, identifier="discount_free_coffee", name="Free coffee", cost=100),
            Reward(id=7002, identifier="five_off", name="Five off", cost=500),
        ),
    )
