"""Operations: what is asked of a vendor, each a value with everything its flow needs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter

from gateway.core.frozen import Frozen, Id, Identifier, Instant, Text, Word
from gateway.core.money import Amount
from gateway.core.order import (
    Cashier,
    Channel,
    Currency,
    Extensions,
    Member,
    Order,
    ServiceMode,
    State,
)
from gateway.core.outcome import Reward

Name = Literal[
    "identify", "rewards", "quote", "submit", "void", "refund", "release", "pay", "load", "reverse"
]


class VendorVisit(Frozen):
    """What one vendor gave for one visit, as its flows want it back."""

    visit_id: Id
    member: Member
    member_id: str | None = None
    rewards: tuple[Reward, ...] = ()
    keep: dict[str, JsonValue] = Field(default_factory=dict)
    holds: bool = False
    till: Id
    receipt_number: str | None = None
    cashier: Cashier | None = None
    service_mode: ServiceMode | None = None
    order_id: Id | None = None


class VendorQuote(Frozen):
    """What one vendor answered to a basket."""

    quote_id: Id
    discount: Amount = Decimal(0)
    keep: dict[str, JsonValue] = Field(default_factory=dict)


class Record(Frozen):
    """What one vendor already holds of an order, told by the outcomes of earlier entries.

    `state` is the latest state that was applied; `order` the basket it was applied with; `keep`
    what the adapter kept, later outcomes over earlier ones.
    """

    state: State | None = None
    reference: str | None = None
    member_id: str | None = None
    order: Order | None = None
    keep: dict[str, JsonValue] = Field(default_factory=dict)


class Operation(Frozen):
    """One thing asked of one vendor; `at` is when the gateway accepted it."""

    at: Instant


class Identify(Operation):
    """Find the member, and take what the vendor gives for a visit."""

    name: Literal["identify"] = "identify"
    visit_id: Id
    till: Id
    member: Member
    order_id: Id | None = None
    receipt_number: Text | None = None
    cashier: Cashier | None = None
    channel: Channel | None = None
    service_mode: ServiceMode | None = None
    opened_at: Instant | None = None
    replaces: VendorVisit | None = None
    extensions: Extensions = Field(default_factory=dict)


class Rewards(Operation):
    """List every active reward of the brand."""

    name: Literal["rewards"] = "rewards"


class Quote(Operation):
    """Have a basket checked and its rewards priced."""

    name: Literal["quote"] = "quote"
    order_id: Id
    order: Order
    visit: VendorVisit | None = None


class Submit(Operation):
    """Record an order in one of its states.

    `claimed` holds the vendor's references that other orders of the store already have: a look
    never takes one of them for this order's.
    """

    name: Literal["submit"] = "submit"
    order_id: Id
    order: Order
    visit: VendorVisit | None = None
    quote: VendorQuote | None = None
    claimed: tuple[str, ...] = ()
    record: Record = Record()


class Void(Operation):
    """Undo an order that should not have happened."""

    name: Literal["void"] = "void"
    order_id: Id
    order: Order
    visit: VendorVisit | None = None
    reason: Text = ""
    record: Record = Record()


class ReturnedLine(Frozen):
    """A line, or a part of it, that came back."""

    line_id: Id
    quantity: Amount


class Refund(Operation):
    """Undo an order whose goods came back; `lines` None is the whole order."""

    name: Literal["refund"] = "refund"
    order_id: Id
    order: Order
    visit: VendorVisit | None = None
    reason: Text = ""
    lines: tuple[ReturnedLine, ...] | None = None
    record: Record = Record()


class Release(Operation):
    """Give back what a visit holds."""

    name: Literal["release"] = "release"
    visit: VendorVisit


class StoredValue(Operation):
    """Take or add stored value of a member; `amount` in currency units, positive."""

    payment_id: Id
    instrument: Literal["gift_card", "points"]
    amount: Amount
    currency: Currency
    member: Member
    till: Id
    visit: VendorVisit | None = None
    cashier: Cashier | None = None
    receipt_number: Word | None = None
    order_id: Id | None = None
    paid_at: Instant


class Pay(StoredValue):
    """Take stored value."""

    name: Literal["pay"] = "pay"


class Load(StoredValue):
    """Add stored value."""

    name: Literal["load"] = "load"


class Reverse(Operation):
    """Undo a payment or a load."""

    name: Literal["reverse"] = "reverse"
    payment: Annotated[Pay | Load, Field(discriminator="name")]
    reason: Text = ""
    record: Record = Record()


Entry = Annotated[
    Submit | Void | Refund | Release | Pay | Load | Reverse, Field(discriminator="name")
]
ENTRY: TypeAdapter[Submit | Void | Refund | Release | Pay | Load | Reverse] = TypeAdapter(Entry)
"""Reads an operation back from the outbox."""


def member_of(operation: Operation) -> Member | None:
    """Name the member an operation is about, None for a guest."""
    if isinstance(operation, Submit | Void | Refund | Quote):
        return operation.visit.member if operation.visit else operation.order.member
    if isinstance(operation, Identify | StoredValue):
        return operation.member
    if isinstance(operation, Release):
        return operation.visit.member
    if isinstance(operation, Reverse):
        return operation.payment.member
    return None


def identifiers(member: Member) -> Mapping[str, Identifier]:
    """Every identifier the till captured for a member, by kind."""
    named: dict[str, Identifier] = {member.kind: member.value}
    if member.email:
        named.setdefault("email", member.email)
    if member.phone:
        named.setdefault("phone", member.phone)
    return named


def contradicts(visit_member: Member, order_member: Member | None) -> bool:
    """Tell whether an order names somebody else than its visit, by a kind both are named by.

    Spelling aside: an e-mail's letter case and a phone's punctuation name nobody else.
    """
    if order_member is None:
        return False
    known, named = identifiers(visit_member), identifiers(order_member)
    return any(
        _plain(kind, known[kind]) != _plain(kind, named[kind])
        for kind in known.keys() & named.keys()
    )


def _plain(kind: str, value: str) -> str:
    if kind == "phone":
        return "".join(char for char in value if char.isdigit())
    return value.strip().lower() if kind == "email" else value.strip()
