"""RBI's refusals, sorted into our reasons."""

import json
from typing import Any

import pytest

from adapters.rbi.refusals import reason_of, refused, understands
from adapters.rbi.shapes import Refusal
from gateway.core.errors import VendorNonsense
from gateway.core.flow import Reply

SECRET = "****1f3c"


def reply(status: int, said: Any) -> Reply:
    return Reply(status=status, body=json.dumps(said).encode())


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("IdentificationFailed", "member_not_found"),
        ("HashSetNotFoundError", "member_not_found"),
        ("UserNotFoundError", "member_not_found"),
        ("InvalidIdentifier", "member_not_found"),
        ("IdentifierTypeDisabled", "unsupported_by_vendor"),
        ("OrderSelectionStatusUnclaimable", "code_used"),
        ("RewardNotFoundError", "reward_unavailable"),
        ("OfferNotFoundError", "reward_unavailable"),
        ("REDEEM_REWARD_ERROR", "reward_unavailable"),
        ("RedeemRewardError", "reward_unavailable"),
        ("TRANSACTION_INSUFFICIENT_POINTS", "insufficient_points"),
        ("TransactionInsufficientPoints", "insufficient_points"),
        ("TRANSACTION_NOT_CLAIMABLE", "vendor_declined"),
        ("TransactionNotClaimable", "vendor_declined"),
        ("TransactionNotFoundError", "order_not_known"),
        ("StoreNotFound", "vendor_declined"),
        ("RulesError", "reward_unavailable"),
        ("SomethingNewError", "vendor_declined"),
    ],
)
def test_both_spellings_of_a_code_have_one_reason(code: str, reason: str) -> None:
    assert reason_of(Refusal.model_validate({"code": code}))[0] == reason


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("exceeds-limit-per-order", "reward_limit"),
        ("exceeds-max-redemption", "reward_limit"),
        ("insufficient-point-balance", "insufficient_points"),
        ("invalid-day-of-the-week", "reward_unavailable"),
        ("invalid-end-date", "reward_unavailable"),
        ("invalid-start-date", "reward_unavailable"),
        ("invalid-enrollment-start-date", "reward_unavailable"),
        ("invalid-service-mode", "reward_unavailable"),
        ("invalid-store-id", "reward_unavailable"),
        ("cooldown", "reward_unavailable"),
        (None, "reward_unavailable"),
    ],
)
def test_every_rule_has_a_reason_and_a_sentence_of_ours(code: str | None, reason: str) -> None:
    broken = {"code": code, "message": "engine talk", "currentValue": True, "targetValue": [1]}
    said = Refusal.model_validate({"code": "RulesError", "details": {"ruleEvaluation": [broken]}})
    found, sentence = reason_of(said)
    assert found == reason
    assert (code or "no code") in sentence
    assert "engine talk" not in sentence


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (400, {"code": "AnythingError"}, True),
        (400, {"statusCode": 400, "message": ["storeId must be a string"]}, True),
        (400, {"statusCode": "400"}, True),
        (400, {"statusCode": 500}, False),
        (403, {"message": "Forbidden"}, False),
        (404, {"code": 404}, False),
        (404, "not found", False),
        (405, {"statusCode": 405, "message": "Method Not Allowed"}, True),
        (500, {"code": "RulesError"}, True),
        (500, {"code": "TRANSACTION_NOT_CLAIMABLE"}, True),
        (500, {"code": "InternalServerError"}, False),
        (502, {"statusCode": 502, "message": "Bad gateway"}, False),
    ],
)
def test_only_rbis_own_words_are_understood(status: int, said: Any, expected: bool) -> None:
    assert understands(reply(status, said)) is expected


def test_a_page_is_not_rbis_word() -> None:
    assert not understands(Reply(status=404, body=b"<html>not found</html>"))


@pytest.mark.parametrize("status", [404, 405])
def test_an_unknown_path_is_a_misconfiguration_and_no_decline(status: int) -> None:
    with pytest.raises(VendorNonsense, match="check base_url and validate_method"):
        refused(reply(status, {"statusCode": status, "message": "Cannot POST"}))


@pytest.mark.parametrize("said", [{}, {"code": "OK"}, {"statusCode": 200}])
def test_a_2xx_is_a_yes_unless_it_names_a_known_refusal(said: Any) -> None:
    assert refused(reply(200, said)) is None
    assert refused(reply(200, {"code": "RulesError"})) is not None


def test_the_dump_of_an_internal_client_goes_nowhere() -> None:
    dump = {"errorConfig": {"headers": {"x-api-key": SECRET}}, "ruleEvaluation": None}
    said = refused(reply(400, {"code": "SomethingNewError", "message": 7, "details": dump}))
    assert said is not None
    assert SECRET not in repr(said)
    assert reason_of(said) == ("vendor_declined", "RBI refuses: SomethingNewError")


@pytest.mark.parametrize("details", ["text", None, [1]])
def test_details_of_another_shape_are_no_details(details: Any) -> None:
    said = refused(reply(422, {"code": "InvalidIdentifier", "details": details}))
    assert said is not None
    assert reason_of(said)[0] == "member_not_found"


def test_a_refusal_nobody_can_read_is_nonsense() -> None:
    with pytest.raises(VendorNonsense):
        refused(Reply(status=400, body=b"<html>"))
