"""The ground vendors' answers are read on: tolerant where their documentation drifts."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Shape(BaseModel):
    """A vendor's JSON object: unknown fields are ignored, the rest is read as declared."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("must be a number, quoted or not")  # noqa: TRY004 - pydantic's way
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("must be a number, quoted or not") from None
    if not number.is_finite():
        raise ValueError("must be a finite number")
    return number


def _opaque(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("must be an id, text or number")  # noqa: TRY004 - pydantic's way
    return str(value)


LooseNumber = Annotated[Decimal, BeforeValidator(_number)]
"""A number that may arrive quoted."""

LooseId = Annotated[str, BeforeValidator(_opaque)]
"""An id that may arrive as a number: kept as opaque text."""
