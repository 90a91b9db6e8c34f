"""Spoonity's answers as spelled, read tolerantly wherever its documents disagree."""

from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from gateway.core.shape import LooseId, LooseNumber, Shape

T = TypeVar("T")

LATEST_SECOND = 253_402_300_799
"""The last second of the year 9999; later dates are no dates."""


def _elements(value: Any) -> Any:
    if isinstance(value, dict):
        value = value.get("data")
    return () if value is None else value


def _truth(value: Any) -> Any:
    return None if value is None else str(value).lower() in ("true", "1")


def _readable(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


Collection = Annotated[tuple[T, ...], BeforeValidator(_elements)]
"""Elements of a collection object or of a bare array; a missing block has none (dossier 3.2)."""

Truth = Annotated[bool | None, BeforeValidator(_truth)]
"""A yes or no that may arrive as text or number; None where it is missing (T5)."""

IfReadable = Annotated[T | None, WrapValidator(_readable)]
"""Something nice to have: None where it is missing or of another shape."""

Second = Annotated[LooseNumber, Field(ge=0, le=LATEST_SECOND)]


class Named(Shape):
    """A currency, a status, a type: a name with an id."""

    id: LooseId | None = None
    name: str | None = None
    code: str | None = None


class PosSession(Shape):
    """A session; its hash is what other calls want."""

    hash: Annotated[str, Field(min_length=1)]


class CheckedIn(Shape):
    """The answer to a check-in; nothing but the hash is needed (dossier 3.1)."""

    pos_session: PosSession


class User(Shape):
    """The member."""

    id: LooseId | None = None
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None


class Holding(Shape):
    """What a member has of one currency, as a session spells it: `amount` (T16)."""

    amount: LooseNumber | None = None
    currency: Named | None = None


class Catalog(Shape):
    """What a reward is called inside an order."""

    identifier: str | None = None


class Spending(Shape):
    """A reward of this member; redeemable where `available` is above zero (dossier 3.2)."""

    id: LooseId
    name: str | None = None
    cost: LooseNumber | None = None
    available: LooseNumber | None = None
    end_date: IfReadable[Second] = None
    catalog: Catalog | None = None


class Earning(Shape):
    """A rule of earning: points of a currency for each unit of money spent."""

    currency: Named | None = None
    award_amount: LooseNumber | None = None
    max_award_amount: LooseNumber | None = None
    status: Named | None = None
    catalog: Any = None
    catalogs: Collection[Any] = ()


class Rules(Shape):
    """The rules that hold for this member."""

    earning: IfReadable[Collection[Earning]] = None
    spending: Collection[Spending] = ()


class Onscreen(Shape):
    """A member's session as it is read (dossier 3.2)."""

    user: User | None = None
    quick_pay_balance: Holding | None = None
    loyalty_balance: Collection[Holding] = ()
    rules: Rules | None = None

    def spending(self) -> tuple[Spending, ...]:
        """Rewards that this member has or works towards."""
        return self.rules.spending if self.rules else ()

    def earning(self) -> tuple[Earning, ...]:
        """Rules by which this member earns."""
        return (self.rules.earning or ()) if self.rules else ()

    def points(self) -> dict[str, Decimal]:
        """Points by the id of their currency."""
        return {
            held.currency.id: held.amount
            for held in self.loyalty_balance
            if held.amount is not None and held.currency and held.currency.id
        }


class Redemption(Shape):
    """A reward of the brand, for anybody (dossier 3.4)."""

    vendor_perk_redemption_id: LooseId
    name: str | None = None
    cost: LooseNumber | None = None
    end_date: IfReadable[Second] = None


class Redemptions(Shape):
    """All of them: a collection, or a bare array."""

    data: Collection[Redemption]

    @model_validator(mode="before")
    @classmethod
    def _of_an_array(cls, value: Any) -> Any:
        return {"data": value} if isinstance(value, list) else value


class Moved(Shape):
    """Points an order moved; whether spent ones are negative is not known (dossier 3.5)."""

    currency: Named | None = None
    amount: LooseNumber


class Balanced(Shape):
    """A balance as an order's answer spells it: `balance`, the currency a mere name (T16)."""

    id: LooseId | None = None
    currency: str | None = None
    balance: LooseNumber
    type: str | None = None


class Afterwards(Shape):
    """The member after an order."""

    id: LooseId | None = None
    balances: Collection[Balanced] = ()

    def points(self) -> dict[str, Decimal]:
        """Points by the id of their currency."""
        return {held.id: held.balance for held in self.balances if held.id and not is_money(held)}


class ReceiptData(Shape):
    """What to print, and what moved; it changes with the brand's programme (dossier 3.5)."""

    lines: Collection[str] = ()
    points: Collection[Moved] = ()
    user: Afterwards | None = None


class Trouble(Shape):
    """One thing Spoonity complains about; the message may be shown to staff (dossier 3.10)."""

    message: str | None = None


class Errors(Shape):
    """The error block, which stands in good answers too (T6)."""

    errors: Collection[Trouble] = ()


class Answer(Shape):
    """What any call that moves value answers: order, gift card, points, void."""

    success: Truth = None
    voided: Truth = None
    object: str | None = None
    error: Errors | None = None
    reference_number: LooseId | None = None
    transaction_id: LooseId | None = None
    amount: LooseNumber | None = None
    receipt_data: IfReadable[ReceiptData] = None

    def failed(self) -> bool:
        """Tell an explicit refusal by everything but `code` (T6)."""
        return self.success is False or self.object == "error" or bool(self.complaints())

    def complaints(self) -> tuple[str, ...]:
        """What Spoonity says is wrong, for staff to read."""
        troubles = self.error.errors if self.error else ()
        return tuple(trouble.message or "no reason given" for trouble in troubles)


class Problem(Shape):
    """Spoonity's own refusal, where the status says so too: shape A (dossier 3.10)."""

    object: str | None = None
    error: Errors


def is_money(held: Balanced) -> bool:
    """Tell stored value from points (dossier 3.5)."""
    return "quick" in (held.type or "").lower()
