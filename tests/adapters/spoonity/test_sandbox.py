"""Spoonity's sandbox keeps the strict simulator contract, one behaviour a test."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.spoonity.sandbox import SpoonitySandbox
from adapters.spoonity.world import Switches, World, sample_world
from gateway.core.sandbox import Sandbox, SandboxRequest

NOW = datetime(2026, 11, 20, 17, 31, 7, tzinfo=UTC)
ANA, BRANDIN = "900001", "900002"
JSON = "application/json"
LOYALTY = "/order/payments/loyalty"
LINE: dict[str, Any] = {
    "id": "sku-9",
    "name": "Latte",
    "categories": [],
    "discounts": [],
    "price": 5.00,
    "quantity": 2,
    "modifiers": [],
}
ORDER: dict[str, Any] = {
    "card_number": "ana@example.test",
    "till": 1,
    "receipt_number": "T1-000123",
    "subtotal": 10.00,
    "taxes": [],
    "total": 10.80,
    "payment_method": "CASH",
    "date": 1700000000,
    "cashier": {"id": "c7", "name": "Sam"},
    "line_items": [LINE],
    "discounts": [],
}
GIFT_CARD: dict[str, Any] = {
    "card_number": "ana@example.test",
    "till": 1,
    "receipt_number": "T1-000123",
    "amount": -6.00,
    "date": 1700000000,
    "cashier": {"id": "c7", "name": "Sam"},
}
COFFEE = {"id": "free_coffee", "name": "Free coffee", "amount": 5.00}
FIVE_OFF = {"id": "five_off", "name": "Five off", "amount": 5.00}


@dataclass(kw_only=True)
class Till:
    """Talks to one sandbox and can see what it knows."""

    switches: Switches = field(default_factory=Switches)
    world: World = field(default_factory=sample_world)
    sandbox: SpoonitySandbox = field(init=False)

    def __post_init__(self) -> None:
        self.sandbox = SpoonitySandbox(self.switches, self.world)

    def raw(self, method: str, target: str, body: bytes = b"", media: str = JSON) -> Any:
        response = self.sandbox.handle(
            SandboxRequest(
                method=method, target=target, headers={"content-type": media}, body=body, now=NOW
            )
        )
        assert response.headers["content-type"] == JSON
        return response.status, json.loads(response.body)

    def ask(self, method: str, path: str, body: Any = None, key: str = "key-0042") -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        mark = "&" if "?" in path else "?"
        return self.raw(method, f"{path}{mark}api_key={key}", data)

    def order(self, key: str = "key-0042", **changes: Any) -> Any:
        return self.ask("POST", "/order", ORDER | changes, key)

    def reference(self, key: str = "key-0042", **changes: Any) -> str:
        reference = self.order(key, **changes)[1]["reference_number"]
        assert isinstance(reference, str)
        return reference

    def void(self, receipt: Any, key: str = "key-0042") -> Any:
        return self.ask("DELETE", "/order", {"receipt": receipt}, key)

    def check_in(self, card_number: str = "ana@example.test") -> str:
        answer = self.ask("POST", "/onscreen", {"card_number": card_number})[1]
        assert isinstance(answer["pos_session"]["hash"], str)
        return answer["pos_session"]["hash"]

    def state(self) -> Any:
        world = self.world
        return world.points.copy(), world.money.copy(), world.sessions.copy(), world.deeds.copy()


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


def reason(body: Any) -> str:
    message = body["error"]["errors"][0]["message"]
    assert isinstance(message, str)
    return message


def test_it_is_a_sandbox_and_begins_with_a_world_of_its_own() -> None:
    sandbox: Sandbox = SpoonitySandbox()
    assert (sandbox.violations, sandbox.ledger) == ((), ())


@pytest.mark.parametrize(
    ("method", "target", "status", "words"),
    [
        ("POST", "/order", 401, "no api_key"),
        ("POST", "/order?api_key=a&api_key=a", 400, "twice"),
        ("POST", "/orders?api_key=key-0042", 404, "No route found"),
        ("PUT", "/order?api_key=key-0042", 405, "Allow: POST, DELETE"),
        ("GET", "/onscreen?api_key=key-0042", 400, "pos_session_hash"),
    ],
)
def test_a_wrong_address_is_refused_and_noted(
    method: str, target: str, status: int, words: str
) -> None:
    till = Till()
    before = till.state()
    answered, body = till.raw(method, target)
    assert (answered, body["object"]) == (status, "error")
    assert words in reason(body)
    assert [words in sentence for sentence in till.sandbox.violations] == [True]
    assert till.state() == before


def test_an_unknown_key_is_refused_and_never_repeated() -> None:
    till = Till()
    status, body = till.ask("POST", "/order", ORDER, key="key-9999")
    assert (status, body["object"]) == (401, "error")
    assert "key-9999" not in json.dumps(body)
    assert not till.sandbox.violations


def test_percent_escapes_are_decoded_once() -> None:
    till = Till()
    assert till.raw("GET", "/vendor/perk/redemption%2Flist?api_key=key%2D0042")[0] == 200
    assert till.raw("GET", "/vendor/perk/redemption/list?api_key=key%252D0042")[0] == 401


@pytest.mark.parametrize(
    ("body", "media", "words"),
    [
        (b"", JSON, "not JSON"),
        (b"card_number=x", JSON, "not JSON"),
        (b'{"receipt":1,"receipt":2}', JSON, "twice"),
        (b'{"receipt":NaN}', JSON, "NaN"),
        (b"[]", JSON, "a list"),
        (b'{"receipt":"1"}', "text/plain", "Content-Type is 'text/plain'"),
        (b'{"receipt":"1"}', "", "Content-Type is ''"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes, media: str, words: str) -> None:
    till = Till()
    status, answer = till.raw("DELETE", "/order?api_key=key-0042", body, media)
    assert (status, answer["object"]) == (400, "error")
    assert words in reason(answer)
    assert words in till.sandbox.violations[0]


def test_a_content_type_may_name_its_charset() -> None:
    body = json.dumps({"card_number": "5550100"}).encode()
    assert (
        Till().raw("POST", "/onscreen?api_key=key-0042", body, f"{JSON}; charset=utf-8")[0] == 201
    )


@pytest.mark.parametrize("identifier", ["7000100042", "ana@example.test", "5550100"])
def test_a_member_is_reachable_by_each_identifier(identifier: str) -> None:
    till = Till()
    status, body = till.ask("GET", f"/onscreen?pos_session_hash={till.check_in(identifier)}")
    assert (status, body["user"]["id"]) == (200, ANA)
    assert body["quick_pay_balance"]["amount"] == 6.36
    assert body["quick_pay_balance"]["currency"]["code"] == "CAD"
    assert [(b["amount"], b["currency"]["id"]) for b in body["loyalty_balance"]["data"]] == [
        (9886, 961)
    ]


def test_a_check_in_answers_201_or_200_by_switch_with_a_new_hash_of_32_hex() -> None:
    till = Till()
    status, body = till.ask("POST", "/onscreen", {"card_number": "ana@example.test"})
    session = body["pos_session"]
    assert (status, session["date_created"]) == (201, int(NOW.timestamp()))
    assert (len(session["hash"]), int(session["hash"], 16)) == (32, 1)
    assert till.check_in() != session["hash"]
    calm = Till(switches=Switches(check_in_status=200))
    assert calm.ask("POST", "/onscreen", {"card_number": "ana@example.test"})[0] == 200


def test_an_unknown_customer_cannot_check_in_and_that_is_no_breach() -> None:
    till = Till()
    status, body = till.ask("POST", "/onscreen", {"card_number": "nobody@example.test"})
    assert (status, body["object"]) == (404, "error")
    assert not till.sandbox.violations
    assert not till.world.sessions


def test_a_session_ends_once_and_belongs_to_its_location() -> None:
    till = Till()
    session = {"pos_session_hash": till.check_in()}
    path = f"/onscreen?pos_session_hash={session['pos_session_hash']}"
    assert till.ask("GET", path, key="key-0043")[0] == 404
    assert till.ask("DELETE", "/onscreen", session, "key-0043")[0] == 404
    status, body = till.ask("DELETE", "/onscreen", session)
    assert (status, body["pos_session"]["status"]["name"]) == (200, "Closed")
    assert till.ask("DELETE", "/onscreen", session)[0] == 404
    assert till.ask("GET", path)[0] == 404
    assert not till.sandbox.violations


@pytest.mark.parametrize(
    ("member", "identifiers"),
    [
        ("ana@example.test", ["discount_free_coffee", "five_off"]),
        ("brandin@spoonity.com", ["discount_free_coffee"]),
    ],
)
def test_a_session_offers_only_what_its_member_can_pay_for(
    member: str, identifiers: list[str]
) -> None:
    till = Till()
    body = till.ask("GET", f"/onscreen?pos_session_hash={till.check_in(member)}")[1]
    rules = body["rules"]["spending"]["data"]
    assert [rule["catalog"]["identifier"] for rule in rules] == identifiers
    assert all(rule["available"] > 0 for rule in rules)


def test_the_brand_lists_every_reward_in_a_collection() -> None:
    status, body = Till().ask("GET", "/vendor/perk/redemption/list")
    assert (status, body["object"], body["count"]) == (200, "collection", 2)
    assert [(r["vendor_perk_redemption_id"], r["cost"]) for r in body["data"]] == [
        (7001, 100),
        (7002, 500),
    ]


def test_an_order_earns_ten_points_a_dollar_of_subtotal_rounded_down() -> None:
    till = Till()
    status, body = till.order(subtotal=10.59)
    assert (status, body["success"], body["reference_number"]) == (200, "true", "17000001")
    assert body["error"]["errors"] == []
    receipt = body["receipt_data"]
    assert receipt["lines"] == ["+105 pts"]
    assert [(p["currency"]["id"], p["amount"]) for p in receipt["points"]] == [(961, 105)]
    assert receipt["user"]["id"] == ANA
    assert [(b["id"], b["balance"]) for b in receipt["user"]["balances"]] == [
        (191, 6.36),
        (961, 9991),
    ]
    assert not till.sandbox.violations


def test_the_same_receipt_twice_is_two_orders_with_rising_references() -> None:
    till = Till()
    assert int(till.reference()) < int(till.reference())
    assert till.world.points[ANA] == 9886 + 200


def test_a_repeated_receipt_is_refused_by_switch_at_the_same_location_only() -> None:
    till = Till(switches=Switches(refuse_repeated_receipt=True))
    till.void(till.reference())
    before = till.state()
    status, body = till.order()
    assert (status, body["success"], body["reference_number"]) == (200, "false", None)
    assert till.state() == before
    assert till.order(key="key-0043")[1]["success"] == "true"
    assert till.order(receipt_number="T1-000124")[1]["success"] == "true"


@pytest.mark.parametrize(("as_text", "yes", "no"), [(True, "true", "false"), (False, True, False)])
def test_success_of_an_order_is_a_text_or_a_literal_by_switch(
    as_text: bool, yes: object, no: object
) -> None:
    till = Till(switches=Switches(success_as_text=as_text))
    assert till.order()[1]["success"] == yes
    assert till.order(card_number="nobody@example.test")[1]["success"] == no


def test_receipt_data_can_be_left_out_by_switch() -> None:
    till = Till(switches=Switches(receipt_data_missing=True))
    for _, body in (till.order(), till.ask("POST", "/order", GIFT_CARD)):
        assert body["reference_number"]
        assert "receipt_data" not in body


def test_every_number_can_be_quoted_by_switch() -> None:
    till = Till(switches=Switches(numbers_quoted=True))
    body = till.ask("GET", f"/onscreen?pos_session_hash={till.check_in()}")[1]
    assert body["quick_pay_balance"]["amount"] == "6.36"
    assert body["loyalty_balance"]["data"][0]["amount"] == "9886"


@pytest.mark.parametrize("prefix", ["", "discount_"])
def test_rewards_are_found_with_and_without_their_prefix(prefix: str) -> None:
    till = Till()
    line = LINE | {"discounts": [{"id": f"{prefix}free_coffee"}]}
    body = till.order(line_items=[line], discounts=[{"id": f"{prefix}five_off"}])[1]
    assert body["success"] == "true"
    assert [p["amount"] for p in body["receipt_data"]["points"]] == [100, -100, -500]
    assert till.world.points[ANA] == 9886 + 100 - 600


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"card_number": "nobody@example.test"}, "unknown"),
        ({"discounts": [{"id": "ten_off"}]}, "names no reward"),
        ({"discounts": [COFFEE]}, "belongs in line_items[].discounts"),
        ({"line_items": [LINE | {"discounts": [FIVE_OFF]}]}, "belongs in discounts"),
        ({"card_number": "brandin@spoonity.com", "discounts": [FIVE_OFF]}, "has 250"),
        (
            {"card_number": "5550101", "line_items": [LINE | {"discounts": [COFFEE] * 3}]},
            "cost 300 points",
        ),
    ],
)
def test_a_declined_order_answers_200_and_changes_nothing(
    changes: dict[str, Any], words: str
) -> None:
    till = Till()
    before = till.state()
    status, body = till.order(**changes)
    assert (status, body["success"], body["reference_number"]) == (200, "false", None)
    assert words in reason(body)
    assert till.state() == before
    assert not till.sandbox.violations


def test_a_member_below_zero_may_still_earn() -> None:
    till = Till()
    till.world.points[ANA] = -50
    assert till.order()[1]["success"] == "true"


def test_a_discount_without_an_id_is_the_tills_own() -> None:
    till = Till()
    assert till.order(discounts=[{"amount": 1}, {"id": None}])[1]["success"] == "true"
    assert till.world.points[ANA] == 9886 + 100


@pytest.mark.parametrize("spelling", ["discounts", "discount", None])
def test_either_spelling_of_order_discounts_is_taken_and_recorded(spelling: str | None) -> None:
    till = Till()
    spelled = {} if spelling is None else {spelling: [FIVE_OFF]}
    body = without(ORDER, "discounts") | spelled
    assert till.ask("POST", "/order", body)[1]["success"] == "true"
    assert till.world.deeds[0].discounts_field == spelling
    assert not till.sandbox.violations


@pytest.mark.parametrize("date", [1422901482, "1422901482"])
def test_a_date_may_be_quoted(date: object) -> None:
    till = Till()
    assert till.order(date=date)[0] == 200
    assert not till.sandbox.violations


@pytest.mark.parametrize(
    "name", sorted(ORDER.keys() - {"discounts", "subtotal"}) + [f"line {name}" for name in LINE]
)
def test_an_order_that_lacks_a_field_is_refused(name: str) -> None:
    till = Till()
    _, _, of_line = name.partition("line ")
    body = ORDER | {"line_items": [without(LINE, of_line)]} if of_line else without(ORDER, name)
    assert till.ask("POST", "/order", body)[0] == 400
    assert f"has no {of_line or name};" in till.sandbox.violations[0]
    assert not till.world.deeds


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"till": "1"}, "till of the order is a text; it must be a whole JSON number"),
        ({"till": True}, "till of the order is true or false"),
        ({"subtotal": "10.00"}, "subtotal of the order is a text"),
        ({"subtotal": 10.005}, "subtotal of the order is the number 10.005"),
        ({"total": -1}, "between 0 and"),
        ({"total": 1e300}, "between 0 and"),
        ({"card_number": 7000100042}, "card_number of the order is a whole number"),
        ({"card_number": " 5550100"}, "blanks"),
        ({"receipt_number": ""}, "receipt_number of the order"),
        ({"payment_method": None}, "payment_method of the order is null"),
        ({"date": "yesterday"}, "Unix seconds"),
        ({"taxes": {}}, "taxes of the order is an object; it must be a list"),
        ({"cashier": "Sam"}, "cashier of the order is a text"),
        ({"cashier": {"id": 7, "name": "Sam"}}, "id of cashier"),
        ({"line_items": [[]]}, "line_items[0] is a list"),
        ({"line_items": [LINE, LINE | {"price": "5"}]}, "price of line_items[1]"),
        ({"line_items": [LINE | {"quantity": None}]}, "quantity of line_items[0]"),
        ({"discounts": ["five_off"]}, "discounts[0] is a text"),
        ({"discounts": [{"id": 7002}]}, "id of discounts[0] is a whole number"),
        ({"discount": []}, "both discounts and discount"),
        ({"amount": 1}, "both of amount"),
    ],
)
def test_an_order_of_the_wrong_shape_is_refused_and_noted(
    changes: dict[str, Any], words: str
) -> None:
    till = Till()
    before = till.state()
    status, body = till.order(**changes)
    assert (status, body["object"]) == (400, "error")
    assert words in reason(body)
    assert "POST /order: " in till.sandbox.violations[0]
    assert till.state() == before


def test_a_body_that_is_neither_order_nor_gift_card_is_refused() -> None:
    till = Till()
    assert till.ask("POST", "/order", without(ORDER, "subtotal"))[0] == 400
    assert "neither of amount" in till.sandbox.violations[0]


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "/order", ORDER | {"tip": 1}, "the order has a field 'tip'"),
        ("POST", "/order", ORDER | {"line_items": [LINE | {"sku": 1}]}, "has a field 'sku'"),
        ("POST", "/order", GIFT_CARD | {"line_items": []}, "has a field 'line_items'"),
        ("POST", "/order?receipt=1", ORDER, "query parameter 'receipt'"),
        ("POST", "/onscreen", {"card_number": "5550100", "pin": "1"}, "a field 'pin'"),
        ("POST", LOYALTY, {"card_number": "5550100", "amount": 1, "till": 1}, "a field 'till'"),
        ("GET", "/vendor/perk/redemption/list", {}, "a GET has none"),
    ],
)
def test_what_is_not_documented_is_noted_and_still_answered(
    method: str, path: str, body: Any, words: str
) -> None:
    till = Till()
    assert till.ask(method, path, body)[0] in {200, 201}
    assert [words in sentence for sentence in till.sandbox.violations] == [True]


def test_a_delete_may_repeat_its_body_in_the_query() -> None:
    till = Till()
    reference = till.reference()
    path = f"/order?receipt={reference}"
    assert till.ask("DELETE", path, {"receipt": reference})[1] == {"voided": True}
    assert not till.sandbox.violations


def test_a_gift_card_pays_with_a_negative_amount_and_loads_with_a_positive_one() -> None:
    till = Till()
    paid = till.ask("POST", "/order", GIFT_CARD)[1]
    bare = {name: GIFT_CARD[name] for name in ("card_number", "till", "date")}
    loaded = till.ask("POST", "/order", bare | {"amount": 6})[1]
    assert (paid["success"], loaded["success"]) == (True, True)
    assert int(paid["reference_number"]) < int(loaded["reference_number"])
    balances = [body["receipt_data"]["user"]["balances"] for body in (paid, loaded)]
    assert [[b["balance"] for b in held] for held in balances] == [[0.36], [6.36]]
    assert [(h.kind, h.receipt, h.amount) for h in till.sandbox.ledger] == [
        ("pay", "T1-000123", Decimal(6)),
        ("load", None, Decimal(6)),
    ]
    assert not till.sandbox.violations


@pytest.mark.parametrize(
    "changes", [{"amount": -6.37}, {"card_number": "nobody@example.test"}], ids=["funds", "member"]
)
def test_a_declined_gift_card_answers_200_and_changes_nothing(changes: dict[str, Any]) -> None:
    till = Till()
    before = till.state()
    status, body = till.ask("POST", "/order", GIFT_CARD | changes)
    assert (status, body["success"], len(body["error"]["errors"])) == (200, False, 1)
    assert till.state() == before
    assert not till.sandbox.violations


@pytest.mark.parametrize("amount", [0, "-6.00", -6.001])
def test_a_gift_card_amount_of_the_wrong_shape_is_refused(amount: object) -> None:
    till = Till()
    assert till.ask("POST", "/order", GIFT_CARD | {"amount": amount})[0] == 400
    assert "amount of the gift-card body" in till.sandbox.violations[0]


def test_loyalty_pay_takes_points_at_the_brands_rate_and_answers_negative_dollars() -> None:
    till = Till()
    body = till.ask("POST", LOYALTY, {"card_number": "5550100", "amount": 10})[1]
    assert (body["success"], body["amount"], body["transaction_id"]) == (True, -10, "20000001")
    assert till.world.points[ANA] == 8886
    assert [(h.kind, h.receipt, h.amount) for h in till.sandbox.ledger] == [
        ("pay", None, Decimal(10))
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {"card_number": "5550100", "amount": -1},
        {"card_number": "5550100", "amount": 98.87},
        {"card_number": "nobody@example.test", "amount": 1},
    ],
    ids=["negative", "points", "member"],
)
def test_a_declined_loyalty_pay_answers_200_and_changes_nothing(asked: dict[str, Any]) -> None:
    till = Till()
    before = till.state()
    status, body = till.ask("POST", LOYALTY, asked)
    assert (status, body["success"], len(body["error"]["errors"])) == (200, False, 1)
    assert till.state() == before
    assert not till.sandbox.violations


def test_a_negative_loyalty_pay_takes_points_by_switch() -> None:
    till = Till(switches=Switches(negative_loyalty_pay=True))
    body = till.ask("POST", LOYALTY, {"card_number": "5550100", "amount": -1.5})[1]
    assert (body["success"], body["amount"]) == (True, -1.5)
    assert till.world.points[ANA] == 9736


@pytest.mark.parametrize("as_number", [False, True])
def test_a_void_reverts_what_was_earned_and_spent(as_number: bool) -> None:
    till = Till()
    reference = till.reference(discounts=[FIVE_OFF])
    assert till.void(int(reference) if as_number else reference) == (200, {"voided": True})
    assert till.world.points[ANA] == 9886
    assert [(h.kind, h.receipt, h.reference, h.standing) for h in till.sandbox.ledger] == [
        ("submit", "T1-000123", reference, False),
        ("void", "T1-000123", reference, True),
    ]


def test_orders_are_voided_newest_first_and_only_once() -> None:
    till = Till()
    older, newer = till.reference(), till.reference(card_number="7000100042")
    before = till.state()
    assert till.void(older)[0] == 400
    assert till.state() == before
    assert till.void(newer)[0] == 200
    after = till.state()
    assert till.void(newer)[0] == 400
    assert till.state() == after
    assert till.void(older)[0] == 200
    assert not till.sandbox.violations


def test_the_stack_is_of_one_customer_at_one_location_without_gift_cards() -> None:
    till = Till()
    reference = till.reference()
    till.reference(card_number="brandin@spoonity.com")
    till.reference(key="key-0043")
    till.ask("POST", "/order", GIFT_CARD)
    till.ask("POST", LOYALTY, {"card_number": "5550100", "amount": 1})
    assert till.void(reference)[0] == 200


def test_a_void_of_what_is_no_order_of_this_location_is_not_found() -> None:
    till = Till()
    reference = till.reference()
    gift_card = till.ask("POST", "/order", GIFT_CARD)[1]["reference_number"]
    before = till.state()
    answers = [till.void(reference, key="key-0043"), till.void(gift_card), till.void("1")]
    assert [(status, body["object"]) for status, body in answers] == [(404, "error")] * 3
    assert till.state() == before
    assert not till.sandbox.violations


@pytest.mark.parametrize("receipt", ["T1-000123", None, 1.0])
def test_a_void_that_names_no_reference_number_is_refused_and_noted(receipt: object) -> None:
    till = Till()
    assert till.void(receipt)[0] == 400
    assert "receipt of the body" in till.sandbox.violations[0]


def test_the_ledger_knows_the_member_and_the_total_of_each_order() -> None:
    till = Till()
    till.order(card_number="brandin@spoonity.com")
    assert [(h.kind, h.member, h.amount, h.standing) for h in till.sandbox.ledger] == [
        ("submit", BRANDIN, Decimal("10.80"), True)
    ]
