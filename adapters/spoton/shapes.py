"""SpotOn's answers as spelled, read tolerantly wherever its documents disagree."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from gateway.core.shape import LooseId, LooseNumber, Shape

_PREFIXES = (
    "ORDER_STATE_",
    "FULFILLMENT_TYPE_",
    "FULFILLMENT_STATUS_",
    "SCHEDULE_TYPE_",
    "PAYMENT_TYPE_",
)


def bare(value: object) -> str | None:
    """Read an enum in any of its spellings: upper case, without prefix (dossier 3.2)."""
    if not isinstance(value, str):
        return None
    word = value.strip().upper().replace("-", "_").replace(" ", "_")
    for prefix in _PREFIXES:
        word = word.removeprefix(prefix)
    return "CANCELED" if word == "CANCELLED" else word


def _cents(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be whole cents")  # noqa: TRY004 - pydantic's way
    return value


def _source_name(value: object) -> object:
    return value.get("name") if isinstance(value, dict) else value


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


def _time(value: object) -> datetime | None:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read and read.tzinfo is None else read


def _object(value: object) -> object:
    return value if isinstance(value, dict) else {}


Enum = Annotated[str | None, BeforeValidator(bare)]
Cents = Annotated[int, BeforeValidator(_cents)]
Time = Annotated[datetime | None, BeforeValidator(_time)]
"""A time; what cannot be read as one was not said."""

OR_NONE = WrapValidator(_or_none)
"""One odd field must not hide the rest: what cannot be read was not said."""

OR_EMPTY = BeforeValidator(_object)
"""An object that may be missing, or null."""


class Unwrapped(Shape):
    """An order that may come inside `order`, or bare."""

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, value: Any) -> Any:
        inner = value.get("order") if isinstance(value, dict) else None
        return inner if isinstance(inner, dict) else value


class PricedTotals(Shape):
    """A cart as SpotOn prices it, in cents."""

    subtotal: Cents | None = None
    discounts_total: Cents | None = None
    tax_total: Cents | None = None
    tip_total: Cents | None = None
    fees_total: Cents | None = None
    grand_total: Cents


class Priced(Unwrapped):
    """The answer to propose; most partners get no signature."""

    totals: PricedTotals
    signature: JsonValue = None


class Fulfillment(Shape):
    """What SpotOn promises; `ready_at` is another page's name for `estimated_ready_at`."""

    schedule_type: Enum = None
    status: Enum = None
    estimated_ready_at: Time = None
    ready_at: Time = None
    estimated_delivery_at: Time = None


class PlacedTotals(Shape):
    """What SpotOn says an order costs, in cents."""

    grand_total: Annotated[Cents | None, OR_NONE] = None


class PlacedCustomer(Shape):
    """The customer SpotOn put on an order."""

    id: Annotated[LooseId | None, OR_NONE] = None


class Placed(Unwrapped):
    """The answer to submit."""

    id: Annotated[LooseId, Field(min_length=1)]
    external_reference_id: LooseId | None = None
    state: Enum = None
    fulfillment: Annotated[Fulfillment, OR_EMPTY] = Fulfillment()
    totals: Annotated[PlacedTotals, OR_EMPTY] = PlacedTotals()
    customer: Annotated[PlacedCustomer, OR_EMPTY] = PlacedCustomer()

    @property
    def canceled(self) -> bool:
        """Tell whether the order or its fulfillment is canceled: either one means both."""
        return "CANCELED" in (self.state, self.fulfillment.status)


class Canceled(Unwrapped):
    """The answer to cancel, where there is one."""

    state: Enum = None
    fulfillment: Annotated[Fulfillment, OR_EMPTY] = Fulfillment()


class ReportedPayment(Shape):
    """A payment in reporting, in cents."""

    amount: LooseNumber
    is_refund: bool | None = None
    is_void: bool | None = None


class ReportedTotals(Shape):
    """The totals in reporting, in cents."""

    grand_total: LooseNumber


class ReportedLine(Shape):
    """What a line or a modifier must show to be recognised; quantity may be quoted."""

    name: str
    quantity: LooseNumber
    price: LooseNumber


class Reported(Shape):
    """Anybody's order in reporting."""

    id: Annotated[LooseId | None, OR_NONE] = None
    external_reference_id: Annotated[LooseId | None, OR_NONE] = None
    source: Annotated[str | None, BeforeValidator(_source_name), OR_NONE] = None
    fulfillment_type: Enum = None
    created_at: Time = None
    totals: Annotated[ReportedTotals | None, OR_NONE] = None
    payments: Annotated[tuple[ReportedPayment, ...] | None, OR_NONE] = None
    line_items: Annotated[tuple[dict[str, Any], ...] | None, OR_NONE] = None


class Pagination(Shape):
    """How many pages there are."""

    total_pages: Annotated[int | None, OR_NONE] = None


class Report(Shape):
    """One page of reporting."""

    orders: tuple[Reported, ...]
    pagination: Pagination | None = None

    @property
    def pages(self) -> int:
        """How many pages the report has in all."""
        return (self.pagination.total_pages if self.pagination else None) or 1


class GrantedToken(Shape):
    """The answer of the token endpoint; without `expires_in` a day is assumed (dossier 3)."""

    access_token: Annotated[str, Field(min_length=1)]
    expires_in: LooseNumber | None = None
