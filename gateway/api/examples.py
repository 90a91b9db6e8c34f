"""One example of every request a till sends: shown in /openapi.json, and executed by the tests."""

from typing import Any

ORDER_ID = "0042-1-000123"
PAYMENT_ID = "0042-1-000123-gc"
RETURNED_ID = "0042-1-000124"
VISIT_ID = "0042-1-000123-scan"

MEMBER: dict[str, Any] = {"kind": "email", "value": "ana@example.test"}

ORDER: dict[str, Any] = {
    "schema": "1",
    "revision": 1,
    "state": "completed",
    "till": "1",
    "receipt_number": "000123",
    "business_date": "2026-11-20",
    "opened_at": "2026-11-20T12:29:40-05:00",
    "closed_at": "2026-11-20T12:31:07-05:00",
    "channel": "in_store",
    "service_mode": "eat_in",
    "requested_for": None,
    "currency": "CAD",
    "cashier": {"id": "c7", "name": "Sam"},
    "member": MEMBER,
    "visit_id": None,
    "quote_id": None,
    "lines": [
        {
            "line_id": "1",
            "parent_id": None,
            "kind": "item",
            "sku": "sku-9",
            "name": "Latte",
            "categories": ["drinks"],
            "quantity": "2",
            "unit_price": "5.00",
            "discounts": [],
            "tax": "1.30",
            "incentive_id": None,
        }
    ],
    "discounts": [],
    "taxes": [{"name": "HST", "rate": "13", "amount": "1.30", "included": False}],
    "subtotal": "10.00",
    "discount_total": "0.00",
    "tax_total": "1.30",
    "tip": "0.00",
    "fees": "0.00",
    "rounding": "0.00",
    "total": "11.30",
    "payments": [
        {"tender": "card", "brand": "visa", "last4": "4242", "amount": "11.30", "reference": None}
    ],
    "extensions": {},
}

QUOTE: dict[str, Any] = {**ORDER, "order_id": ORDER_ID, "state": "placed", "payments": []}

VISIT: dict[str, Any] = {
    "till": "1",
    "member": MEMBER,
    "visit_id": VISIT_ID,
    "order_id": ORDER_ID,
    "channel": "in_store",
    "service_mode": "eat_in",
    "opened_at": "2026-11-20T12:29:40-05:00",
}

UNDO: dict[str, Any] = {"reason": "wrong table"}

PAYMENT: dict[str, Any] = {
    "instrument": "gift_card",
    "action": "debit",
    "amount": "5.00",
    "currency": "CAD",
    "member": {"kind": "card", "value": "6010070000000042"},
    "till": "1",
    "order_id": ORDER_ID,
    "at": "2026-11-20T12:30:55-05:00",
}
