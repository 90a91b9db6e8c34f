"""Whether an order and its visit name two people."""

import pytest

from gateway.core.operation import contradicts
from gateway.core.order import Member

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
