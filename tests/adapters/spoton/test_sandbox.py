"""SpotOn as it is played: every row of its simulator contract, and what it leaves untouched."""

import base64
import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.spoton.sandbox import SpotonSandbox
from adapters.spoton.world import Switches, sample_world
from gateway.core.sandbox import SandboxRequest, SandboxResponse

NOW = datetime(2025, 3, 1, 17, 5, 0, 250_000, tzinfo=UTC)
HERE = "BL-AAAA-BBBB-CCCC"
ORDERS = f"/order/v1/locations/{HERE}/orders"
PROPOSE, SUBMIT = f"{ORDERS}/propose", f"{ORDERS}/submit"
REPORT = f"/reporting/v1/locations/{HERE}/orders"
FROM = "last_updated_from=2025-03-01T17:00:00Z"
BASIC = "Basic " + base64.b64encode(b"spoton-id:spoton-secret").decode()
FORM = "grant_type=client_credentials&scope=order:orders:write%20reporting:orders:read"
HEADERS = {
    "accept": "application/json",
    "content-type": "application/json",
    "authorization": "Bearer tok-0001",
}
CHEESE = {"id": "mod-cheese", "name": "Cheese", "quantity": 1, "price": 150}
BURGER = {"line_id": "1", "item_id": "itm-burger", "name": "Burger", "quantity": 2, "price": 900}
FRIES = {"item_id": "itm-fries", "name": "Fries", "quantity": 1, "price": 350}
CART: dict[str, Any] = {
    "external_reference_id": "gw-1",
    "menu_id": "menu-main",
    "source": {"name": "Acme Kiosk"},
    "fulfillment": {"type": "PICKUP", "schedule_type": "ASAP"},
    "line_items": [BURGER | {"modifiers": [CHEESE]}],
    "discounts": [{"name": "Loyalty reward", "amount": 300}],
}
TOTALS = {
    "subtotal": 2100,
    "discounts_total": 300,
    "tax_total": 144,
    "tip_total": 0,
    "fees_total": 0,
    "grand_total": 1944,
}
PAID = {
    "state": "CLOSED",
    "totals": TOTALS,
    "payments": [{"type": "EXTERNAL", "amount": 1944, "provider_name": "Acme Pay"}],
}
ORDER = CART | PAID
DANA = {
    "first_name": "Dana",
    "last_name": "Lee",
    "email": "d@example.test",
    "phone": "+15555550100",
}
DELIVERY = {"type": "DELIVERY", "schedule_type": "SCHEDULED"}


def ask(
    sandbox: SpotonSandbox,
    method: str,
    target: str,
    body: Any = b"",
    *,
    now: datetime = NOW,
    headers: Mapping[str, str] = HEADERS,
) -> SandboxResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return sandbox.handle(
        SandboxRequest(method=method, target=target, headers=headers, body=raw, now=now)
    )


def post(sandbox: SpotonSandbox, target: str, body: Any, *, now: datetime = NOW) -> Any:
    answer = ask(sandbox, "POST", target, body, now=now)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)["order"]


def get(sandbox: SpotonSandbox, target: str, *, now: datetime = NOW) -> Any:
    answer = ask(sandbox, "GET", target, now=now)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def played(**switches: Any) -> SpotonSandbox:
    sandbox = SpotonSandbox(Switches(**switches))
    sandbox.world.tokens["tok-0001"] = NOW + timedelta(days=1)
    return sandbox


def state(sandbox: SpotonSandbox) -> dict[str, Any]:
    return copy.deepcopy(vars(sandbox.world))


def refused(answer: SandboxResponse) -> tuple[int, str]:
    body = json.loads(answer.body)
    assert set(body) == {"code", "message", "details"}
    return answer.status, body["code"]


def token(sandbox: SpotonSandbox, body: str = FORM, **headers: str) -> SandboxResponse:
    sent = {"content-type": "application/x-www-form-urlencoded", "authorization": BASIC} | headers
    return ask(sandbox, "POST", "/oauth2/v1/token", body.encode(), headers=sent)


def test_a_token_is_given_and_lets_in_until_it_expires() -> None:
    sandbox = SpotonSandbox()
    given = json.loads(token(sandbox).body)
    assert given == {
        "access_token": "tok-0001",
        "token_type": "Bearer",
        "expires_in": 86_400,
        "scope": "order:orders:write reporting:orders:read",
    }
    path, end = f"/business/v1/locations/{HERE}", NOW + timedelta(seconds=86_400)
    location = {"id": HERE, "name": "Main St", "timezone": "America/Chicago"}
    assert get(sandbox, path, now=end - timedelta(seconds=1)) == {"location": location}
    assert refused(ask(sandbox, "GET", path, now=end)) == (401, "UNAUTHENTICATED")
    assert sandbox.violations == ()


@pytest.mark.parametrize(
    ("body", "headers", "status", "error", "breaches"),
    [
        (FORM, {"authorization": "Basic bm8="}, 401, "invalid_client", 0),
        ("grant_type=password&scope=a:b:c", {}, 400, "unsupported_grant_type", 1),
        ("grant_type=client_credentials&scope=a:b:c", {}, 400, "invalid_scope", 0),
        ("grant_type=client_credentials", {}, 400, "invalid_scope", 0),
        (FORM + "&audience=x", {}, 200, None, 1),
        (FORM, {"content-type": "application/json"}, 200, None, 1),
    ],
)
def test_the_token_endpoint_speaks_oauth(
    body: str, headers: dict[str, str], status: int, error: str | None, breaches: int
) -> None:
    sandbox = SpotonSandbox()
    answer = token(sandbox, body, **headers)
    assert (answer.status, json.loads(answer.body).get("error")) == (status, error)
    assert len(sandbox.violations) == breaches
    assert bool(sandbox.world.tokens) == (status == 200)


@pytest.mark.parametrize(
    ("headers", "status", "breaches"),
    [
        ({"authorization": "Bearer tok-0001"}, 200, 0),
        ({"authorization": "Bearer tok-0009"}, 401, 0),
        ({"authorization": "Basic tok-0001"}, 401, 1),
        ({}, 401, 1),
        ({"x-api-key": "spoton-key"}, 401, 1),
    ],
)
def test_a_bearer_token_lets_in(headers: dict[str, str], status: int, breaches: int) -> None:
    sandbox = played()
    sent = {"accept": "application/json"} | headers
    target = f"/business/v1/locations/{HERE}"
    assert ask(sandbox, "GET", target, headers=sent).status == status
    assert len(sandbox.violations) == breaches


@pytest.mark.parametrize(("key", "status"), [("spoton-key", 200), ("other", 401)])
def test_an_api_key_lets_in_where_that_is_the_mode(key: str, status: int) -> None:
    sandbox = SpotonSandbox(Switches(auth_mode="api_key", api_key_header="X-Key"))
    sent = {"accept": "application/json", "x-key": key}
    target = f"/business/v1/locations/{HERE}"
    assert ask(sandbox, "GET", target, headers=sent).status == status
    assert sandbox.violations == ()
    assert ask(sandbox, "GET", target).status == 401
    assert len(sandbox.violations) == 1


@pytest.mark.parametrize("location", ["BL-DDDD-EEEE-FFFF", "BL-ZZZZ-ZZZZ-ZZZZ"])
def test_a_location_that_is_not_granted_is_403(location: str) -> None:
    sandbox = played()
    before = state(sandbox)
    target = SUBMIT.replace(HERE, location)
    assert refused(ask(sandbox, "POST", target, ORDER)) == (403, "PERMISSION_DENIED")
    assert state(sandbox) == before
    assert sandbox.violations == ()


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/business/v1/livez", 200),
        ("POST", ORDERS, 404),
        ("GET", f"{ORDERS}/submit/", 404),
        ("GET", SUBMIT, 405),
        ("GET", f"/menu/v1/locations/{HERE}/menus/nope/items", 404),
        ("GET", f"/menu/v1/locations/{HERE}/menus/menu%2Dmain/items", 200),
        ("GET", f"/menu/v1/locations/{HERE}/menus/menu%252Dmain/items", 404),
    ],
)
def test_paths_are_decoded_once_and_strictly_known(method: str, target: str, status: int) -> None:
    sandbox = played()
    assert ask(sandbox, method, target).status == status
    assert len(sandbox.violations) == (target.startswith("/order"))


def test_propose_prices_the_cart_and_touches_nothing_in_the_restaurant() -> None:
    sandbox = played()
    assert post(sandbox, PROPOSE, CART) == CART | {"totals": TOTALS}
    assert post(sandbox, PROPOSE, CART | PAID) == CART | {"totals": TOTALS}
    assert sandbox.ledger == ()
    assert sandbox.world.orders == {}
    assert sandbox.violations == ()


@pytest.mark.parametrize(
    ("discount", "tax"), [(0, 28), (6, 28), (7, 27), (350, 0), (400, 0), (294, 4), (293, 5)]
)
def test_tax_is_of_what_discounts_leave_and_half_a_cent_goes_up(discount: int, tax: int) -> None:
    cart = CART | {"line_items": [FRIES], "discounts": [{"name": "x", "amount": discount}]}
    assert post(played(), PROPOSE, cart)["totals"]["tax_total"] == tax


def test_exactly_half_a_cent_of_tax_goes_up() -> None:
    sandbox = played()
    sandbox.world.tax_rate = Decimal("0.05")
    cart = CART | {"line_items": [FRIES], "discounts": [{"name": "x", "amount": 340}]}
    assert post(sandbox, PROPOSE, cart)["totals"]["tax_total"] == 1


def test_modifiers_sub_items_fees_and_tip_are_priced() -> None:
    combo = {"item_id": "itm-combo", "name": "Combo", "quantity": 2, "price": 1200}
    lines = [combo | {"modifiers": [CHEESE | {"quantity": 2}], "sub_items": [FRIES]}]
    fees = [{"id": "bag", "name": "Bag", "amount": 10}]
    totals = TOTALS | {"tip_total": 200, "tax_total": 272}
    answer = post(played(), PROPOSE, CART | {"line_items": lines, "fees": fees, "totals": totals})
    assert answer["totals"] == {
        "subtotal": 3700,
        "discounts_total": 300,
        "tax_total": 272,
        "tip_total": 200,
        "fees_total": 10,
        "grand_total": 3882,
    }


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"line_items": [BURGER | {"item_id": "no"}]}, "ITEM_NOT_FOUND", "line_items.0.item_id"),
        (
            {"line_items": [BURGER | {"item_id": "itm-salad", "price": 750}]},
            "ITEM_UNAVAILABLE",
            "line_items.0.item_id",
        ),
        ({"line_items": [BURGER | {"price": 1050}]}, "PRICE_MISMATCH", "line_items.0.item_id"),
        (
            {"line_items": [BURGER | {"modifiers": [CHEESE | {"price": 1}]}]},
            "PRICE_MISMATCH",
            "line_items.0.modifiers.0.id",
        ),
        (
            {"line_items": [BURGER | {"sub_items": [FRIES | {"price": 1}]}]},
            "PRICE_MISMATCH",
            "line_items.0.sub_items.0.item_id",
        ),
        ({"totals": TOTALS | {"tax_total": 143}}, "TAX_MISMATCH", "totals.tax_total"),
    ],
)
def test_propose_refuses_what_the_menu_does_not_say(
    change: dict[str, Any], code: str, field: str
) -> None:
    sandbox = played()
    before = state(sandbox)
    answer = ask(sandbox, "POST", PROPOSE, CART | change)
    assert refused(answer) == (422, code)
    assert json.loads(answer.body)["details"][0]["field"] == field
    assert state(sandbox) == before
    assert sandbox.violations == ()


def test_submit_is_accepted_at_once_and_stands_in_the_ledger() -> None:
    sandbox = played()
    assert post(sandbox, SUBMIT, ORDER) == {
        "id": "ord-0001",
        "external_reference_id": "gw-1",
        "state": "CLOSED",
        "fulfillment": {
            "type": "PICKUP",
            "schedule_type": "ASAP",
            "status": "ACCEPTED",
            "estimated_ready_at": "2025-03-01T17:20:00Z",
        },
        "totals": TOTALS,
    }
    (held,) = sandbox.ledger
    assert (held.kind, held.receipt, held.member, held.reference) == (
        "submit",
        "gw-1",
        None,
        "ord-0001",
    )
    assert (held.amount, held.standing) == (Decimal("19.44"), True)
    assert sandbox.violations == ()


def test_submit_is_lax_about_menu_prices_and_tax() -> None:
    lines = [{"item_id": "open", "name": "Open", "quantity": 1, "price": 1950}]
    totals = TOTALS | {"subtotal": 1950, "tax_total": 294}
    sandbox = played()
    assert post(sandbox, SUBMIT, ORDER | {"line_items": lines, "totals": totals})["id"]
    assert sandbox.violations == ()


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in ORDER.items() if key != name}


def paid_by(**payment: Any) -> dict[str, Any]:
    return ORDER | {"payments": [{"type": "EXTERNAL", "amount": 1944} | payment]}


def leaving(**fulfillment: Any) -> dict[str, Any]:
    return ORDER | {"fulfillment": CART["fulfillment"] | fulfillment}


READY, BAD = {"estimated_ready_at": "2025-03-01T18:00:00Z"}, "INVALID_ARGUMENT"
BREACHES: list[tuple[Any, str]] = [
    (b"{", BAD),
    (b'{"menu_id": "a", "menu_id": "b"}', BAD),
    (b'{"menu_id": NaN}', BAD),
    (b"[]", BAD),
    (without("line_items"), BAD),
    (without("fulfillment"), BAD),
    (without("totals"), BAD),
    (ORDER | {"line_items": []}, BAD),
    (ORDER | {"line_items": [BURGER | {"quantity": 0}]}, BAD),
    (ORDER | {"line_items": [BURGER | {"quantity": "2"}]}, BAD),
    (ORDER | {"line_items": [BURGER | {"price": 900.0}]}, BAD),
    (ORDER | {"line_items": [BURGER | {"price": True}]}, BAD),
    (ORDER | {"line_items": [BURGER | {"price": 10**30}]}, BAD),
    (ORDER | {"customer": None}, BAD),
    (ORDER | {"state": "PAID"}, BAD),
    (ORDER | {"state": 1}, BAD),
    (ORDER | {"display_id": "1234567890123"}, BAD),
    (ORDER | {"display_id": "a\nb"}, BAD),
    (ORDER | {"placed_at": "2025-03-01T17:05:00.000Z"}, BAD),
    (ORDER | {"placed_at": "2025-02-30T17:05:00Z"}, BAD),
    (ORDER | {"location_id": "BL-DDDD-EEEE-FFFF"}, BAD),
    (leaving(estimated_delivery_at="2025-03-01T18:00:00Z"), BAD),
    (without("menu_id"), "MENU_ID_REQUIRED"),
    (without("state"), "ORDER_STATE_NOT_ALLOWED"),
    (ORDER | {"state": "DRAFT"}, "ORDER_STATE_NOT_ALLOWED"),
    (ORDER | {"state": "OPEN"}, "ORDER_STATE_NOT_ALLOWED"),
    (without("source"), "SOURCE_REQUIRED"),
    (ORDER | {"source": {"name": ""}}, "SOURCE_REQUIRED"),
    (ORDER | {"customer": {"first_name": "Dana"}}, "CUSTOMER_INCOMPLETE"),
    (leaving(schedule_type="SCHEDULED"), "SCHEDULE_TIME_REQUIRED"),
    (leaving(**DELIVERY, **READY), "SCHEDULE_TIME_REQUIRED"),
    (without("payments"), "ORDER_NOT_FULLY_PAID"),
    (paid_by(amount=1943, provider_name="Acme Pay"), "ORDER_NOT_FULLY_PAID"),
    (paid_by(), "PROVIDER_NAME_REQUIRED"),
    (paid_by(type="PAYMENT_CARD"), "CARD_TRANSACTION_REQUIRED"),
    (ORDER | {"totals": TOTALS | {"subtotal": 2101}}, "TOTALS_MISMATCH"),
    (ORDER | {"totals": TOTALS | {"tip_total": 1}}, "TOTALS_MISMATCH"),
]


@pytest.mark.parametrize(("body", "code"), BREACHES)
def test_submit_refuses_a_breach_and_changes_nothing(body: Any, code: str) -> None:
    sandbox = played()
    before = state(sandbox)
    assert refused(ask(sandbox, "POST", SUBMIT, body)) == (400, code)
    assert state(sandbox) == before
    (sentence,) = sandbox.violations
    assert sentence.startswith(f"POST {SUBMIT}: {code}: ")


@pytest.mark.parametrize("target", [PROPOSE, SUBMIT])
def test_an_unknown_menu_is_refused_without_a_breach(target: str) -> None:
    sandbox = played()
    answer = ask(sandbox, "POST", target, ORDER | {"menu_id": "menu-brunch"})
    assert refused(answer) == (404, "MENU_NOT_FOUND")
    assert sandbox.violations == ()


@pytest.mark.parametrize(
    "body",
    [
        ORDER | {"customer": {"first_name": "Dana"}},
        paid_by(),
        ORDER | {"totals": TOTALS | {"subtotal": 1}},
    ],
)
def test_a_lax_vendor_takes_what_nothing_is_promised_for(body: dict[str, Any]) -> None:
    sandbox = played(strict=False)
    assert "customer" not in post(sandbox, SUBMIT, body)
    assert sandbox.violations == ()


def test_what_the_contract_does_not_know_is_noted_and_still_answered() -> None:
    sandbox = played()
    lines = [BURGER | {"modifiers": [CHEESE | {"colour": "red"}], "note": "x"}]
    post(sandbox, f"{SUBMIT}?dry=1", ORDER | {"line_items": lines, "tip": 1})
    bare = {"authorization": "Bearer tok-0001"}
    assert ask(sandbox, "POST", SUBMIT, ORDER, headers=bare).status == 200
    assert [sentence.partition(": ")[2] for sentence in sandbox.violations] == [
        "the query parameter 'dry' is unknown",
        "the field 'body.line_items.0.modifiers.0.colour' is unknown",
        "the field 'body.line_items.0.note' is unknown",
        "the field 'body.tip' is unknown",
        "the header Accept: application/json is missing",
        "the header Content-Type: application/json is missing",
    ]


def test_a_customer_with_all_four_is_created_each_time_and_an_id_is_reused() -> None:
    sandbox = played()
    bodies = [ORDER | {"customer": customer} for customer in (DANA, DANA, {"id": "cus-dana"})]
    ids = [post(sandbox, SUBMIT, body)["customer"]["id"] for body in bodies]
    assert ids == ["cus-0001", "cus-0002", "cus-dana"]
    assert [held.member for held in sandbox.ledger] == ids
    assert sandbox.world.customers["cus-0002"] == DANA


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ({"type": "dine-in"}, ("ASAP", "17:20", None)),
        ({"type": "DELIVERY"}, ("ASAP", "17:20", "17:40")),
        ({"schedule_type": "SCHEDULED", "ready": "17:20"}, ("SCHEDULED", "17:20", None)),
        ({"schedule_type": "SCHEDULED", "ready": "17:19"}, ("ASAP", "17:20", None)),
        (DELIVERY | {"delivery": "18:00"}, ("SCHEDULED", "17:40", "18:00")),
        (DELIVERY | {"delivery": "17:39"}, ("ASAP", "17:20", "17:40")),
    ],
)
def test_a_time_before_the_kitchen_can_becomes_asap(
    asked: dict[str, str], granted: tuple[str, str, str | None]
) -> None:
    times = {
        f"estimated_{name.replace('ready', 'ready_at').replace('delivery', 'delivery_at')}": (
            f"2025-03-01T{asked[name]}:00Z"
        )
        for name in ("ready", "delivery")
        if name in asked
    }
    words = {name: word for name, word in asked.items() if name not in ("ready", "delivery")}
    said = post(played(), SUBMIT, leaving(**words, **times))["fulfillment"]
    delivered = said.get("estimated_delivery_at")
    assert (
        said["schedule_type"],
        said["estimated_ready_at"][11:16],
        delivered and delivered[11:16],
    ) == granted


def test_enums_are_read_in_both_spellings_and_written_in_the_configured_one() -> None:
    sandbox = played(enum_style="prefixed", response_wrapper=None, request_wrapper="order")
    words = leaving(type="FULFILLMENT_TYPE_PICKUP") | {"state": "ORDER_STATE_CLOSED"}
    said = json.loads(ask(sandbox, "POST", SUBMIT, {"order": words}).body)
    assert said["state"] == "ORDER_STATE_CLOSED"
    assert said["fulfillment"]["type"] == "FULFILLMENT_TYPE_PICKUP"
    assert said["fulfillment"]["status"] == "FULFILLMENT_STATUS_ACCEPTED"
    assert sandbox.violations == ()
    wrong: list[dict[str, Any]] = [words, {"order": []}]
    for body in wrong:
        assert refused(ask(sandbox, "POST", SUBMIT, body)) == (400, "INVALID_ARGUMENT")


def test_a_status_of_tomorrow_can_be_played() -> None:
    sandbox = played(fulfillment_status="COURIER_ASSIGNED")
    assert post(sandbox, SUBMIT, ORDER)["fulfillment"]["status"] == "COURIER_ASSIGNED"


def test_a_second_submit_cooks_twice_unless_references_are_deduplicated() -> None:
    twice, once = played(), played(dedupe_by_external_reference_id=True)
    for sandbox in (twice, once):
        for reference in ("gw-0", "gw-1", "gw-1"):
            post(sandbox, SUBMIT, ORDER | {"external_reference_id": reference})
    assert [held.reference for held in twice.ledger] == ["ord-0001", "ord-0002", "ord-0003"]
    assert [held.receipt for held in once.ledger] == ["gw-0", "gw-1"]
    assert post(once, SUBMIT, ORDER)["id"] == "ord-0002"
    assert "external_reference_id" not in post(once, SUBMIT, without("external_reference_id"))
    assert once.ledger[-1].receipt is None


def test_a_signed_cart_must_come_back_with_its_own_fresh_signature() -> None:
    sandbox = played(requires_signature=True)
    signature = post(sandbox, PROPOSE, CART)["signature"]
    assert signature == {"value": "sig-0001", "expires_at": "2025-03-01T17:20:00Z"}
    signed, late = ORDER | {"signature": signature}, NOW + timedelta(seconds=900)
    edited = signed | {"display_id": "7"}
    tries: list[tuple[dict[str, Any], datetime, str]] = [
        (ORDER, NOW, "SIGNATURE_REQUIRED"),
        (signed | {"signature": "forged"}, NOW, "SIGNATURE_INVALID"),
        (edited, NOW, "SIGNATURE_INVALID"),
        (signed, late, "SIGNATURE_INVALID"),
    ]
    for body, now, code in tries:
        assert refused(ask(sandbox, "POST", SUBMIT, body, now=now)) == (400, code)
    assert len(sandbox.violations) == 3
    assert sandbox.ledger == ()
    assert post(sandbox, SUBMIT, signed, now=late - timedelta(seconds=1))["id"] == "ord-0001"


def test_an_edit_after_propose_is_a_breach_and_a_tip_is_not() -> None:
    sandbox = played()
    post(sandbox, PROPOSE, CART)
    tipped = TOTALS | {"tip_total": 56, "grand_total": 2000}
    post(sandbox, SUBMIT, paid_by(amount=2000, provider_name="Acme Pay") | {"totals": tipped})
    assert not sandbox.violations
    post(sandbox, SUBMIT, ORDER | {"display_id": "7"})
    assert sandbox.violations == (f"POST {SUBMIT}: the cart was edited after its propose",)


def test_a_cancel_stands_once_and_its_submit_no_longer() -> None:
    sandbox = played()
    post(sandbox, SUBMIT, ORDER)
    said = post(sandbox, f"{ORDERS}/ord-0001/cancel", {})
    assert (said["state"], said["fulfillment"]["status"]) == ("CANCELED", "CANCELED")
    ledger = [(held.kind, held.receipt, held.standing) for held in sandbox.ledger]
    assert ledger == [("submit", "gw-1", False), ("void", "gw-1", True)]
    again = ask(sandbox, "POST", f"{ORDERS}/ord-0001/cancel", {})
    assert refused(again) == (409, "ORDER_ALREADY_CANCELED")
    unknown = ask(sandbox, "POST", f"{ORDERS}/ord-0009/cancel", {})
    assert refused(unknown) == (404, "ORDER_NOT_FOUND")
    assert sandbox.violations == ()
    assert ask(sandbox, "POST", f"{ORDERS}/ord-0001/cancel").status == 400
    assert len(sandbox.ledger) == 2


def test_a_cancel_may_be_answered_without_a_body_and_notes_what_it_does_not_know() -> None:
    sandbox = played(cancel_answers_body=False)
    post(sandbox, SUBMIT, ORDER)
    answer = ask(sandbox, "POST", f"{ORDERS}/ord-0001/cancel", {"reason": "x"})
    assert (answer.status, answer.body) == (204, b"")
    assert len(sandbox.violations) == 1


def test_the_merchant_cancels_without_the_caller() -> None:
    sandbox = played()
    post(sandbox, SUBMIT, ORDER)
    later = NOW + timedelta(minutes=5)
    sandbox.world.merchant_cancels("ord-0001", later)
    assert [(held.kind, held.standing) for held in sandbox.ledger] == [("submit", False)]
    (row,) = get(sandbox, f"{REPORT}?{FROM}", now=later)["orders"]
    assert (row["state"], row["payments"][0]["is_void"]) == ("CANCELED", True)
    with pytest.raises(ValueError, match="no standing order 'ord-0001'; standing are"):
        sandbox.world.merchant_cancels("ord-0001", later)


def test_reporting_shows_an_order_without_its_reference() -> None:
    sandbox = played()
    post(sandbox, SUBMIT, ORDER | {"customer": {"id": "cus-dana"}})
    paid = {"id": "pay-0001", "type": "EXTERNAL", "amount": 1944}
    assert get(sandbox, f"{REPORT}?{FROM}&page=1") == {
        "orders": [
            {
                "id": "ord-0001",
                "location_id": HERE,
                "source": "Acme Kiosk",
                "state": "CLOSED",
                "fulfillment_type": "PICKUP",
                "line_items": CART["line_items"],
                "payments": [
                    paid | {"is_refund": False, "is_void": False, "order_payment_id": "pay-0001"}
                ],
                "totals": TOTALS,
                "discounts": CART["discounts"],
                "taxes": [{"name": "Sales tax", "amount": 144}],
                "created_at": "2025-03-01T17:05:00Z",
                "last_updated_at": "2025-03-01T17:05:00Z",
                "closed_at": "2025-03-01T17:05:00Z",
                "customer": {"id": "cus-dana"},
            }
        ],
        "pagination": {"page": 1, "total_pages": 1},
    }
    later = REPORT + "?last_updated_from=2025-03-01T17:06:00Z"
    assert get(sandbox, later)["orders"] == []


def test_reporting_lags_behind_a_submit_and_behind_a_cancel() -> None:
    sandbox = played(reporting_lag_seconds=60)
    post(sandbox, SUBMIT, ORDER)
    canceled = NOW + timedelta(seconds=30)
    post(sandbox, f"{ORDERS}/ord-0001/cancel", {}, now=canceled)
    seen = [
        [row["state"] for row in get(sandbox, f"{REPORT}?{FROM}", now=at)["orders"]]
        for at in (NOW + timedelta(seconds=s) for s in (59, 60, 89, 90))
    ]
    assert seen == [[], ["CLOSED"], ["CLOSED"], ["CANCELED"]]


@pytest.mark.parametrize(
    "query",
    ["", "last_updated_from=yesterday", f"{FROM}&page=0", f"{FROM}&page=x", f"{FROM}&page="],
)
def test_reporting_needs_a_time_and_a_page_from_one(query: str) -> None:
    sandbox = played()
    answer = ask(sandbox, "GET", f"{REPORT}?{query}")
    assert refused(answer) == (400, "INVALID_ARGUMENT")
    assert len(sandbox.violations) == 1


def test_menus_and_items_are_read_page_by_page() -> None:
    sandbox = played(page_size=3)
    menus = f"/menu/v1/locations/{HERE}/menus"
    assert get(sandbox, menus)["menus"] == [{"id": "menu-main", "name": "Main menu"}]
    pages = [get(sandbox, f"{menus}/menu-main/items?page={page}") for page in (1, 2, 3, 4)]
    assert {page["pagination"]["total_pages"] for page in pages} == {3}
    assert [len(page["items"]) for page in pages] == [3, 3, 1, 0]
    assert pages[0]["items"][0] == {
        "id": "itm-burger",
        "name": "Burger",
        "price": {"amount": 900, "pricing_kind": "FIXED"},
        "available": True,
    }
    sold_out = [item["id"] for page in pages for item in page["items"] if not item["available"]]
    assert sold_out == ["itm-salad"]


def test_an_order_of_another_location_is_not_found() -> None:
    sandbox = SpotonSandbox(world=sample_world())
    sandbox.world.tokens["tok-0001"] = NOW + timedelta(days=1)
    second = "BL-GGGG-HHHH-IIII"
    locations = sandbox.world.locations
    sandbox.world.locations = {**locations, second: locations[HERE]}
    post(sandbox, SUBMIT, ORDER)
    elsewhere = f"/order/v1/locations/{second}/orders"
    answer = ask(sandbox, "POST", f"{elsewhere}/ord-0001/cancel", {})
    assert refused(answer) == (404, "ORDER_NOT_FOUND")
    assert refused(ask(sandbox, "POST", f"{elsewhere}/submit", ORDER)) == (404, "MENU_NOT_FOUND")
    assert get(sandbox, f"{REPORT.replace(HERE, second)}?{FROM}")["orders"] == []
