"""Spendgo's answers as spelled, read tolerantly wherever its documents disagree."""

from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from gateway.core.shape import LooseId, LooseNumber, Shape


def _only_one(value: Any) -> Any:
    match value:
        case [only]:
            return only
        case _:
            return value


class AnyCase(Shape):
    """An object whose keys may arrive in any letter case (T20)."""

    @model_validator(mode="before")
    @classmethod
    def _lower_keys(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key.lower(): inner for key, inner in value.items()}


class Account(AnyCase):
    """A member found or created; a 202 has no id and is not read (dossier 3.1)."""

    id: LooseId


class Offer(AnyCase):
    """A reward usable at this store; `value` is projected, never money (dossier 3.2)."""

    id: LooseId
    offer: str = ""
    label: str = ""
    value: LooseNumber | None = None
    quantity: LooseNumber | None = None


class Offers(AnyCase):
    """The rewards of one member at one store."""

    rewards: tuple[Offer, ...]


class Earned(AnyCase):
    """A member's balance; older servers say these three fields only (dossier 3.3)."""

    quantity: LooseNumber
    units: str = "points"


class Transaction(AnyCase):
    """What Spendgo says to one status of an order (dossier 3.4)."""

    status: str
    id: LooseId | None = None
    discount: LooseNumber | None = None
    message: str | None = None


class Answer(AnyCase):
    """The envelope of a transaction: an object, in older versions a list of one (T19)."""

    transaction: Annotated[Transaction, BeforeValidator(_only_one)]


class Problem(AnyCase):
    """Spendgo's own error: `code` and `details` are always there (dossier 3.5)."""

    code: LooseNumber
    details: str
    message: str | None = None
