"""Operations: whom they are about, and whether an order and its visit name two people."""

from typing import Any

import pytest

from gateway.core.operation import (
    ENTRY,
    Identify,
    Load,
    Operation,
    Pay,
    Quote,
    Refund,
    Release,
    Reverse,
    Rewards,
    Submit,
    VendorVisit,
    Void,
    contradicts,
    identifiers,
    member_of,
)
from gateway.core.order import Member
from tests.engine.conftest import latte
from tests.virtual import START as NOW

VISIT: dict[str, Any] = {
    "visit_id": "v1",
    "till": "1",
    "member": {"kind": "card", "value": "of the visit"},
}
PAYMENT: dict[str, Any] = {
    "at": NOW,
    "payment_id": "p1",
    "instrument": "points",
    "amount": "5.00",
    "currency": "CAD",
    "member": {"kind": "card", "value": "who pays"},
    "till": "1",
    "paid_at": NOW,
}

ANA = Member(kind="phone", value="+14155550123", email=" ana@example.test ")


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (None, False),
        (ANA, False),
        (Member(kind="card", value="7000100042"), False),
        (Member(kind="email", value="Ana@Example.test"), False),
        (Member(kind="email", value="ben@example.test"), True),
        (Member(kind="phone", value="1 (415) 555-0123"), False),
        (Member(kind="phone", value="+14155550199"), True),
        (Member(kind="card", value="7000100042", email="ben@example.test"), True),
        (Member(kind="card", value="7000100042", phone="+14155550199"), True),
    ],
)
def test_an_order_contradicts_its_visit_by_a_kind_of_identifier_they_share(
    named: Member | None, expected: bool
) -> None:
    assert contradicts(ANA, named) is expected


@pytest.mark.parametrize(("value", "expected"), [(" 481923 ", False), ("481924", True)])
def test_a_code_is_compared_as_it_stands_but_for_blanks(value: str, expected: bool) -> None:
    scanned = Member(kind="short_code", value="481923")

    assert contradicts(scanned, Member(kind="short_code", value=value)) is expected


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (Submit(at=NOW, order_id="1", order=latte(member="ana")), "ana"),
        (Submit(at=NOW, order_id="1", order=latte(member=None)), None),
        (Submit(at=NOW, order_id="1", order=latte(), visit=VendorVisit(**VISIT)), "of the visit"),
        (Void(at=NOW, order_id="1", order=latte(member="ana")), "ana"),
        (Refund(at=NOW, order_id="1", order=latte(member="ana")), "ana"),
        (Quote(at=NOW, order_id="1", order=latte(member="ana")), "ana"),
        (Identify(at=NOW, **VISIT), "of the visit"),
        (Release(at=NOW, visit=VendorVisit(**VISIT)), "of the visit"),
        (Pay(**PAYMENT), "who pays"),
        (Reverse(at=NOW, payment=Load(**PAYMENT)), "who pays"),
        (Rewards(at=NOW), None),
    ],
)
def test_every_operation_names_its_member(operation: Operation, expected: str | None) -> None:
    member = member_of(operation)
    assert (member.value if member else None) == expected


def test_a_member_is_known_by_everything_the_till_captured() -> None:
    assert identifiers(ANA) == {"phone": "+14155550123", "email": " ana@example.test "}
    by_email = Member(kind="email", value="a@example.test", email="b@example.test", phone="1")
    assert identifiers(by_email) == {"email": "a@example.test", "phone": "1"}


@pytest.mark.parametrize(
    "operation",
    [
        Submit(at=NOW, order_id="1", order=latte()),
        Release(at=NOW, visit=VendorVisit(**VISIT)),
        Reverse(at=NOW, payment=Pay(**PAYMENT), reason="mistake"),
    ],
)
def test_an_operation_comes_back_from_the_outbox_as_it_went(operation: Operation) -> None:
    assert ENTRY.validate_python(operation.model_dump(mode="json")) == operation
