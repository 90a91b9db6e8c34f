"""RBI's sandbox keeps the strict simulator contract, one behaviour a test."""

import json
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.rbi.sandbox import RbiSandbox
from adapters.rbi.world import Code, Switches, World, sample_world
from gateway.core.sandbox import Sandbox, SandboxRequest

NOW = datetime(2025, 3, 1, 12, 30, 5, tzinfo=UTC)
DANA = "0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c10"
SAM = "0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c11"
NOBODY = "0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c99"
POS = "/loyalty/transaction/pos"
HEADERS = {
    "x-region": "DE",
    "x-api-key": "rbi-key-de",
    "x-user-datetime": "2025-03-01T13:30:05",
    "content-type": "application/json",
}
VENDOR: dict[str, Any] = {
    "transactionId": "T-000481",
    "storeId": "20177",
    "terminal": "3",
    "operator": "117",
    "posType": "Partner",
    "supportingPos": "AcmePOS",
}


def line(number: int, kind: str, sku: str, price: float = 0, **more: Any) -> dict[str, Any]:
    figures = {"quantity": 1, "price": price, "tax": 0}
    named = {"productType": kind, "productId": sku, "name": sku}
    return {"referenceId": str(number), **named, **figures, **more}


COMBO = line(1, "combo", "7001", 8.5, tax=0.68)
BURGER = line(2, "item", "1001", parentReferenceId="1")
DRINK = line(3, "reward", "9104", incentiveId="inc-drink")
CHICKEN = line(4, "offer", "9201", 2.99, incentiveId="off-chicken")
CASH = {"amount": 918, "type": "CASH"}


@dataclass(kw_only=True)
class Till:
    """Talks to one sandbox and can see what it knows."""

    switches: Switches = field(default_factory=Switches)
    world: World = field(default_factory=sample_world)
    sandbox: RbiSandbox = field(init=False)
    at: datetime = NOW

    def __post_init__(self) -> None:
        self.sandbox = RbiSandbox(self.switches, self.world)

    def raw(self, method: str, target: str, body: bytes, headers: Any = HEADERS) -> Any:
        request = SandboxRequest(
            method=method, target=target, headers=headers, body=body, now=self.at
        )
        answer = self.sandbox.handle(request)
        return answer.status, json.loads(answer.body) if answer.body else None

    def ask(self, method: str, target: str, body: Any, **headers: str) -> Any:
        sent = {**HEADERS, **{name.replace("_", "-"): text for name, text in headers.items()}}
        return self.raw(method, target, json.dumps(body).encode(), sent)

    def identify(self, identifier: str = "481920", **vendor: Any) -> Any:
        body = {"identifier": identifier, "posVendor": VENDOR | vendor}
        return self.ask("POST", "/loyalty/identify", body)

    def scan(self, identifier: str = "481920") -> str:
        status, answer = self.identify(identifier)
        assert status == 200
        return str(answer["transactionId"])

    def update(self, body: dict[str, Any]) -> Any:
        return self.ask("PUT", f"{POS}/{body['transactionId']}", body)

    def void(self, body: dict[str, Any]) -> Any:
        return self.ask("PUT", f"{POS}/{body['transactionId']}/void", body)

    def validate(self, body: dict[str, Any], **headers: str) -> Any:
        return self.ask("POST", f"{POS}/validate/{body['transactionId']}", body, **headers)

    def state(self) -> Any:
        known = self.world
        return deepcopy((known.points, known.used, known.transactions, known.deeds))


def sale(transaction_id: str, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A claim of Dana's combo and drink, paid in cash, unless said otherwise."""
    details = {
        "currency": "EUR",
        "order": list(lines or (COMBO, BURGER, DRINK)),
        "payments": [CASH],
        "posVendor": VENDOR,
    }
    body = {
        "loyaltyId": DANA,
        "transactionId": transaction_id,
        "channel": "Restaurant",
        "created": "2025-03-01T12:30:05Z",
        "serviceMode": "EAT_IN",
        "status": "CLAIMED",
        "transactionDetails": details | changes.pop("details", {}),
    }
    return body | changes


def pending(transaction_id: str, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return sale(transaction_id, *lines, details={"payments": []}, status="PENDING", **changes)


def unclaimed(**changes: Any) -> dict[str, Any]:
    body = sale("", COMBO, BURGER, **changes)
    return {name: body[name] for name in body if name not in ("loyaltyId", "transactionId")}


def held(till: Till) -> list[tuple[str, Any, bool]]:
    return [(row.kind, row.amount, row.standing) for row in till.sandbox.ledger]


def codes(answer: Any) -> Any:
    """Status, then the code of each broken rule, or that of the error, or none."""
    status, body = answer
    entries = body.get("details", {})
    rules = entries.get("ruleEvaluation", []) if isinstance(entries, dict) else []
    return status, *([rule["code"] for rule in rules] or [body.get("code")])


def test_it_is_a_sandbox_and_begins_with_a_world_of_its_own() -> None:
    sandbox: Sandbox = RbiSandbox()
    assert (sandbox.violations, sandbox.ledger) == ((), ())


def test_a_code_opens_a_transaction_and_holds_what_was_picked() -> None:
    till = Till()
    assert till.identify() == (
        200,
        {
            "transactionId": "6b1d0c52-0000-4000-8000-000000000001",
            "balances": [{"amount": 2300, "currency": "points"}],
            "loyaltyUser": {"id": DANA, "name": "Dana", "created": "2023-02-01T09:00:00.000Z"},
            "order": [
                {
                    "productId": "9104",
                    "productType": "REWARD",
                    "incentiveId": "inc-drink",
                    "quantity": 1,
                    "price": 0,
                    "referenceId": "00",
                }
            ],
        },
    )
    row = till.sandbox.ledger[0]
    assert (row.receipt, row.member) == ("T-000481", DANA)
    assert held(till) == [("hold", 250, True)]


def test_a_personal_offer_has_the_engines_id_alone_and_no_price() -> None:
    offer = Till().identify("481922")[1]["order"][1]
    assert offer == {
        "productId": "9301",
        "productType": "OFFER",
        "loyaltyEngineId": "eng-7731",
        "quantity": 1,
        "referenceId": "00",
    }


def test_older_spelling_has_numbers_as_texts_and_one_balance() -> None:
    answer = Till(switches=Switches(old_spelling=True)).identify("481921")[1]
    assert answer["balances"] == {"amount": 2550, "currency": "points"}
    offer = answer["order"][0]
    assert [offer[name] for name in ("productType", "quantity", "price")] == ["offer", "1", "2.99"]


@pytest.mark.parametrize(
    ("identifier", "vendor", "expected"),
    [
        (DANA, {}, (200, None)),
        (DANA, {"storeId": 20178}, (200, None)),
        (DANA, {"storeId": "1"}, (404, "StoreNotFound")),
        (NOBODY, {}, (400, "IdentificationFailed")),
        ("000000", {}, (404, "HashSetNotFoundError")),
        ("481900", {}, (404, "HashSetNotFoundError")),
        ("4819", {}, (422, "InvalidIdentifier")),
        ("dana@example.test", {}, (422, "IdentifierTypeDisabled")),
    ],
)
def test_identifiers_are_told_apart(identifier: str, vendor: Any, expected: Any) -> None:
    till = Till()
    before = till.state()
    assert codes(till.identify(identifier, **vendor)) == expected
    assert till.sandbox.violations == ()
    assert expected[0] == 200 or till.state() == before


def test_a_code_is_good_once_and_a_loyalty_id_for_ever() -> None:
    till = Till()
    assert till.scan() != till.scan(DANA) != till.scan(DANA)
    before = till.state()
    assert codes(till.identify()) == (422, "OrderSelectionStatusUnclaimable")
    assert till.state() == before


@pytest.mark.parametrize(("age_s", "status"), [(60, 200), (61, 404)])
def test_a_code_expires_after_its_time(age_s: int, status: int) -> None:
    till = Till(switches=Switches(otp_ttl_s=60))
    till.world.codes = {"111111": Code(guest_id=DANA, issued_at=NOW - timedelta(seconds=age_s))}
    assert till.identify("111111")[0] == status


def test_a_picked_reward_whose_points_are_gone_is_not_found_and_the_code_stays_good() -> None:
    till = Till()
    till.world.points[DANA] = 249
    before = till.state()
    assert codes(till.identify()) == (404, "RewardNotFoundError")
    assert till.state() == before


@pytest.mark.parametrize("missing", ["x-region", "x-api-key", "x-user-datetime"])
def test_each_header_is_required(missing: str) -> None:
    till = Till()
    headers = {name: text for name, text in HEADERS.items() if name != missing}
    assert codes(till.raw("POST", POS, b"{}", headers)) == (401, "Unauthorized")
    assert missing in till.sandbox.violations[0]


@pytest.mark.parametrize(
    ("headers", "breaches"),
    [
        ({"x_api_key": "other"}, 0),
        ({"x_region": "FR"}, 0),
        ({"x_user_datetime": "2025-03-01T12:30:05Z"}, 1),
        ({"x_user_datetime": "2025-02-30T12:30:05"}, 1),
    ],
)
def test_wrong_headers_are_unauthorized(headers: dict[str, str], breaches: int) -> None:
    till = Till()
    assert till.ask("POST", POS, {}, **headers)[0] == 401
    assert len(till.sandbox.violations) == breaches


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", "/loyalty/identify", b"{}", 405),
        ("PUT", f"{POS}/validate/1", b"{}", 405),
        ("POST", "/loyalty/v2/identify", b"{}", 404),
        ("POST", POS, b'{"status":1,"status":2}', 400),
        ("POST", POS, b'{"status":NaN}', 400),
        ("POST", POS, b"[]", 400),
        ("POST", POS, b"{}", 400),
    ],
)
def test_what_is_no_call_is_a_breach(method: str, target: str, body: bytes, status: int) -> None:
    till = Till()
    assert till.raw(method, target, body)[0] == status
    assert len(till.sandbox.violations) == 1


def test_validate_is_put_where_the_switch_says_so() -> None:
    till = Till(switches=Switches(validate_method="PUT"))
    body = pending(till.scan())
    assert till.ask("PUT", f"{POS}/validate/{body['transactionId']}", body) == (200, {})
    assert till.validate(body)[0] == 405


def test_a_claim_burns_earns_and_ends_the_hold() -> None:
    till = Till()
    transaction_id = till.scan()
    assert till.update(sale(transaction_id)) == (
        200,
        {
            "points": 2391,
            "pointsEarned": 91,
            "pointsRedeemed": 250,
            "loyaltyId": DANA,
            "transactionId": transaction_id,
            "receiptCode": "K00001",
            "presentation": {
                "header": "Rewards",
                "identifier": "K00001",
                "marketing": "More\nin the app",
                "pointsEarned": "Earned: 91",
                "pointsRedeemed": "Redeemed: 250",
                "totalPoints": "Balance: 2391",
                "qrCode": "https://rewards.example.test/K00001",
                "footer": "See you soon",
            },
        },
    )
    assert held(till) == [("hold", 250, False), ("submit", Decimal("9.18"), True)]
    assert till.world.balance(DANA) == 2391
    assert till.sandbox.violations == ()


def test_an_update_while_pending_holds_anew() -> None:
    till = Till()
    transaction_id = till.scan()
    balances = []
    for lines in ([DRINK], [COMBO], [DRINK, DRINK | {"referenceId": "9"}], [CHICKEN, DRINK]):
        answer = till.update(pending(transaction_id, *lines))[1]
        assert (answer["pointsEarned"], "presentation" in answer) == (0, False)
        balances.append((answer["points"], answer["pointsRedeemed"]))
    assert balances == [(2300, 250), (2550, 0), (2050, 500), (2300, 250)]
    assert held(till) == [("hold", 250, False), ("hold", 500, False), ("hold", 250, True)]


def test_the_old_shape_of_an_update_is_that_of_identify() -> None:
    till = Till(switches=Switches(old_shape=True, presentation=False))
    answer = till.update(sale(till.scan(), CHICKEN, DRINK))[1]
    assert sorted(answer) == ["balances", "loyaltyUser", "order", "transactionId"]
    assert answer["balances"][0]["amount"] == 2391
    assert [one["productId"] for one in answer["order"]] == ["9201", "9104"]


def test_the_same_claim_again_is_answered_as_the_first_and_earns_nothing() -> None:
    till = Till()
    transaction_id = till.scan()
    first = till.update(sale(transaction_id))
    before = till.state()
    assert till.update(sale(transaction_id, created="2025-03-01T12:31:00Z")) == first
    assert (till.state(), till.sandbox.violations) == (before, ())


@pytest.mark.parametrize("status", ["CLAIMED", "PENDING"])
def test_a_claim_cannot_be_modified(status: str) -> None:
    till = Till()
    transaction_id = till.scan()
    till.update(sale(transaction_id))
    before = till.state()
    changed = sale(transaction_id, COMBO, status=status)
    assert codes(till.update(changed)) == (400, "TRANSACTION_NOT_CLAIMABLE")
    assert till.state() == before
    assert len(till.sandbox.violations) == 1


def test_a_void_gives_back_what_was_held() -> None:
    till = Till()
    body = pending(till.scan())
    assert till.void(body) == (200, {})
    assert till.world.balance(DANA) == 2550
    assert held(till) == [("hold", 250, False), ("void", 0, True)]


def test_a_void_after_the_claim_takes_back_all_of_it() -> None:
    till = Till()
    body = sale(till.scan())
    till.update(body)
    assert till.void(body) == (200, {})
    assert till.world.balance(DANA) == 2550
    assert held(till)[1:] == [("submit", Decimal("9.18"), False), ("void", Decimal("9.18"), True)]


@pytest.mark.parametrize("old", [False, True])
def test_a_void_is_final(old: bool) -> None:
    till = Till(switches=Switches(old_codes=old))
    body = pending(till.scan())
    till.void(body)
    before = till.state()
    expected = (400, "TransactionNotClaimable" if old else "TRANSACTION_NOT_CLAIMABLE")
    for call in (till.void, till.update, till.validate):
        assert codes(call(body)) == expected
    assert (till.state(), till.sandbox.violations) == (before, ())


def test_an_untouched_hold_expires_where_the_switch_says_so() -> None:
    till = Till(switches=Switches(pending_ttl_s=60))
    claimed, left = sale(till.scan("481923"), COMBO), pending(till.scan())
    till.update(claimed)
    till.at += timedelta(seconds=60)
    assert till.update(left)[0] == 200
    till.at += timedelta(seconds=61)
    assert codes(till.update(left)) == (400, "TRANSACTION_NOT_CLAIMABLE")
    assert held(till) == [("hold", 250, False), ("submit", Decimal("9.18"), True)]


def test_success_may_have_no_body() -> None:
    till = Till(switches=Switches(empty_success=True))
    body = pending(till.scan())
    assert (till.validate(body), till.void(body)) == ((204, None), (204, None))


@pytest.mark.parametrize("call", ["update", "void", "validate"])
@pytest.mark.parametrize(
    ("changes", "lines", "expected", "breaches"),
    [
        ({"transactionId": NOBODY}, (), (404, "TransactionNotFoundError"), 0),
        ({"loyaltyId": SAM}, (), (404, "UserNotFoundError"), 1),
        ({}, (DRINK | {"incentiveId": "inc-x"},), (404, "RewardNotFoundError"), 0),
        ({}, (CHICKEN | {"incentiveId": "inc-drink"},), (404, "OfferNotFoundError"), 0),
        ({}, (CHICKEN | {"incentiveId": "eng-7731"},), (404, "OfferNotFoundError"), 0),
        ({"details": {"posVendor": VENDOR | {"storeId": "1"}}}, (), (404, "StoreNotFound"), 0),
    ],
)
def test_what_is_not_known_is_not_found(
    call: str, changes: Any, lines: Any, expected: Any, breaches: int
) -> None:
    till = Till()
    body = sale(till.scan(), *lines, **deepcopy(changes))
    before = till.state()
    assert codes(getattr(till, call)(body)) == expected
    assert till.state() == before
    assert len(till.sandbox.violations) == breaches


def test_the_id_of_the_path_is_decoded_once_and_must_be_that_of_the_body() -> None:
    till = Till()
    body = sale(till.scan())
    assert till.ask("PUT", f"{POS}/{body['transactionId'].replace('-', '%2D')}", body)[0] == 200
    assert codes(till.ask("PUT", f"{POS}/{DANA}", body)) == (400, "BadRequest")
    assert "transactionId" in till.sandbox.violations[0]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"channel": "restaurant"}, "channel"),
        ({"created": "2025-03-01 12:30:05Z"}, "created"),
        ({"created": "2025-13-01T12:30:05Z"}, "created"),
        ({"created": "2025-03-01T12:30:05"}, "created"),
        ({"created": 1740832205}, "created"),
        ({"serviceMode": "Eatin"}, "serviceMode"),
        ({"loyaltyId": "dana"}, "loyaltyId"),
        ({"transactionDetails": []}, "transactionDetails"),
        ({"details": {"currency": "eur"}}, "transactionDetails.currency"),
        ({"details": {"order": {}}}, "transactionDetails.order"),
        ({"details": {"posVendor": {}}}, "transactionDetails.posVendor.storeId"),
        ({"details": {"payments": []}}, "transactionDetails.payments"),
        ({"details": {"payments": ["CASH"]}}, "transactionDetails.payments[0]"),
        ({"details": {"payments": [CASH | {"amount": 9.18}]}}, "payments[0].amount"),
        ({"details": {"payments": [CASH | {"amount": True}]}}, "payments[0].amount"),
    ],
)
def test_a_body_that_breaks_the_contract_is_refused_by_field(changes: Any, place: str) -> None:
    assert_refused(Switches(), lambda till: sale(till.scan(), **deepcopy(changes)), place)


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([COMBO | {"productType": "modifier"}], "order[0].productType"),
        ([COMBO | {"price": "8.50"}], "order[0].price"),
        ([COMBO | {"price": 8.505}], "order[0].price"),
        ([COMBO | {"price": 10**60}], "order[0].price"),
        ([COMBO | {"tax": "0"}], "order[0].tax"),
        ([COMBO | {"quantity": 0}], "order[0].quantity"),
        ([COMBO | {"name": " "}], "order[0].name"),
        ([COMBO, COMBO], "order[1].referenceId must be unique"),
        ([COMBO, BURGER | {"parentReferenceId": "7"}], "order[1].parentReferenceId"),
        ([COMBO, BURGER | {"parentReferenceId": None}], "order[1].parentReferenceId"),
        ([BURGER | {"parentReferenceId": 2}], "order[0].parentReferenceId"),
        ([line(1, "reward", "9104")], "order[0] must have an incentiveId"),
        ([line(1, "offer", "9301")], "order[0] must have an incentiveId"),
    ],
)
def test_a_line_that_breaks_the_contract_is_refused_by_field(lines: Any, place: str) -> None:
    assert_refused(Switches(), lambda till: sale(till.scan(), *lines), place)


def assert_refused(switches: Switches, make: Any, place: str) -> None:
    till = Till(switches=switches)
    body = make(till)
    before = till.state()
    status, answer = till.update(body)
    assert (status, answer["code"]) == (400, "BadRequest")
    assert place in answer["message"]
    assert till.state() == before
    assert place in till.sandbox.violations[0]


@pytest.mark.parametrize(
    ("switches", "allowed", "refused"),
    [
        (
            Switches(numeric_store_id=True),
            sale("", details={"posVendor": VENDOR | {"storeId": 20177}}),
            sale(""),
        ),
        (
            Switches(payments_equal_total=True),
            sale(""),
            sale("", details={"payments": [CASH | {"amount": 917}]}),
        ),
        (
            Switches(free_combo_children=True),
            sale("", COMBO, BURGER),
            sale("", COMBO, BURGER | {"price": 1}),
        ),
    ],
)
def test_strict_switches_refuse_what_is_allowed_otherwise(
    switches: Switches, allowed: dict[str, Any], refused: dict[str, Any]
) -> None:
    for known, body, status in (
        (switches, allowed, 200),
        (switches, refused, 400),
        (Switches(), refused, 200),
    ):
        till = Till(world=sample_world())
        transaction_id = till.scan()
        till = Till(switches=known, world=till.world)
        assert till.update(body | {"transactionId": transaction_id})[0] == status


def test_a_status_outside_the_two_is_not_claimable() -> None:
    till = Till()
    body = sale(till.scan(), status="VOID")
    assert codes(till.update(body)) == (400, "TRANSACTION_NOT_CLAIMABLE")
    assert len(till.sandbox.violations) == 1


@pytest.mark.parametrize(
    ("lines", "changes", "sentence"),
    [
        ([COMBO | {"productType": "Combo"}], {}, "lower case"),
        ([COMBO | {"tip": 1}], {}, "order[0].tip is not documented"),
        (
            [COMBO, BURGER, line(9, "item", "1", parentReferenceId="2")],
            {},
            "order[2] is nested deeper",
        ),
        ([COMBO], {"colour": "red"}, "colour is not documented"),
        ([COMBO], {"created": "2025-03-01T13:30:05.5+01:00"}, "UTC"),
        ([COMBO], {"details": {"payments": [CASH | {"type": "DINERS"}]}}, "CASH or VISA"),
        ([COMBO], {"details": {"appliedDiscounts": [{}]}}, "did not give"),
    ],
)
def test_a_slip_is_noted_and_still_answered(lines: Any, changes: Any, sentence: str) -> None:
    till = Till()
    assert till.update(sale(till.scan(), *lines, **deepcopy(changes)))[0] == 200
    assert len(till.sandbox.violations) == 1
    assert sentence in till.sandbox.violations[0]


def test_a_query_and_another_content_type_are_noted() -> None:
    till = Till()
    target = f"{POS}/{till.scan()}?retry=1"
    body = sale(target.partition("?")[0].removeprefix(f"{POS}/"))
    assert till.ask("PUT", target, body, content_type="text/plain")[0] == 200
    assert len(till.sandbox.violations) == 2


def test_an_eligible_discount_is_applied_as_it_was_given() -> None:
    till = Till()
    answer = till.identify("735501")[1]
    line_of_it = line(2, "offer", "9401", incentiveId="off-ten")
    used = {"appliedDiscounts": answer["eligibleDiscounts"]}
    body = sale(answer["transactionId"], COMBO, line_of_it, details=used, loyaltyId=SAM)
    assert till.update(body)[0] == 200
    assert till.sandbox.violations == ()


@pytest.mark.parametrize(
    ("old", "code"),
    [(False, "TRANSACTION_INSUFFICIENT_POINTS"), (True, "TransactionInsufficientPoints")],
)
def test_too_few_points_refuse_an_update(old: bool, code: str) -> None:
    till = Till(switches=Switches(old_codes=old))
    body = pending(till.scan("735501"), DRINK, loyaltyId=SAM)
    before = till.state()
    assert codes(till.update(body)) == (400, code)
    assert (till.state(), till.sandbox.violations) == (before, ())


def test_a_reward_in_a_store_with_loyalty_off_is_refused() -> None:
    till = Till()
    there = {"posVendor": VENDOR | {"storeId": "20178"}}
    body = sale(till.scan(), details=there)
    before = till.state()
    assert codes(till.update(body)) == (400, "REDEEM_REWARD_ERROR")
    assert codes(till.validate(body)) == (400, "invalid-store-id")
    assert till.state() == before
    assert till.update(sale(body["transactionId"], CHICKEN, details=there))[0] == 200


def test_validate_tries_and_changes_nothing_before_there_are_payments() -> None:
    till = Till()
    body = sale(till.scan(), details={"payments": []})
    before = till.state()
    assert till.validate(body) == (200, {})
    assert till.validate(pending(body["transactionId"], CHICKEN)) == (200, {})
    assert (till.state(), till.sandbox.violations) == (before, ())


def test_validate_says_each_rule_that_is_broken() -> None:
    till = Till(switches=Switches(rules_error_http=422))
    drinks, ice = DRINK | {"quantity": 2}, line(5, "offer", "9202", 2.99, incentiveId="off-summer")
    body = pending(till.scan("735501"), drinks, ice | {"quantity": 2}, loyaltyId=SAM)
    status, answer = till.validate(body)
    assert (status, answer["code"], answer["details"]["isEngineError"]) == (422, "RulesError", True)
    assert answer["details"]["ruleEvaluation"] == [
        {
            "code": "insufficient-point-balance",
            "ruleId": "point-balance",
            "message": "point-balance is not met",
            "currentValue": 100,
            "targetValue": 500,
            "incentiveId": "inc-drink",
        },
        {
            "code": "exceeds-limit-per-order",
            "ruleId": "limit-per-order",
            "message": "limit-per-order is not met",
            "currentValue": 2,
            "targetValue": [1],
            "incentiveId": "off-summer",
        },
    ]


@pytest.mark.parametrize(
    ("rule", "values", "code"),
    [
        ("weekday", ("Saturday",), None),
        ("weekday", ("Friday", "Sunday"), "invalid-day-of-the-week"),
        ("day", ("2025-02-28",), "invalid-end-date"),
        ("service_mode", ("TAKEOUT",), "invalid-service-mode"),
        ("store_id", ("20178",), "invalid-store-id"),
        ("count", (2,), "exceeds-limit-per-order"),
    ],
)
def test_rules_look_at_the_order_and_at_local_time(rule: str, values: Any, code: Any) -> None:
    till = Till()
    till.world.incentives = tuple(
        replace(one, allowed={rule: values}) for one in till.world.incentives
    )
    body = pending(till.scan("481923"), CHICKEN)
    expected = (200, None) if code is None else (400, code)
    assert codes(till.validate(body, x_user_datetime="2025-03-01T00:10:00+01:00")) == expected


def test_the_same_reward_on_two_lines_counts_twice() -> None:
    till = Till()
    body = pending(till.scan(), DRINK, DRINK | {"referenceId": "9"})
    assert till.update(body)[1]["pointsRedeemed"] == 500


def test_an_unclaimed_sale_is_nobodys_and_is_taken_twice_when_sent_twice() -> None:
    till = Till()
    first, second = (till.ask("POST", POS, unclaimed()) for _ in range(2))
    assert (first[0], second[0]) == (200, 200)
    assert first[1]["transactionId"] != second[1]["transactionId"]
    assert sorted(first[1]["presentation"]) == [
        "footer",
        "header",
        "identifier",
        "marketing",
        "qrCode",
    ]
    assert [(row.kind, row.member) for row in till.sandbox.ledger] == [("submit", None)] * 2
    assert till.sandbox.violations == ()


def test_an_unclaimed_sale_that_is_not_claimed_or_names_a_guest_is_noted() -> None:
    till = Till(switches=Switches(presentation=False))
    status, answer = till.ask("POST", POS, unclaimed(status="PENDING") | {"loyaltyId": DANA})
    assert (status, list(answer)) == (200, ["transactionId"])
    assert len(till.sandbox.violations) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (200, None)),
        ({"loyaltyId": DANA}, (200, None)),
        ({"loyaltyId": NOBODY}, (404, "UserNotFoundError")),
        ({"promoCode": "WINTER"}, (404, "OfferNotFoundError")),
        ({"promoCode": ""}, (400, "BadRequest")),
    ],
)
def test_a_promo_code_names_an_offer(changes: dict[str, Any], expected: Any) -> None:
    till = Till()
    vendor = {name: VENDOR[name] for name in VENDOR if name != "transactionId"}
    body = {"promoCode": "SUMMER", "posVendor": vendor} | changes
    answer = till.ask("POST", "/loyalty/promo-code/redeem", body)
    assert codes(answer) == expected
    assert expected[0] != 200 or answer[1] == {"sanityId": "off-summer"}
