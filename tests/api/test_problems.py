"""Every problem a till can meet: one row each, and nothing stored."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from typing import Any

import pytest

from gateway.api.routes import ROUTES
from gateway.web import bodies
from gateway.web.problems import KINDS
from tests.api.conftest import Till
from tests.api.house import latte, payment

Told = tuple[int, Any]
Story = Callable[[Till], Awaitable[Told]]

JSON = {"Content-Type": "application/json"}
REWARD = {"id": "d", "name": "Free", "amount": "5.00", "reward_id": "7001"}
NOBODY = {"till": "1", "member": {"kind": "card", "value": "nobody"}, "visit_id": "v1"}
ANA = {"till": "1", "member": {"kind": "card", "value": "ana"}, "visit_id": "v1"}


def free(**changes: Any) -> dict[str, Any]:
    """A latte for a reward."""
    facts = {"discounts": [REWARD], "discount_total": "5.00", "total": "0.00", "payments": []}
    return {**latte(), **facts, **changes}


def member(value: str) -> dict[str, Any]:
    return {**ANA, "member": {"kind": "card", "value": value}}


def once(
    method: str, path: str, body: Any = None, *, store: str = "0042", wait: int | None = None
) -> Story:
    """One request is enough."""
    return lambda till: till.ask(method, path, body, store=store, wait=wait)


def after(*first: tuple[str, str, Any], then: tuple[str, str, Any], store: str = "0042") -> Story:
    """Requests that are fine, and one that is not."""

    async def story(till: Till) -> Told:
        for method, path, body in first:
            status, _ = await till.ask(method, path, body, store=store)
            assert status < 300
        return await till.ask(*then, store=store)

    return story


def raw(body: Any, headers: dict[str, str], path: str = "/v1/stores/0042/orders/1") -> Story:
    """A PUT of bytes."""

    async def story(till: Till) -> Told:
        async with till.client.put(path, data=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    return story


async def slow_body() -> AsyncIterator[bytes]:
    yield b"{"
    await asyncio.sleep(0.3)
    yield b"}"


async def too_slow(till: Till) -> Told:
    return await raw(slow_body(), JSON)(till)


async def large(till: Till) -> Told:
    """Too large by its length, and too large without having said so."""
    body = b" " * (bodies.MAX_BODY_BYTES + 1)

    async def unannounced() -> AsyncIterator[bytes]:
        yield body

    first = await raw(BytesIO(body), JSON)(till)
    second = await raw(unannounced(), JSON)(till)
    assert (second[0], second[1]["code"]) == (first[0], first[1]["code"])
    return second


async def internal_error(till: Till) -> Told:
    def fault(_account: object, _call: object) -> str | None:
        raise KeyError("ana@example.test")

    till.house.wire.fault = fault
    return await till.ask("POST", "/visits", ANA)


async def storage_full(till: Till) -> Told:
    till.house.free_bytes = 0
    return await till.ask("PUT", "/orders/1", latte())


async def draining(till: Till) -> Told:
    till.house.draining = True
    return await till.ask("PUT", "/orders/1", latte())


async def offline_refused(till: Till) -> Told:
    till.house.hold("plus-ca")
    return await till.ask("PUT", "/orders/1", free(), store="0077")


async def quote_expired(till: Till) -> Told:
    return await till.ask("PUT", "/orders/1", latte(quote_id="q1"))


async def quote_drift(till: Till) -> Told:
    basket = {**latte(), "order_id": "1", "state": "placed"}
    _, quote = await till.ask("POST", "/quotes", basket, store="0077")
    order = latte(total="6.00", quote_id=quote["quote_id"])
    return await till.ask("PUT", "/orders/1", order, store="0077")


SOLD = ("PUT", "/orders/1", latte())
VOID = ("POST", "/orders/1/void", {"reason": "x"})
LINES = {"reason": "x", "lines": [{"line_id": "1", "quantity": "1"}]}

TABLE: dict[str, tuple[int, Story]] = {
    "malformed_json": (400, raw(b'{"till": }', JSON)),
    "unknown_store": (404, once("GET", "/capabilities", store="9999")),
    "not_found": (404, once("GET", "/nothing")),
    "order_not_found": (404, once("GET", "/orders/1")),
    "visit_not_found": (404, once("GET", "/visits/v1")),
    "member_not_found": (404, once("POST", "/visits", NOBODY)),
    "method_not_allowed": (405, once("PATCH", "/orders/1", latte())),
    "too_slow": (408, too_slow),
    "order_conflict": (409, after(SOLD, then=("PUT", "/orders/1", latte(total="6.00")))),
    "stale_revision": (
        409,
        after(
            ("PUT", "/orders/1", latte(revision=2)),
            then=SOLD,
        ),
    ),
    "operation_conflict": (
        409,
        after(SOLD, VOID, then=("PUT", "/orders/1", latte(revision=2))),
    ),
    "quote_drift": (409, quote_drift),
    "quote_expired": (409, quote_expired),
    "code_used": (409, once("POST", "/visits", member("used"), store="0077")),
    "member_differs": (409, once("POST", "/visits", member("other"), store="0077")),
    "too_large": (413, large),
    "unsupported_media_type": (415, raw(b"{}", {"Content-Type": "text/plain"})),
    "invalid_order": (422, once("PUT", "/orders/1", latte(tip="1e3"))),
    "totals_mismatch": (422, once("PUT", "/orders/1", latte(tip="1.00"))),
    "payments_mismatch": (422, once("PUT", "/orders/1", latte(payments=[]))),
    "card_number_refused": (422, once("PUT", "/orders/1", latte("4111111111111111"))),
    "unsupported_by_vendor": (
        422,
        once(
            "PUT",
            "/orders/1",
            {
                **latte(tip="1.00", total="5.00"),
                "total": "6.00",
                "payments": [{"tender": "cash", "amount": "6.00"}],
            },
        ),
    ),
    "partial_refund_unsupported": (
        422,
        after(SOLD, then=("POST", "/orders/1/refund", LINES), store="0077"),
    ),
    "visit_required": (
        422,
        once("POST", "/quotes", {**free(), "order_id": "1", "state": "placed"}, store="0077"),
    ),
    "internal_error": (500, internal_error),
    "unsupported_operation": (501, once("GET", "/rewards")),
    "vendor_unreachable": (503, once("POST", "/visits", ANA, wait=0)),
    "offline_refused": (503, offline_refused),
    "storage_full": (503, storage_full),
    "draining": (503, draining),
}

ELSEWHERE = {
    **dict.fromkeys(("unauthenticated", "clock_skew", "replayed", "wrong_store"), "test_auth.py"),
    "too_many_requests": "test_events.py",
    **dict.fromkeys(
        ("forbidden", "entry_not_found", "lane_not_found", "configuration_invalid"), "tests/ops"
    ),
}


def test_every_problem_has_its_row() -> None:
    assert TABLE.keys() | ELSEWHERE.keys() == KINDS.keys()
    assert {code for route in ROUTES for code in route.all_problems} <= KINDS.keys()


@pytest.mark.parametrize("code", TABLE)
async def test_a_problem_is_told_as_the_contract_says(
    till: Till, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.1)
    status, story = TABLE[code]
    got, told = await story(till)
    assert (got, told["code"], told["status"]) == (status, code, status)
    assert told["type"] == "about:blank"
    assert told["title"] == KINDS[code].title
    assert told["cashier"].keys() == {"text", "action"}
    assert told["trace_id"]
    assert "ana@example.test" not in str(told) + str(till.house.log.lines)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/stores/0042/orders/4111111111111111", "card_number_refused"),
        ("/v1/stores/4111111111111111/orders/1", "card_number_refused"),
        ("/v1/stores/0042/orders/a%20b", "invalid_order"),
        ("/v1/stores/%F0%9F%8D%94/orders/1", "invalid_order"),
        ("/v1/stores/0042/orders/" + "x" * 65, "invalid_order"),
    ],
)
async def test_what_is_no_id_is_refused_and_never_repeated(
    till: Till, path: str, expected: str
) -> None:
    _, told = await raw(b"{}", JSON, path)(till)
    assert told["code"] == expected
    assert "4111111111111111" not in str(told) + str(till.house.log.lines)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-Type": "application/json; charset=latin-1"}, "unsupported_media_type"),
        (
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
            "unsupported_media_type",
        ),
        ({"Content-Type": "application/json; charset=utf-8"}, "malformed_json"),
    ],
)
async def test_a_body_is_plain_json_in_utf8(till: Till, headers: dict[str, str], code: str) -> None:
    _, told = await raw(b"", headers)(till)
    assert told["code"] == code


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/orders/1/refund"),
        ("POST", "/payments/p1/reverse"),
    ],
)
async def test_what_a_vendor_cannot_undo_is_422(till: Till, method: str, path: str) -> None:
    await till.ask("PUT", "/orders/1", latte())
    await till.ask("PUT", "/payments/p1", payment())
    status, told = await till.ask(method, path, {"reason": "x"})
    assert (status, told["status"], told["code"]) == (422, 422, "unsupported_operation")


@pytest.mark.parametrize(
    "changes",
    [{"currency": "USD"}, {"amount": "5.001"}, {"amount": "0.00"}, {"amount": 5}, {"till": ""}],
)
async def test_a_payment_that_does_not_fit_is_not_kept(till: Till, changes: dict[str, Any]) -> None:
    status, told = await till.ask("PUT", "/payments/p1", payment(**changes))
    assert (status, told["code"]) == (422, "invalid_order")
    assert [place["path"] for place in told["errors"]] == list(changes)
    assert await till.house.count("entry") == 0


async def test_where_json_is_broken_is_told_by_line_and_column(till: Till) -> None:
    _, told = await raw(b'{"till": "1",\n "x": }', JSON)(till)
    assert told["errors"] == [{"path": "", "message": "Expecting value", "line": 2, "column": 7}]


async def test_our_own_fault_is_logged_by_its_place_and_never_told(till: Till) -> None:
    status, told = await internal_error(till)
    [line] = till.house.log.events("request.failed")
    assert (status, line["error"]) == (500, "KeyError")
    assert line["place"].startswith("test_problems.py:")
    assert "KeyError" not in str(told)


async def test_what_is_not_the_tills_needs_no_key(till: Till) -> None:
    till.house.tills = {}
    for path, status in (("/healthz", 200), ("/readyz", 200), ("/metrics", 200)):
        async with till.client.get(path) as answer:
            assert answer.status == status
    till.house.ready["disk"] = False
    async with till.client.get("/readyz") as answer:
        assert answer.status == 503
        assert await answer.json() == {"ready": False, "checks": {"disk": False}}
