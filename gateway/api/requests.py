"""What a till may send besides an order (till-api.md §3)."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from gateway.core.frozen import Frozen, Id, Instant, Text, Word
from gateway.core.money import Amount
from gateway.core.operation import ReturnedLine
from gateway.core.order import (
    LINES,
    Cashier,
    Channel,
    Currency,
    Extensions,
    Member,
    Order,
    ServiceMode,
)


class VisitRequest(Frozen):
    """Identify a member; a given `visit_id` is the idempotency key."""

    till: Id
    member: Member
    visit_id: Id | None = None
    order_id: Id | None = None
    receipt_number: Word | None = None
    cashier: Cashier | None = None
    channel: Channel | None = None
    service_mode: ServiceMode | None = None
    opened_at: Instant | None = None
    replaces: Id | None = None
    extensions: Extensions = Field(default_factory=dict)


class QuoteRequest(Order):
    """An order that is still a basket; payments may be empty."""

    order_id: Id


class VoidRequest(Frozen):
    """Why the sale should not have happened."""

    reason: Text = ""


class RefundRequest(Frozen):
    """Why the goods came back; without `lines` all of them did."""

    reason: Text = ""
    lines: Annotated[tuple[ReturnedLine, ...], Field(min_length=1, max_length=LINES)] | None = None


class ReverseRequest(Frozen):
    """Why a payment is undone."""

    reason: Text = ""


class PaymentRequest(Frozen):
    """Take or add stored value, or pay with points; `amount` in currency units."""

    instrument: Literal["gift_card", "points"]
    action: Literal["debit", "load"]
    amount: Annotated[Amount, Field(gt=Decimal(0))]
    currency: Currency
    member: Member
    visit_id: Id | None = None
    till: Id
    cashier: Cashier | None = None
    receipt_number: Word | None = None
    order_id: Id | None = None
    at: Instant
