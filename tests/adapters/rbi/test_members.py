"""How members are named at RBI, and who an order is for."""

import pytest

from adapters.rbi import members
from gateway.core.order import Member


@pytest.mark.parametrize(
    ("kind", "value", "again"),
    [
        ("vendor_id", "0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c10", True),
        ("app_token", "0F7B3F7E-55A2-4F43-8A3C-2B8A1F6F9C10", True),
        ("app_token", "481920", False),
        ("vendor_id", "481920", False),
        ("short_code", "0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c10", False),
        ("email", "dana@example.test", False),
    ],
)
def test_only_a_loyalty_uuid_is_sent_again(kind: str, value: str, again: bool) -> None:
    member = Member.model_validate({"kind": kind, "value": value})
    assert members.identifier(member) == value
    assert members.identifies_again(member) is again
