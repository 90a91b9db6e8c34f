"""Money a member has is spelled as the till shows money, whatever the vendor's own spelling."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from gateway.api.answers import PaymentAnswer, Result, VisitResult
from gateway.core.outcome import Balance


@pytest.mark.parametrize("answer", [Result, VisitResult, PaymentAnswer])
@pytest.mark.parametrize(
    ("kind", "unit", "held", "shown"),
    [
        ("money", "CAD", "20.0", "20.00"),
        ("money", "CAD", "6.365", "6.37"),
        ("money", "JPY", "1200.0", "1200"),
        ("money", "KWD", "1.5", "1.500"),
        ("points", "Points", "20.0", "20.0"),
        ("visits", "visits", "3", "3"),
    ],
)
def test_money_has_its_currency_s_decimals_and_points_stay(
    answer: type[BaseModel], kind: str, unit: str, held: str, shown: str
) -> None:
    annotation: Any = answer.model_fields["balances"].annotation
    field: TypeAdapter[tuple[Balance, ...]] = TypeAdapter(annotation)
    balance = {"kind": kind, "unit": unit, "amount": Decimal(held)}
    for given in (balance, Balance.model_validate(balance)):
        [told] = field.dump_python(field.validate_python((given,)), mode="json")
        assert told["amount"] == shown
