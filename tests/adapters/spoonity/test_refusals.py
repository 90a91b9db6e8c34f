"""Spoonity's refusals, sorted into our reasons."""

import json

import pytest

from adapters.spoonity import refusals
from gateway.core.flow import Reply

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
