"""Spoonity's refusals, sorted into our reasons."""

import json

import pytest

from adapters.spoonity import refusals
from adapters.spoonity.refusals import CREDIT, DEBIT, POINTS, SALE, VOID
from gateway.core.flow import Reply
from gateway.core.outcome import Reason

COMPLAINT = {"reason": "exception", "message": "No."}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": {"code": 0, "errors": [COMPLAINT]}, "object": "error"}, True),
        (403, {"error": {"errors": [COMPLAINT]}}, True),
        (404, {"error": {"errors": []}, "object": "error"}, True),
        (404, {"error": {"errors": []}}, False),
        (404, {"error": "No route found"}, False),
        (403, {"internal_code": None, "message": "Unauthorized"}, False),
        (404, "No route found", False),
        (500, {"error": {"errors": [COMPLAINT]}, "object": "error"}, False),
    ],
)
def test_only_spoonitys_own_refusal_is_understood(
    status: int, body: object, expected: bool
) -> None:
    assert refusals.understands(Reply(status=status, body=json.dumps(body).encode())) is expected


@pytest.mark.parametrize("body", [b"<html>", b""])
def test_a_page_in_place_of_a_refusal_is_somebody_elses(body: bytes) -> None:
    assert not refusals.understands(Reply(status=404, body=body))


@pytest.mark.parametrize(
    ("among", "sentence", "reason"),
    [
        (DEBIT, "The customer's Quick Pay balance is less than this amount.", "insufficient_value"),
        (DEBIT, "Insufficient funds", "insufficient_value"),
        (DEBIT, "This card has only CAD 5.00", "insufficient_value"),
        (DEBIT, "Amount exceeds what is on the card", "insufficient_value"),
        (DEBIT, "The amount is more than the customer owns", "insufficient_value"),
        (DEBIT, "No such card: card not found", "member_not_found"),
        (DEBIT, "Amount is invalid", "vendor_declined"),
        (DEBIT, "The card has been blocked", "vendor_declined"),
        (CREDIT, "The balance would exceed the limit", "vendor_declined"),
        (POINTS, "This takes 1000 points; the customer has 250.", "insufficient_points"),
        (POINTS, "Not enough points", "insufficient_points"),
        (POINTS, "The member is 20 points short", "insufficient_points"),
        (POINTS, "The amount is negative; a payment takes a positive one.", "vendor_declined"),
        (SALE, "The rewards cost 500 points; the customer has 250.", "insufficient_points"),
        (SALE, "Balance too low", "insufficient_points"),
        (SALE, "This reward needs 100 points", "insufficient_points"),
        (SALE, "The id of discounts[0] names no reward of this brand.", "reward_unavailable"),
        (SALE, "The order is less than this reward's minimum", "reward_unavailable"),
        (SALE, "The customer is unknown.", "member_not_found"),
        (VOID, "This order is already voided.", "already_voided"),
        (VOID, "The customer has a newer order here; void the newest first.", "void_not_newest"),
        (VOID, "Not enough rights", "vendor_declined"),
    ],
)
def test_a_sentence_is_sorted_by_its_words_and_by_what_was_asked(
    among: frozenset[Reason], sentence: str, reason: Reason
) -> None:
    body = {"success": False, "error": {"errors": [{"message": sentence}]}}
    outcome = refusals.refusal(Reply(status=200, body=json.dumps(body).encode()), among)

    assert (outcome.reason, outcome.detail) == (reason, sentence)
