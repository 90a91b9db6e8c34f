"""Sample stores and orders of Spoonity, for the tests beside this file."""

import json
from typing import Any

from adapters.spoonity import wire
from adapters.spoonity.settings import SpoonitySite
from gateway.core.operation import VendorVisit
from gateway.core.order import Member, Order
from gateway.core.reading import check_order
from tests.adapters.transcript import ORDERS

ANA = Member(kind="email", value=" ana@example.test ")


def site(**changes: Any) -> SpoonitySite:
    facts = {"store": "0042", "timezone": "America/Toronto", "currency": "CAD"}
    return SpoonitySite.model_validate({**facts, "phone_country_code": "1", **changes})


def order(**changes: Any) -> Order:
    body = json.loads((ORDERS / "spoonity-latte.json").read_text("utf-8"))
    return Order.model_validate({**body, **changes})


def line(line_id: str, parent_id: str | None = None, **facts: Any) -> dict[str, Any]:
    return {
        "line_id": line_id,
        "parent_id": parent_id,
        "sku": f"sku-{line_id}",
        "name": f"Thing {line_id}",
        "quantity": "1",
        "unit_price": "1.00",
        **facts,
    }


def combo() -> Order:
    """Two meals of 7.00 with two shots each, a discount on the drink, a bag fee, included tax."""
    discount = {"id": "d", "name": "Drink off", "amount": "1.00"}
    made = order(
        lines=[
            line("1", kind="combo", quantity="2", unit_price="5.00"),
            line("2", "1", unit_price="0.50", discounts=[discount]),
            line("3", "2", kind="modifier", quantity="2", unit_price="0.75"),
            line("4", kind="fee", unit_price="0.10"),
        ],
        taxes=[{"name": "VAT", "amount": "1.00", "included": True}],
        subtotal="14.00",
        discount_total="1.00",
        tax_total="1.00",
        fees="0.10",
        tip="2.00",
        total="15.10",
        payments=[
            {"tender": "gift_card", "amount": "5.00"},
            {"tender": "card", "amount": "10.10"},
        ],
    )
    check_order(made)
    return made


def ticket(given: Order, **changes: Any) -> dict[str, Any]:
    return wire.ticket(given, ANA, None, site(**changes))


def visit(member: Member) -> VendorVisit:
    reward = {"reward_id": "7001", "name": "Free coffee", "kind": "item"}
    keep: dict[str, Any] = {"identifiers": {"7001": "discount_free_coffee"}}
    return VendorVisit.model_validate(
        {"visit_id": "v", "member": member, "till": "1", "rewards": [reward], "keep": keep}
    )
