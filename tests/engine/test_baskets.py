"""Whether an order still is what was quoted, and every way in which it may not be."""

from typing import Any

import pytest

from gateway.core import strict_json
from gateway.engine.baskets import basket_of, check_quote
from gateway.engine.refusal import Refused
from gateway.engine.rows import QuoteRow
from tests.engine.conftest import latte
from tests.engine.values import LATTE, free_coffee
from tests.virtual import START

STAFF = {"id": "d2", "name": "Staff", "amount": "0.50"}
CAKE = {"line_id": "2", "sku": "c", "name": "Cake", "quantity": "1", "unit_price": "4.00"}


def quoted(**promised: Any) -> QuoteRow:
    """A quote of a latte that a reward pays for, as the outbox gives it back."""
    basket = strict_json.dumps(basket_of(latte(**free_coffee())))
    return QuoteRow(
        store="0042",
        quote_id="q1",
        fingerprint="f",
        expires_at=START,
        answer={"promised": {"discount": "5.00", "tax_total": None, "total": None, **promised}},
        keeps={},
        basket=strict_json.loads(basket),
    )


def drift(order: dict[str, Any], **promised: Any) -> list[tuple[str, str]]:
    """Where an order differs from the quote: (path, message)."""
    with pytest.raises(Refused) as refused:
        check_quote(quoted(**promised), latte(**{**free_coffee(), **order}))
    assert refused.value.code == "quote_drift"
    assert refused.value.detail == "the order is not what q1 priced"
    return [(fault.path, fault.message) for fault in refused.value.faults]


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"lines": [{**LATTE, "quantity": "1.0", "unit_price": "5", "name": "Latte, large"}]},
        {"revision": 4, "state": "placed", "payments": []},
        {"tip": "0", "fees": "0.00"},
    ],
)
def test_what_a_quote_is_not_about_may_change(order: dict[str, Any]) -> None:
    check_quote(quoted(tax_total="0.00", total="0"), latte(**{**free_coffee(), **order}))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"lines": [LATTE, CAKE]}, [("lines.2", "was not quoted")]),
        (
            {"lines": [CAKE]},
            [("lines.1", "was quoted, and is gone"), ("lines.2", "was not quoted")],
        ),
        ({"lines": [{**LATTE, "quantity": "2"}]}, [("lines.1", "quantity: quoted 1, got 2")]),
        (
            {"lines": [{**LATTE, "unit_price": "4.50", "sku": "t"}]},
            [("lines.1", "sku: quoted s, got t; unit_price: quoted 5, got 4.5")],
        ),
        (
            {"lines": [{**LATTE, "kind": "reward", "engine_id": "e"}]},
            [
                (
                    "lines.1",
                    "kind: quoted item, got reward; engine_id: quoted None, got e",
                )
            ],
        ),
        (
            {"lines": [{**LATTE, "incentive_id": "i"}]},
            [("lines.1", "incentive_id: quoted None, got i")],
        ),
        ({"lines": [{**LATTE, "parent_id": "9"}]}, [("lines.1", "parent_id: quoted None, got 9")]),
        ({"member": "bob"}, [("member", "another")]),
        ({"member": None}, [("member", "another")]),
        ({"visit_id": "v2"}, [("member", "another")]),
        ({"channel": "web"}, [("channel", "quoted in_store, got web")]),
        ({"service_mode": "pickup"}, [("service_mode", "quoted eat_in, got pickup")]),
        ({"tip": "1.00"}, [("tip", "quoted 0, got 1")]),
        ({"fees": "0.50"}, [("fees", "quoted 0, got 0.5")]),
        (free_coffee("7002"), [("rewards", "quoted ['7001'], got ['7002']")]),
        ({"discounts": []}, [("rewards", "quoted ['7001'], got []")]),
        (
            {"discounts": [*free_coffee()["discounts"], STAFF]},
            [("discounts", "quoted 0, got 0.5")],
        ),
        (free_coffee(amount="4.00"), [("discounts", "quoted 5.00, got 4.00")]),
    ],
)
def test_every_difference_is_named_with_what_was_quoted(
    order: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert drift(order) == expected


@pytest.mark.parametrize(
    ("promised", "order", "expected"),
    [
        ({"tax_total": "0.65"}, {}, [("tax_total", "quoted 0.65, got 0")]),
        ({"total": "0.65"}, {"total": "0.66"}, [("total", "quoted 0.65, got 0.66")]),
        (
            {"tax_total": "0.65", "total": "0.65"},
            {},
            [("tax_total", "quoted 0.65, got 0"), ("total", "quoted 0.65, got 0.00")],
        ),
    ],
)
def test_where_the_vendor_priced_it_the_order_says_the_same_totals(
    promised: dict[str, str], order: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert drift(order, **promised) == expected
