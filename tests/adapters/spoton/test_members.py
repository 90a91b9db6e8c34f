"""How members are named at SpotOn, and who an order is for."""

import pytest

from adapters.spoton import wire
from gateway.core.operation import Submit
from tests.adapters.spoton.samples import cart, order, site

NAMES = {"first_name": "Dana", "last_name": "Lee"}


EMAIL = "dana@example.test"


PHONE = "+15555550100"


ALL_FOUR = {**NAMES, "email": EMAIL, "phone": PHONE}


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (None, None),
        ({"kind": "vendor_id", "value": "cus-9", **ALL_FOUR}, {"id": "cus-9"}),
        ({"kind": "card", "value": "77", **ALL_FOUR}, ALL_FOUR),
        ({"kind": "phone", "value": PHONE, **NAMES, "email": EMAIL}, ALL_FOUR),
        ({"kind": "email", "value": EMAIL, **NAMES, "phone": PHONE}, ALL_FOUR),
        ({"kind": "email", "value": EMAIL, **NAMES}, None),
        ({"kind": "card", "value": "77"}, None),
    ],
)
def test_a_customer_is_an_id_or_all_four_facts_or_nobody(
    member: dict[str, str] | None, said: dict[str, str] | None
) -> None:
    assert cart(order(member=member)).get("customer") == said


def test_the_member_of_the_visit_is_the_customer_of_an_order_without_one() -> None:
    ask = {
        "at": "2026-11-20T17:31:08Z",
        "order_id": "K3-0091",
        "order": order(member=None),
        "visit": {
            "visit_id": "v-1",
            "till": "K3",
            "member": {"kind": "vendor_id", "value": "cus-9"},
        },
    }
    assert wire.cart(Submit.model_validate(ask), site())["customer"] == {"id": "cus-9"}
