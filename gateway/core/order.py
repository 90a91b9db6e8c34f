"""The canonical order: the one thing a till says (till-api.md §2)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from gateway.core.frozen import Day, Frozen, Id, Identifier, Instant, Text, Word
from gateway.core.money import Amount, DecimalString

LINES = 500
"""The longest table bill seen is far shorter; a longer one is a slip."""

DISCOUNTS = 100
TAXES = 50
PAYMENTS = 50
CATEGORIES = 20
"""Lists inside an order: generous for a restaurant, small enough for every vendor's body."""

REVISION = 1_000_000
"""A till that counts further is in a loop."""

State = Literal["placed", "paid", "completed"]
Channel = Literal["in_store", "kiosk", "drive_thru", "web", "app", "phone"]
ServiceMode = Literal[
    "eat_in", "takeout", "drive_thru", "curbside", "table_service", "pickup", "delivery"
]
MemberKind = Literal[
    "phone", "email", "card", "app_token", "short_code", "vendor_id", "national_id", "passport"
]
LineKind = Literal["item", "combo", "modifier", "reward", "offer", "fee"]
Tender = Literal["cash", "card", "gift_card", "points", "voucher", "external"]
Brand = Literal["visa", "mastercard", "amex", "discover", "diners", "jcb", "other"]

STATES: tuple[State, ...] = ("placed", "paid", "completed")
"""In the order in which a sale goes through them; never back."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Extensions = dict[Id, dict[str, Any]]
Quantity = Annotated[DecimalString, Field(gt=0)]


class Cashier(Frozen):
    """Who stands at the till."""

    id: Word
    name: Text | None = None


class Consent(Frozen):
    """What the guest agreed to."""

    enrol: StrictBool = False


class Member(Frozen):
    """The loyalty customer named on an order, as captured at the till."""

    kind: MemberKind
    value: Identifier
    first_name: Text | None = None
    last_name: Text | None = None
    email: Identifier | None = None
    phone: Identifier | None = None
    consent: Consent = Consent()


class Discount(Frozen):
    """Money off a line or the order; `amount` in currency units, positive."""

    id: Word
    name: Text
    amount: Amount
    reward_id: Word | None = None


class Tax(Frozen):
    """One tax of the order; `rate` in percent, `amount` in currency units."""

    name: Text
    rate: DecimalString | None = None
    amount: Amount
    included: StrictBool = False


class Line(Frozen):
    """One line; `unit_price` is the base price of one unit, without modifiers and children.

    A child's `quantity` is per one unit of its parent; `tax` and `discounts` are for the whole
    line.
    """

    line_id: Id
    parent_id: Id | None = None
    kind: LineKind = "item"
    sku: Word
    name: Word
    categories: Annotated[tuple[Word, ...], Field(max_length=CATEGORIES)] = ()
    quantity: Quantity
    unit_price: Amount
    discounts: Annotated[tuple[Discount, ...], Field(max_length=DISCOUNTS)] = ()
    tax: Amount = Decimal(0)
    incentive_id: Word | None = None
    engine_id: Word | None = None


class Payment(Frozen):
    """One tender of the bill; `last4` is all we ever see of a card."""

    tender: Tender
    brand: Brand | None = None
    last4: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None
    amount: Amount
    reference: Word | None = None


class Order(Frozen):
    """A sale as the till knows it, whole, in one of its states."""

    schema_: Annotated[Literal["1"], Field(alias="schema")] = "1"
    revision: Annotated[StrictInt, Field(ge=1, le=REVISION)] = 1
    state: State = "completed"
    till: Id
    receipt_number: Word
    business_date: Day
    opened_at: Instant
    closed_at: Instant | None = None
    channel: Channel
    service_mode: ServiceMode
    requested_for: Instant | None = None
    currency: Currency
    cashier: Cashier | None = None
    member: Member | None = None
    visit_id: Id | None = None
    quote_id: Id | None = None
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=LINES)]
    discounts: Annotated[tuple[Discount, ...], Field(max_length=DISCOUNTS)] = ()
    taxes: Annotated[tuple[Tax, ...], Field(max_length=TAXES)] = ()
    subtotal: Amount
    discount_total: Amount = Decimal(0)
    tax_total: Amount = Decimal(0)
    tip: Amount = Decimal(0)
    fees: Amount = Decimal(0)
    rounding: DecimalString = Decimal(0)
    total: Amount
    payments: Annotated[tuple[Payment, ...], Field(max_length=PAYMENTS)] = ()
    extensions: Extensions = Field(default_factory=dict)

    def top_lines(self) -> tuple[Line, ...]:
        """Lines without a parent, in the till's order."""
        return tuple(line for line in self.lines if line.parent_id is None)

    def children(self, line: Line) -> tuple[Line, ...]:
        """Lines that name this one as their parent, in the till's order."""
        return tuple(child for child in self.lines if child.parent_id == line.line_id)

    def all_discounts(self) -> Iterator[tuple[Discount, Line | None]]:
        """Every discount with the line it stands on, None for the order's own."""
        for line in self.lines:
            for discount in line.discounts:
                yield discount, line
        for discount in self.discounts:
            yield discount, None

    def extension(self, adapter: str) -> dict[str, Any]:
        """What the till says to this adapter alone."""
        return self.extensions.get(adapter, {})

    def redeems(self) -> bool:
        """Tell whether the member gets something for it: a reward's discount, a reward or offer."""
        return any(discount.reward_id for discount, _ in self.all_discounts()) or any(
            line.kind in ("reward", "offer") for line in self.lines
        )


def later_state(first: State, second: State) -> bool:
    """Tell whether `second` comes after `first` in the life of a sale."""
    return STATES.index(second) > STATES.index(first)
