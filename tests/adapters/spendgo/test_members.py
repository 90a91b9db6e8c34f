"""How members are named at Spendgo, and who an order is for."""

from typing import Any

import pytest

from adapters.spendgo import members
from gateway.core.errors import OrderRefused
from gateway.core.order import Member
from tests.adapters.spendgo.samples import site


@pytest.mark.parametrize(
    ("number", "changes", "expected"),
    [
        ("+14155550123", {}, "4155550123"),
        ("(415) 555-0123", {}, "4155550123"),
        ("1 415.555.0123", {}, "4155550123"),
        ("+14155550123", {"phone_country_code": None}, "4155550123"),
        ("+524155550123", {"phone_country_code": "52"}, "4155550123"),
        ("+14155550123", {"phone_normalisation": "as_given"}, "+14155550123"),
    ],
)
def test_a_phone_is_said_in_ten_digits(number: str, changes: dict[str, Any], expected: str) -> None:
    assert members.phone(number, site(**changes)) == expected


@pytest.mark.parametrize(
    "number", ["+442071838750", "555-0123", "24155550123", "415555O1234", "4155550123 x9"]
)
def test_another_phone_is_refused_without_being_shown(number: str) -> None:
    with pytest.raises(OrderRefused) as caught:
        members.phone(number, site())
    assert number not in caught.value.detail


def test_a_member_is_said_with_what_the_till_knows() -> None:
    member = Member(kind="email", value="ana@example.test", phone="+14155550123", last_name="Ruiz")
    assert members.customer(member, site()) == {
        "customer": {
            "phone": "4155550123",
            "email": "ana@example.test",
            "name": {"last": "Ruiz"},
        }
    }
