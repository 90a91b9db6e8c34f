"""What the played RBI knows, how it is set to behave, and what has happened there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from gateway.core.money import json_number
from gateway.core.sandbox import Held

RULES: Mapping[str, tuple[str, str]] = {
    "points": ("insufficient-point-balance", "point-balance"),
    "count": ("exceeds-limit-per-order", "limit-per-order"),
    "weekday": ("invalid-day-of-the-week", "day-of-the-week"),
    "day": ("invalid-end-date", "date-span"),
    "service_mode": ("invalid-service-mode", "service-mode"),
    "store_id": ("invalid-store-id", "store-restrictions"),
}
"""What the engine looks at, and the code and rule id of its no (dossier 3.8): points, how many the
order has, `Monday` and `2025-03-01` (both local), service mode and store."""


@dataclass(frozen=True, kw_only=True)
class Switches:
    """Where the documentation is silent or contradicts itself; the defaults are the dossier's."""

    validate_method: Literal["POST", "PUT"] = "POST"
    otp_ttl_s: int = 300
    """How long a code of known age can be identified with."""
    pending_ttl_s: int | None = None
    """How long an untouched pending transaction keeps its hold; None is for ever."""
    earn_rate: int = 10
    """Points earned per currency unit paid."""
    old_shape: bool = False
    """Updates are answered in the struck-out shape, that of identify."""
    old_codes: bool = False
    """Error codes of update come in their older spelling, `TransactionNotClaimable`."""
    old_spelling: bool = False
    """Quantity and price are texts, `balances` one object, `productType` in lower case."""
    presentation: bool = True
    """Claims and unclaimed sales are answered with texts for the receipt."""
    empty_success: bool = False
    """A successful validate or void is answered 204 without a body, else 200 with `{}`."""
    rules_error_http: int = 400
    payments_equal_total: bool = False
    """Refuse a claim whose payments are not the basket's total: unit prices, tax on top."""
    numeric_store_id: bool = False
    """Refuse a `storeId` that is not a JSON number."""
    free_combo_children: bool = False
    """Refuse a line in a combo with a price of its own."""


@dataclass(frozen=True, kw_only=True)
class Store:
    """A restaurant; rewards can be redeemed only where loyalty is on."""

    store_id: str
    loyalty: bool = True


@dataclass(frozen=True, kw_only=True)
class Incentive:
    """A reward (costs points) or an offer, and the engine's rules for it.

    `cost` is in points, `price` in currency units. `allowed` has the values that pass, by the
    names of RULES. Only offers made for one guest lack the `incentive_id`.
    """

    kind: Literal["reward", "offer"]
    name: str
    plu: str
    incentive_id: str | None = None
    engine_id: str | None = None
    cost: int = 0
    price: Decimal | None = Decimal(0)
    allowed: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The id that names it here: the incentive id, else the engine's."""
        return self.incentive_id or self.engine_id or self.plu

    @property
    def ids(self) -> dict[str, str]:
        """The ids RBI gives for it, by their wire names."""
        pairs = (("incentiveId", self.incentive_id), ("loyaltyEngineId", self.engine_id))
        return {name: value for name, value in pairs if value is not None}

    def picked(self, quantity: int, *, old: bool) -> dict[str, Any]:
        """Say it as in `order[]`: the price may be missing, and all have one `referenceId`."""
        numbers: dict[str, Any] = {"quantity": quantity}
        if self.price is not None:
            numbers["price"] = json_number(self.price)
        return {
            "productId": self.plu,
            "productType": self.kind if old else self.kind.upper(),
            **self.ids,
            **({name: str(value) for name, value in numbers.items()} if old else numbers),
            "referenceId": "00",
        }


@dataclass(frozen=True, kw_only=True)
class Want:
    """An incentive that somebody wants, and how many of it."""

    incentive: Incentive
    count: int | Decimal = 1

    @property
    def cost(self) -> int:
        """What it takes, in points."""
        return int(self.incentive.cost * self.count)

    def breaks(self, rule: tuple[str, str], current: Any, target: Any) -> dict[str, Any]:
        """One entry of `ruleEvaluation` (dossier 3.8)."""
        said = {"code": rule[0], "ruleId": rule[1], "message": f"{rule[1]} is not met"}
        key = self.incentive.key
        return {**said, "currentValue": current, "targetValue": target, "incentiveId": key}


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Somebody with the app; `points` opens the balance, `discounts` are as on the wire."""

    guest_id: str
    name: str
    points: int
    created: datetime
    discounts: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Code:
    """A code in a guest's app, with the keys of what was picked there.

    Without `issued_at` it is fresh whenever it is first shown.
    """

    guest_id: str
    picked: tuple[str, ...] = ()
    issued_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One identification, or one unclaimed sale (then without guest); figures are points.

    `details` and `answer` are what was claimed and how it was answered.
    """

    transaction_id: str
    receipt_code: str
    guest_id: str | None
    touched_at: datetime
    status: Literal["PENDING", "CLAIMED", "VOID", "EXPIRED"] = "PENDING"
    hold: int = 0
    burned: int = 0
    earned: int = 0
    amount: Decimal = Decimal(0)
    details: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class World:
    """All the played RBI knows: what it was set up with, then what happened.

    `api_keys` is by region; `codes`, `promos` (to incentive ids) and `guests` by what the till
    sends for them, `used` what was identified with. Nobody, who has unclaimed sales, has 0 points.
    """

    api_keys: Mapping[str, str]
    stores: Mapping[str, Store]
    guests: Mapping[str, Guest]
    incentives: tuple[Incentive, ...]
    codes: Mapping[str, Code]
    promos: Mapping[str, str]
    points: dict[str | None, int] = field(init=False)
    used: set[str] = field(init=False, default_factory=set)
    transactions: dict[str, Transaction] = field(init=False, default_factory=dict)
    deeds: list[Held] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.points = {None: 0, **{one.guest_id: one.points for one in self.guests.values()}}

    def incentive(self, kind: str, ids: Mapping[str, str]) -> Incentive | None:
        """What these ids name, each in its own field, if it is of that kind."""
        of_kind = (one for one in self.incentives if one.kind == kind)
        return next((one for one in of_kind if ids.items() <= one.ids.items()), None)

    def balance(self, guest_id: str) -> int:
        """The guest's points without those held by pending transactions."""
        everything = self.transactions.values()
        return self.points[guest_id] - sum(t.hold for t in everything if t.guest_id == guest_id)

    def expire(self, now: datetime, ttl_s: int) -> None:
        """Let go of the holds of pending transactions that nobody has touched for so long."""
        for old in list(self.transactions.values()):
            if old.status == "PENDING" and now - old.touched_at > timedelta(seconds=ttl_s):
                self.transactions[old.transaction_id] = replace(old, status="EXPIRED", hold=0)

    def open(self, guest_id: str | None, now: datetime) -> Transaction:
        """Begin a transaction, with ids counted from the first."""
        number = len(self.transactions) + 1
        transaction = Transaction(
            transaction_id=f"6b1d0c52-0000-4000-8000-{number:012d}",
            receipt_code=f"K{number:05d}",
            guest_id=guest_id,
            touched_at=now,
        )
        self.transactions[transaction.transaction_id] = transaction
        return transaction

    def hold(self, transaction: Transaction, points: int, receipt: str, now: datetime) -> None:
        """Hold these points instead of those held before; only a change is a deed."""
        held = replace(transaction, hold=points, touched_at=now)
        self.transactions[held.transaction_id] = held
        if points not in (0, transaction.hold):
            self._did("hold", transaction, receipt, Decimal(points))

    def claim(self, claimed: Transaction, receipt: str) -> None:
        """Make a claim final: burn and earn what it says."""
        self.transactions[claimed.transaction_id] = replace(claimed, status="CLAIMED", hold=0)
        self.points[claimed.guest_id] += claimed.earned - claimed.burned
        self._did("submit", claimed, receipt, claimed.amount)

    def void(self, transaction: Transaction, receipt: str) -> None:
        """Give back what is held or burned, and take what was earned: maybe below zero."""
        self.points[transaction.guest_id] += transaction.burned - transaction.earned
        self.transactions[transaction.transaction_id] = replace(transaction, status="VOID", hold=0)
        self._did("void", transaction, receipt, transaction.amount)

    def _did(self, kind: str, by: Transaction, receipt: str, amount: Decimal) -> None:
        deed = Held(
            kind=kind,
            receipt=receipt,
            member=by.guest_id,
            amount=amount,
            reference=by.transaction_id,
            standing=True,
        )
        self.deeds.append(deed)

    def held(self) -> tuple[Held, ...]:
        """Every hold (its amount is in points), claim and void, in the order they took effect."""
        newest = {deed.reference: deed for deed in self.deeds}

        def stands(deed: Held) -> bool:
            gone = deed.kind == "hold" and not self.transactions[deed.reference].hold
            return newest[deed.reference] is deed and not gone

        return tuple(replace(deed, standing=stands(deed)) for deed in self.deeds)


def sample_world() -> World:
    """A market as the examples and the demo need it.

    Region DE with `rbi-key-de`; store 20177, and 20178 where loyalty is off. Dana (2550 points,
    or her loyalty id) shows 481920 (picked: the drink, so 2300 are left), 481921 (the chicken
    offer), 481922 (the drink, and an offer made for her that has only an engine id), 481923
    (nothing) and 481900, long expired. Sam (100 points) shows 735501 or 735502 and may use ten
    per cent off. The promo code SUMMER stands for the ice cream, once an order.
    """
    dana_id, sam_id = (f"0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c{n}" for n in (10, 11))
    enrolled, price = datetime(2023, 2, 1, 9, tzinfo=UTC), Decimal("2.99")
    dana = Guest(guest_id=dana_id, name="Dana", points=2550, created=enrolled)
    details = {"displayName": "Ten % off", "discountValue": 10, "subtype": "PERCENTAGE_DISCOUNT"}
    ids = {"incentiveId": "off-ten", "productId": "9401", "referenceId": "eng-1010"}
    ten_off = {"details": {**details, "type": "offer"}, **ids}
    sam = replace(dana, guest_id=sam_id, name="Sam", points=100, discounts=(ten_off,))
    drink = Incentive(kind="reward", name="Drink", plu="9104", incentive_id="inc-drink", cost=250)
    chicken = Incentive(
        kind="offer", name="Chicken meal", plu="9201", incentive_id="off-chicken", price=price
    )
    ice = replace(chicken, name="Ice cream", plu="9202", incentive_id="off-summer")
    ice = replace(ice, allowed={"count": (1,)})
    for_dana = Incentive(kind="offer", name="Nuggets", plu="9301", engine_id="eng-7731", price=None)
    ten = Incentive(kind="offer", name="Ten % off", plu="9401", incentive_id="off-ten")
    return World(
        api_keys={"DE": "rbi-key-de"},
        stores={"20177": Store(store_id="20177"), "20178": Store(store_id="20178", loyalty=False)},
        guests={dana_id: dana, sam_id: sam},
        incentives=(drink, chicken, for_dana, ice, ten),
        codes={
            "481920": Code(guest_id=dana_id, picked=("inc-drink",)),
            "481921": Code(guest_id=dana_id, picked=("off-chicken",)),
            "481922": Code(guest_id=dana_id, picked=("inc-drink", "eng-7731")),
            "481923": Code(guest_id=dana_id),
            "481900": Code(guest_id=dana_id, issued_at=enrolled),
            "735501": Code(guest_id=sam_id),
            "735502": Code(guest_id=sam_id),
        },
        promos={"SUMMER": "off-summer"},
    )
