"""Is a request what SpotOn's documentation says it must be? Pure checks, and what was read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from adapters.spoton.world import PREFIXES, Menu, Proposed, Switches, written
from gateway.core.money import AMOUNT_DIGITS


class Refusal(Exception):
    """SpotOn says no; `faults` are pairs of a field's path and what is wrong there."""

    def __init__(self, status: int, code: str, message: str, *faults: tuple[str, str]) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.faults = status, code, message, faults


class Breach(Refusal):
    """SpotOn says no because the caller broke the documented contract."""


def broken(code: str, *faults: tuple[str, str]) -> Breach:
    """Make the 400 of a request that breaks the contract in these places."""
    named = "; ".join(f"{field or 'body'}: {reason}" for field, reason in faults)
    return Breach(400, code, named, *faults)


def instant(value: Any) -> datetime:
    """Read SpotOn's one form of time (dossier 3); ValueError for every other."""
    if isinstance(value, str) and re.fullmatch(r"[\d-]{10}T[\d:]{8}Z", value, re.ASCII):
        return datetime.fromisoformat(value)
    raise ValueError("must be RFC 3339 in UTC without fractions, such as 2025-03-01T17:05:00Z")


def _bare(value: Any) -> str:
    text = value.upper().replace("-", "_").replace(" ", "_") if isinstance(value, str) else ""
    return next((text.removeprefix(p) for p in PREFIXES.values() if text.startswith(p)), text)


MOST_CENTS = 10 ** (AMOUNT_DIGITS + 2)
"""Beyond this an amount is a slip; figures stay exact up to here."""

Bare = BeforeValidator(_bare)
Cents = Annotated[int, Field(ge=-MOST_CENTS, le=MOST_CENTS)]
Instant = Annotated[datetime, BeforeValidator(instant)]


class Shape(BaseModel):
    """An object of the order; a field that is not there has its default, null is never one."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _left_out_not_null(cls, value: Any) -> Any:
        if isinstance(value, dict) and None in value.values():
            raise ValueError("a field without a value must be left out, not null")
        return value


class Source(Shape):
    """Who sold it."""

    name: str = ""


class Modifier(Shape):
    """A change to a line; `price` is cents for one."""

    id: str
    name: str
    quantity: Annotated[int, Field(ge=1)]
    price: Cents
    prefix: str = ""


class Line(Shape):
    """A line; `price` is cents for one, without its modifiers and sub-items."""

    line_id: str = ""
    item_id: str
    name: str
    quantity: Annotated[int, Field(ge=1)]
    price: Cents
    modifiers: list[Modifier] = Field(default_factory=list)
    sub_items: list["Line"] = Field(default_factory=list)
    special_instructions: str = ""


class Customer(Shape):
    """Whom it is for: an id, or the four fields that make a new record (dossier 4.3)."""

    id: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""

    @property
    def record(self) -> dict[str, str] | None:
        """The new record these fields make, None if one of the four is missing."""
        four = self.model_dump(include={"first_name", "last_name", "email", "phone"})
        return four if all(four.values()) else None


class Fulfillment(Shape):
    """How and when it leaves; the keys of address and table are unknown, and not policed."""

    type: Annotated[Literal["DINE_IN", "PICKUP", "DELIVERY"], Bare]
    schedule_type: Annotated[Literal["ASAP", "SCHEDULED"], Bare]
    estimated_ready_at: Instant | None = None
    estimated_delivery_at: Instant | None = None
    delivery_address: dict[str, str] | None = None
    table_number: str = ""

    @property
    def asked_at(self) -> datetime | None:
        """The time that a scheduled order of this type is asked for (dossier 4.4)."""
        return self.estimated_delivery_at if self.type == "DELIVERY" else self.estimated_ready_at

    def granted(self, now: datetime, switches: Switches) -> dict[str, str]:
        """Say when it will leave: as asked, or as soon as the kitchen can (dossier 4.4)."""
        travels = timedelta(minutes=switches.delivery_minutes if self.type == "DELIVERY" else 0)
        done = now.replace(microsecond=0) + timedelta(minutes=switches.prep_minutes) + travels
        schedule, asked = "ASAP", self.asked_at
        if self.schedule_type == "SCHEDULED" and asked is not None and asked >= done:
            schedule, done = "SCHEDULED", asked
        granted = {
            "type": switches.spelt("type", self.type),
            "schedule_type": switches.spelt("schedule", schedule),
            "estimated_ready_at": written(done - travels),
        }
        return granted | ({"estimated_delivery_at": written(done)} if travels else {})


class Extra(Shape):
    """A discount or fee of the order, in cents."""

    id: str = ""
    name: str
    amount: Cents


class Payment(Shape):
    """A payment already taken, in cents."""

    type: Annotated[Literal["EXTERNAL", "PAYMENT_CARD"], Bare]
    amount: Cents
    provider_name: str = ""
    card_transaction_id: str = ""


class Totals(Shape):
    """The sums of the order, in cents; `tax_total` is the tax that is not inside the prices."""

    subtotal: Cents
    discounts_total: Cents
    tax_total: Cents
    tip_total: Cents
    fees_total: Cents
    grand_total: Cents


class Order(Shape):
    """The body of propose and submit (dossier 3.1)."""

    external_reference_id: str = ""
    location_id: str = ""
    menu_id: str = ""
    state: Annotated[Literal["DRAFT", "OPEN", "CLOSED", "CANCELED"], Bare] | None = None
    source: Source = Source()
    display_id: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{0,12}$")] = ""
    placed_at: Instant | None = None
    line_items: Annotated[list[Line], Field(min_length=1)]
    customer: Customer | None = None
    fulfillment: Fulfillment
    discounts: list[Extra] = Field(default_factory=list)
    fees: list[Extra] = Field(default_factory=list)
    payments: list[Payment] = Field(default_factory=list)
    totals: Totals | None = None
    signature: str | dict[str, Any] | None = None
    table_number: str = ""


def read_order(raw: Mapping[str, Any]) -> Order:
    """Read a body; Refusal INVALID_ARGUMENT names every wrong place."""
    try:
        return Order.model_validate(raw)
    except ValidationError as error:
        faults = [(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()]
        raise broken("INVALID_ARGUMENT", *faults) from None


def unknown_fields(value: Any, place: str = "body") -> Iterator[str]:
    """Name every field the contract does not have, with its path."""
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from unknown_fields(inner, f"{place}.{index}")
    elif isinstance(value, Shape):
        yield from (f"{place}.{name}" for name in value.model_extra or ())
        for name in type(value).model_fields:
            yield from unknown_fields(getattr(value, name), f"{place}.{name}")


def subtotal_cents(lines: Iterable[Line]) -> int:
    """Price lines with all that is in them (dossier 3.1)."""
    cents = 0
    for line in lines:
        modifiers = sum(modifier.quantity * modifier.price for modifier in line.modifiers)
        cents += line.quantity * (line.price + modifiers + subtotal_cents(line.sub_items))
    return cents


def priced(order: Order, tax_rate: Decimal) -> dict[str, int]:
    """Work out the totals as propose does: tax on what discounts leave, half a cent up."""
    subtotal = subtotal_cents(order.line_items)
    discounts, fees = (sum(one.amount for one in many) for many in (order.discounts, order.fees))
    share, whole = tax_rate.as_integer_ratio()
    tax = (2 * max(0, subtotal - discounts) * share + whole) // (2 * whole)
    tip = order.totals.tip_total if order.totals else 0
    figures = (subtotal, discounts, tax, tip, fees, subtotal - discounts + tax + tip + fees)
    return dict(zip(Totals.model_fields, figures, strict=True))


def check_cart(order: Order, location_id: str, *, strict: bool) -> None:
    """Hold an order to the rules that propose and submit share; Refusal names the first broken."""
    customer, fulfillment = order.customer, order.fulfillment
    if order.location_id not in ("", location_id):
        raise broken("INVALID_ARGUMENT", ("location_id", f"the path says {location_id}"))
    if not order.source.name:
        raise broken("SOURCE_REQUIRED", ("source.name", "must not be empty"))
    if fulfillment.estimated_delivery_at is not None and fulfillment.type != "DELIVERY":
        raise broken("INVALID_ARGUMENT", ("fulfillment.estimated_delivery_at", "delivery only"))
    if strict and customer is not None and not customer.id and customer.record is None:
        raise broken("CUSTOMER_INCOMPLETE", ("customer", "send an id, or both names and contacts"))
    if fulfillment.schedule_type == "SCHEDULED" and fulfillment.asked_at is None:
        raise broken("SCHEDULE_TIME_REQUIRED", ("fulfillment", "SCHEDULED must carry its time"))


def check_paid(order: Order, *, strict: bool) -> dict[str, int]:
    """Hold an order to the rules of submit alone; Refusal names the first one broken."""
    totals, paid = order.totals, sum(payment.amount for payment in order.payments)
    if order.state != "CLOSED":
        raise broken("ORDER_STATE_NOT_ALLOWED", ("state", "only CLOSED can be submitted"))
    if totals is None:
        raise broken("INVALID_ARGUMENT", ("totals", "required on submit"))
    if not order.payments or paid != totals.grand_total:
        named = f"{len(order.payments)} payments of {paid} for a total of {totals.grand_total}"
        raise broken("ORDER_NOT_FULLY_PAID", ("payments", named))
    for index, payment in enumerate(order.payments):
        if payment.type == "EXTERNAL" and strict and not payment.provider_name:
            raise broken("PROVIDER_NAME_REQUIRED", (f"payments.{index}", "no provider_name"))
        if payment.type == "PAYMENT_CARD" and not payment.card_transaction_id:
            raise broken("CARD_TRANSACTION_REQUIRED", (f"payments.{index}", "no transaction id"))
    sent, ours = totals.model_dump(include=set(Totals.model_fields)), priced(order, Decimal(0))
    ours |= {"tax_total": totals.tax_total, "grand_total": ours["grand_total"] + totals.tax_total}
    wrong = [(f"totals.{n}", f"{sent[n]}, not {ours[n]}") for n in ours if ours[n] != sent[n]]
    if strict and wrong:
        raise broken("TOTALS_MISMATCH", *wrong)
    return sent


def check_signature(order: Order, proposals: Iterable[Proposed], now: datetime) -> None:
    """Hold an order to a cart among these that was signed so; Refusal if none is fresh."""
    if order.signature is None:
        raise broken("SIGNATURE_REQUIRED", ("signature", "send the one propose gave"))
    deadlines = [one.expires_at for one in proposals if one.signature == order.signature]
    if not deadlines:
        raise broken("SIGNATURE_INVALID", ("signature", "is not of this cart"))
    if now >= deadlines[0]:
        raise Refusal(400, "SIGNATURE_INVALID", "stale", ("signature", "stale, propose again"))


def check_prices(lines: Iterable[Line], menu: Menu, place: str = "line_items") -> None:
    """Hold every line, modifier and sub-item to the menu; Refusal names the first that differs."""
    for index, line in enumerate(lines):
        here = f"{place}.{index}"
        _check_price(menu, f"{here}.item_id", line.item_id, line.price)
        for at, modifier in enumerate(line.modifiers):
            _check_price(menu, f"{here}.modifiers.{at}.id", modifier.id, modifier.price)
        check_prices(line.sub_items, menu, f"{here}.sub_items")


def _check_price(menu: Menu, field: str, item_id: str, price_cents: int) -> None:
    item = menu.items.get(item_id)
    if item is None:
        code, reason = "ITEM_NOT_FOUND", f"{menu.menu_id} has no {item_id}"
    elif not item.available:
        code, reason = "ITEM_UNAVAILABLE", f"{item_id} is not sold now"
    elif item.price_cents != price_cents:
        code, reason = "PRICE_MISMATCH", f"{item_id} is {item.price_cents}, got {price_cents}"
    else:
        return
    raise Refusal(422, code, reason, (field, reason))
