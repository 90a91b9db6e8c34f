"""RBI's answers as spelled, read tolerantly wherever its documents disagree."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from gateway.core.shape import LooseId, LooseNumber, Shape


def word(code: str) -> str:
    """Bring both spellings of an error code to one word (dossier 3.8)."""
    return re.sub(r"[^a-z]", "", code.lower()).removesuffix("error")


def _text(value: object) -> str | None:
    """Courtesy texts never spoil an answer: what is neither text nor number is left out."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    return str(value)


def _many(value: object) -> object:
    """Read one object as a list of one (T11), null as none."""
    if value is None:
        return ()
    return (value,) if isinstance(value, dict) else value


def _object(value: object) -> object:
    """Read anything but an object as an empty one."""
    return value if isinstance(value, dict) else {}


def _sentences(value: object) -> str:
    """Read one sentence, or a list of them."""
    if isinstance(value, list):
        return "; ".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


LooseText = Annotated[str | None, BeforeValidator(_text)]
Sentences = Annotated[str, BeforeValidator(_sentences)]


class RbiShape(Shape):
    """A JSON object of RBI's: camelCase there, our spelling here."""

    model_config = ConfigDict(alias_generator=to_camel)


class Points(RbiShape):
    """One balance."""

    amount: LooseNumber
    currency: str = "points"


class Guest(RbiShape):
    """Who identified: `id` is the loyaltyId of all later calls."""

    id: LooseId
    name: LooseText = None


class Incentive(RbiShape):
    """A reward or offer chosen in the app before the scan; `price` in currency units."""

    product_id: LooseId | None = None
    incentive_id: LooseId | None = None
    loyalty_engine_id: LooseId | None = None
    product_type: LooseText = None
    quantity: LooseNumber | None = None
    price: LooseNumber | None = None


class DiscountDetails(RbiShape):
    """What a discount incentive is worth."""

    display_name: LooseText = None
    discount_value: LooseNumber | None = None
    subtype: LooseText = None
    type: LooseText = None


class EligibleDiscount(RbiShape):
    """A discount the till may work out itself; `reference_id` is no line id (dossier 3.7)."""

    details: DiscountDetails = DiscountDetails()
    incentive_id: LooseId
    product_id: LooseId | None = None
    reference_id: LooseId | None = None


class Identification(RbiShape):
    """The answer to identify: a loyalty transaction is open, its rewards are held."""

    transaction_id: LooseId
    loyalty_user: Guest
    balances: Annotated[tuple[Points, ...], BeforeValidator(_many)] = ()
    order: Annotated[tuple[Incentive, ...], BeforeValidator(_many)] = ()
    eligible_discounts: Annotated[tuple[EligibleDiscount, ...], BeforeValidator(_many)] = ()


class Presentation(RbiShape):
    """What to print: display texts, never numbers to read (T6)."""

    header: LooseText = None
    marketing: LooseText = None
    points_earned: LooseText = None
    points_redeemed: LooseText = None
    total_points: LooseText = None
    qr_code: LooseText = None
    footer: LooseText = None


Printed = Annotated[Presentation, BeforeValidator(_object)]


class Updated(RbiShape):
    """The answer to update, new shape or old: what is missing is unknown, not zero."""

    transaction_id: LooseId
    points: LooseNumber | None = None
    points_earned: LooseNumber | None = None
    points_redeemed: LooseNumber | None = None
    balances: Annotated[tuple[Points, ...], BeforeValidator(_many)] = ()
    receipt_code: LooseText = None
    presentation: Printed = Presentation()


class Unclaimed(RbiShape):
    """The answer to an unclaimed sale."""

    transaction_id: LooseId
    presentation: Printed = Presentation()


class Redeemed(RbiShape):
    """The answer to a promo code: the incentive it stands for."""

    sanity_id: LooseId


class RuleFailure(RbiShape):
    """One rule a basket broke."""

    code: LooseText = None
    current_value: Any = None
    target_value: Any = None
    incentive_id: LooseText = None


class Details(RbiShape):
    """What stands behind a refusal; `errorConfig` is never read (dossier 3.8)."""

    rule_evaluation: Annotated[tuple[RuleFailure, ...], BeforeValidator(_many)] = ()


class Refusal(RbiShape):
    """RBI says no; `status_code` repeats the HTTP status where the body has it."""

    code: str | None = None
    message: Sentences = ""
    status_code: LooseText = None
    details: Annotated[Details, BeforeValidator(_object)] = Details()

    @property
    def word(self) -> str:
        """The code, one spelling for all."""
        return word(self.code or "")
