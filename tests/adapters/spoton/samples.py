"""Sample stores and orders of SpotOn, for the tests beside this file."""

import json
from typing import Any

from adapters.spoton import wire
from adapters.spoton.settings import SpotonSite
from gateway.core.operation import Submit
from gateway.core.order import Order
from tests.adapters.transcript import HERE, with_orders

SITE = json.loads((HERE / "spoton" / "site.json").read_text("utf-8"))


def site(**changes: Any) -> SpotonSite:
    return SpotonSite.model_validate({**SITE, **changes})


def order(**changes: Any) -> Order:
    dotted = {path.replace("__", "."): value for path, value in changes.items()}
    whole = with_orders({"basis": "spoton-kiosk-pickup", "changes": dotted})
    return Order.model_validate(whole)


def cart(the_order: Order, **settings: Any) -> dict[str, Any]:
    ask = Submit.model_validate(
        {"at": "2026-11-20T17:31:08Z", "order_id": "K3-0091", "order": the_order}
    )
    return wire.cart(ask, site(**settings))


def line(line_id: str, parent: str | None, kind: str, price: str, **more: Any) -> dict[str, Any]:
    return {
        "line_id": line_id,
        "parent_id": parent,
        "kind": kind,
        "sku": f"sku-{line_id}",
        "name": f"Name {line_id}",
        "quantity": "1",
        "unit_price": price,
        **more,
    }


COMBO = [
    line("1", None, "combo", "8.50", quantity="2"),
    line("1.1", "1", "item", "1.00"),
    line("1.1.1", "1.1", "modifier", "0.25", quantity="3"),
    line("2", None, "reward", "0.00"),
    line("3", None, "offer", "2.99"),
    line("4", None, "fee", "0.50"),
    line("5", None, "fee", "0.10", quantity="3"),
]
