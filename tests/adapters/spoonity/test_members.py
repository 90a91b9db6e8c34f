"""How members are named at Spoonity, and who an order is for."""

from typing import Any

import pytest

from adapters.spoonity import members
from gateway.core.errors import OrderRefused
from gateway.core.order import Member
from tests.adapters.spoonity.samples import site


@pytest.mark.parametrize(
    ("kind", "value", "changes", "expected"),
    [
        ("phone", "+14155550123", {}, "4155550123"),
        ("phone", "+4930123456", {}, "4930123456"),
        ("phone", "555-0100", {}, "5550100"),
        ("phone", "+14155550123", {"phone_country_code": None}, "14155550123"),
        ("phone", "+14155550123", {"phone_format": "as_captured"}, "+14155550123"),
        ("email", " Ana@example.test ", {}, "Ana@example.test"),
        ("card", "7000100042", {}, "7000100042"),
        ("app_token", "tok+1", {}, "tok+1"),
        ("national_id", "1-1111", {}, "1-1111"),
        ("passport", "P1", {}, "P1"),
    ],
)
def test_whatever_identifies_a_member_goes_into_one_field(
    kind: Any, value: str, changes: dict[str, Any], expected: str
) -> None:
    assert members.card_number(Member(kind=kind, value=value), site(**changes)) == expected


@pytest.mark.parametrize("kind", ["short_code", "vendor_id"])
def test_what_spoonity_cannot_look_up_is_refused_without_saying_it(kind: Any) -> None:
    with pytest.raises(OrderRefused, match=f"not by {kind}") as caught:
        members.card_number(Member(kind=kind, value="secret-1"), site())

    assert caught.value.path == "member.kind"
    assert "secret-1" not in caught.value.detail


@pytest.mark.parametrize(("kind", "value"), [("phone", "abc"), ("card", "   ")])
def test_a_member_without_a_single_sign_of_one_is_refused(kind: str, value: str) -> None:
    with pytest.raises(OrderRefused, match="in what was captured") as refused:
        members.card_number(Member.model_validate({"kind": kind, "value": value}), site())
    assert refused.value.path == "member.value"
