"""The arithmetic of an order, and everything that can be wrong with it."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.core import strict_json
from gateway.core.cards import card_paths, looks_like_a_card
from gateway.core.duration import seconds
from gateway.core.money import (
    exponent,
    from_minor_units,
    json_number,
    minor_units,
    plain,
    round_half_up,
)
from gateway.core.reading import BadInput, read_json, read_model, read_order
from gateway.core.shape import LooseId, LooseNumber, Shape

LATTE = {"line_id": "1", "sku": "s", "name": "Latte", "quantity": "2", "unit_price": "5.00"}


def order(**changes: Any) -> dict[str, Any]:
    """Two lattes, taxed on top, paid by card."""
    return {
        "till": "1",
        "receipt_number": "1",
        "business_date": "2026-11-20",
        "opened_at": "2026-11-20T12:00:00-05:00",
        "channel": "in_store",
        "service_mode": "eat_in",
        "currency": "CAD",
        "lines": [LATTE],
        "taxes": [{"name": "HST", "rate": "13", "amount": "1.30"}],
        "subtotal": "10.00",
        "tax_total": "1.30",
        "total": "11.30",
        "payments": [{"tender": "card", "amount": "11.30"}],
        **changes,
    }


def line(line_id: str, parent: str | None = None, **changes: Any) -> dict[str, Any]:
    """A line of one free thing."""
    free = {"quantity": "1", "unit_price": "0.00"}
    return {"line_id": line_id, "parent_id": parent, "sku": "s", "name": "n", **free, **changes}


def faults(body: dict[str, Any], *, paid: bool = True) -> list[tuple[str, str]]:
    """Where an order is wrong: (code, path)."""
    try:
        read_order(body, paid=paid)
    except BadInput as bad:
        return [(fault.code, fault.path) for fault in bad.faults]
    return []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"state": "placed", "payments": []},
        {"lines": [{**LATTE, "quantity": "0.5", "unit_price": "19.999999"}]},
        {"taxes": [{"name": "HST", "amount": "1.30", "included": True}], "total": "10.00",
         "payments": [{"tender": "cash", "amount": "10.00"}]},
        {"tip": "1.00", "rounding": "-0.30", "total": "12.00",
         "payments": [{"tender": "cash", "amount": "12.00"}]},
        {"fees": "2.00", "total": "13.30", "payments": [{"tender": "cash", "amount": "13.30"}]},
        {"lines": [LATTE, line("f", kind="fee", unit_price="2.00")], "fees": "2.00",
         "total": "13.30", "payments": [{"tender": "cash", "amount": "13.30"}]},
        {"lines": [{**LATTE, "unit_price": "4.00"},
                   line("2", "1", kind="modifier", quantity="2", unit_price="0.50")]},
        {"lines": [{**LATTE, "discounts": [{"id": "d", "name": "d", "amount": "1.30"}]}],
         "discount_total": "1.30", "total": "10.00",
         "payments": [{"tender": "cash", "amount": "10.00"}]},
        {"total": "0.00", "discounts": [{"id": "d", "name": "d", "amount": "11.30"}],
         "discount_total": "11.30", "payments": []},
    ],
)  # fmt: skip
def test_an_order_whose_parts_make_its_figures_is_taken(changes: dict[str, Any]) -> None:
    assert faults(order(**changes)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"total": "11.40"}, [("totals_mismatch", "total")]),
        ({"subtotal": "9.00"}, [("totals_mismatch", "subtotal")]),
        ({"tax_total": "1.31"}, [("totals_mismatch", "tax_total")]),
        ({"discount_total": "1.00"}, [("totals_mismatch", "discount_total")]),
        ({"lines": [LATTE, line("f", kind="fee", unit_price="2.00")]},
         [("totals_mismatch", "fees"), ("totals_mismatch", "total")]),
        ({"payments": []}, [("payments_mismatch", "payments")]),
        ({"lines": [LATTE, LATTE]},
         [("invalid_order", "lines.0.line_id"), ("invalid_order", "lines.1.line_id")]),
        ({"lines": [LATTE, line("2", "9")]}, [("invalid_order", "lines.1.parent_id")]),
        ({"lines": [LATTE, line("2", "3"), line("3", "2")]},
         [("invalid_order", "lines.1.parent_id"), ("invalid_order", "lines.2.parent_id")]),
        ({"lines": [LATTE, *(line(str(n), str(n - 1)) for n in range(2, 7))]},
         [("invalid_order", "lines.5.parent_id")]),
        ({"lines": [LATTE, line("f", "1", kind="fee")]}, [("invalid_order", "lines.1.parent_id")]),
        ({"tip": "0.001"}, [("invalid_order", "tip")]),
        ({"currency": "JPY"}, [("invalid_order", "subtotal")]),
        ({"lines": []}, [("invalid_order", "lines")]),
        ({"total": 11.3}, [("invalid_order", "total")]),
        ({"total": "-1.00"}, [("invalid_order", "total")]),
        ({"total": "1234567890.00"}, [("invalid_order", "total")]),
        ({"unknown": 1}, [("invalid_order", "unknown")]),
        ({"opened_at": "2026-11-20T12:00:00"}, [("invalid_order", "opened_at")]),
        ({"business_date": "20.11.2026"}, [("invalid_order", "business_date")]),
        ({"till": "a b"}, [("invalid_order", "till")]),
        ({"receipt_number": "a\tb"}, [("invalid_order", "receipt_number")]),
    ],
)  # fmt: skip
def test_every_fault_names_its_place(
    changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert faults(order(**changes))[: len(expected)] == expected


def test_a_mismatch_says_expected_and_got() -> None:
    with pytest.raises(BadInput) as bad:
        read_order(order(total="11.40"))
    assert bad.value.faults[0].message == "expected 11.30, got 11.40"


def test_a_quote_need_not_be_paid() -> None:
    assert faults(order(payments=[]), paid=False) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4111111111111111", True),
        ("4111 1111 1111 1111", True),
        ("paid with 5555-5555-5555-4444 ok", True),
        ("378282246310005", True),
        ("4111111111111112", False),
        ("1111111111111117", False),
        ("41111111111111", False),
        ("000000000257", False),
        ("94111111111111111111", False),
    ],
)
def test_a_card_number_is_network_length_and_luhn(text: str, expected: bool) -> None:
    assert looks_like_a_card(text) is expected


def test_a_card_number_is_found_wherever_it_stands_and_members_numbers_are_exempt() -> None:
    pan = "4111111111111111"
    value = {
        "sku": pan,
        "member": {"kind": "card", "value": pan},
        "other": {"kind": "phone", "value": pan},
        "deep": [{"x": int(pan)}, {pan: 1}],
    }
    assert list(card_paths(value)) == ["other.value", "deep.0.x", "deep.1"]


def test_a_card_number_is_refused_and_never_repeated() -> None:
    body = strict_json.dumps(order(receipt_number="4111111111111111"))
    with pytest.raises(BadInput) as bad:
        read_json(body)
    assert bad.value.code == "card_number_refused"
    assert "4111" not in str(bad.value)


@pytest.mark.parametrize(
    ("data", "place", "text"),
    [
        (b'{"a": 1,', (1, 9), "Expecting property name"),
        (b'{\n "a": NaN}', (0, 0), "NaN is not JSON"),
        (b'{"a": 1, "a": 2}', (0, 0), "stands twice"),
        (b"\n\xff", (2, 1), "not UTF-8"),
        (b'["\\ud800"]', (0, 0), "lone surrogate"),
        (b'{"\\uD800": [1]}', (0, 0), "lone surrogate"),
        (b"[" * 40 + b"]" * 40, (1, 33), "nested deeper"),
        (b"1" * 80, (0, 0), "a number of more than"),
        (b"1." + b"1" * 80, (0, 0), "a number of more than"),
    ],
)
def test_json_we_do_not_accept(data: bytes, place: tuple[int, int], text: str) -> None:
    with pytest.raises(strict_json.BadJson) as bad:
        strict_json.loads(data)
    assert (bad.value.line, bad.value.column) == place
    assert text in str(bad.value)


def test_brackets_in_strings_are_not_depth() -> None:
    value = {"a": "[" * 50 + '\\"' + "{", "b": ["\\ud83d", [[]]], "c": "\U0001f600"}
    assert strict_json.loads(strict_json.dumps(value)) == value
    assert strict_json.loads(b'["\\ud83d\\ude00"]') == ["\U0001f600"]


@pytest.mark.parametrize(
    ("text", "expected"), [("500ms", 0.5), ("3s", 3), ("15m", 900), ("2h", 7200), ("90d", 7776000)]
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected
    assert seconds(expected * 1.0) == expected


@pytest.mark.parametrize("text", ["3", "3 s", "-3s", "3w", "", 3, None])
def test_a_duration_says_how_it_is_written(text: object) -> None:
    with pytest.raises(ValueError, match="500ms, 3s"):
        seconds(text)


def test_minor_units() -> None:
    assert [exponent(c) for c in ("JPY", "USD", "KWD", "CLF")] == [0, 2, 3, 4]
    assert minor_units(Decimal("12.30"), "USD") == 1230
    assert from_minor_units(1230, "KWD") == Decimal("1.230")
    assert round_half_up(Decimal("0.125"), "USD") == Decimal("0.13")
    assert plain(Decimal("1E+2")) == "100"
    with pytest.raises(ValueError, match="not a whole number"):
        minor_units(Decimal("0.001"), "USD")


@pytest.mark.parametrize(
    ("amount", "spelled"), [("10.00", b"10"), ("10.80", b"10.8"), ("999999999.99", b"999999999.99")]
)
def test_json_numbers_are_exact(amount: str, spelled: bytes) -> None:
    assert strict_json.dumps(json_number(Decimal(amount))) == spelled


class Loose(Shape):
    """A number and an id, however spelled."""

    number: LooseNumber
    id: LooseId


def test_vendors_numbers_and_ids_may_be_quoted() -> None:
    read = read_model(Loose, {"number": "6.36", "id": 17, "more": 1})
    assert (read.number, read.id) == (Decimal("6.36"), "17")


@pytest.mark.parametrize(
    "value", [{"number": True, "id": "1"}, {"number": "x", "id": "1"}, {"number": "NaN", "id": "1"},
              {"number": 1, "id": None}]
)  # fmt: skip
def test_what_is_no_number_or_id_is_named(value: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        read_model(Loose, value)
