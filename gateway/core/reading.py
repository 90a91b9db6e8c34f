"""From the till's bytes to a value, or to the list of everything that is wrong with them."""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.core import strict_json
from gateway.core.cards import card_paths
from gateway.core.order import Order
from gateway.core.totals import (
    Fault,
    payments_faults,
    precision_faults,
    structure_faults,
    totals_faults,
)

M = TypeVar("M", bound=BaseModel)

FAULTS = 20
"""More faults than this help nobody at a till."""

PATH_LENGTH = 120
"""A place is cut here: field names may be the till's own, and of any length."""


class BadInput(Exception):
    """What the till said cannot be taken; `faults` says where and why, the first one leads."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)[:FAULTS]
        super().__init__(self.faults[0].message)

    @property
    def code(self) -> str:
        """The problem code of the first fault."""
        return self.faults[0].code


def read_json(data: bytes) -> Any:
    """Read a body as JSON; BadInput `malformed_json` with line and column, or a card number."""
    try:
        value = strict_json.loads(data)
    except strict_json.BadJson as error:
        fault = Fault(
            code="malformed_json",
            path="",
            message=str(error),
            line=error.line,
            column=error.column,
        )
        raise BadInput([fault]) from None
    refuse_cards(value)
    return value


def refuse_cards(value: Any, path: str = "") -> None:
    """Raise BadInput `card_number_refused` where a value holds a full card number."""
    found = [
        Fault(
            code="card_number_refused",
            path=place[:PATH_LENGTH],
            message="looks like a full card number; send last4 alone",
        )
        for place in card_paths(value, path)
    ]
    if found:
        raise BadInput(found)


def read_model(model: type[M], value: Any) -> M:
    """Read a JSON value as one of our models; BadInput `invalid_order` names each wrong place."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise BadInput(
            Fault(
                code="invalid_order",
                path=".".join(str(part) for part in wrong["loc"])[:PATH_LENGTH],
                message=_sentence(wrong["msg"]),
            )
            for wrong in error.errors(include_url=False, include_input=False)
        ) from None


def read_order(value: Any, *, paid: bool = True) -> Order:
    """Read an order and check its arithmetic; with `paid=False` payments need not add up."""
    order = read_model(Order, value)
    check_order(order, paid=paid)
    return order


def check_order(order: Order, *, paid: bool = True) -> None:
    """Raise BadInput for lines, decimals, totals or payments that do not fit together."""
    for faults in (structure_faults, precision_faults, totals_faults):
        found = list(faults(order))
        if found:
            raise BadInput(found)
    if paid:
        found = list(payments_faults(order))
        if found:
            raise BadInput(found)


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")
