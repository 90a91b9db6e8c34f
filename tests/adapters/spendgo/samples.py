"""Sample stores and orders of Spendgo, for the tests beside this file."""

from typing import Any

from adapters.spendgo import wire
from adapters.spendgo.settings import SpendgoSite
from gateway.core.order import Order
from tests.adapters.transcript import with_orders

FACTS: dict[str, Any] = {
    "store": "0077",
    "timezone": "America/New_York",
    "currency": "USD",
    "phone_country_code": "1",
    "account_id": "90001",
    "store_code": "0042",
}


def site(**changes: object) -> SpendgoSite:
    return SpendgoSite.model_validate({**FACTS, **changes})


def order(name: str, changes: dict[str, Any] | None = None) -> Order:
    spelled = {"basis": f"spendgo-{name}", "changes": changes or {}}
    return Order.model_validate(with_orders(spelled))


def said(found: Order, status: str = "placed", **changes: object) -> dict[str, Any]:
    return wire.sale("T1-000123", found, site(**changes)).at(status)
