"""Spendgo's refusals, sorted into our reasons."""

import pytest

from adapters.spendgo import refusals
from gateway.core.flow import Reply


@pytest.mark.parametrize(
    ("status", "body", "understood"),
    [
        (400, b'{"id":"E","code":400,"status":"checkout","message":"m","details":"d"}', True),
        (400, b'{"Code":"2000","Details":"d"}', True),
        (500, b'{"code":400,"details":"Reward could not be applied"}', True),
        (500, b'{"code":2000,"details":"Internal error"}', False),
        (503, b'{"code":503,"details":"Try later"}', False),
        (404, b"<html>Not here</html>", False),
        (403, b'{"message":"Forbidden"}', False),
        (400, b"Bad Request", False),
        (400, b"[]", False),
    ],
)
def test_only_spendgos_own_refusal_is_understood(
    status: int, body: bytes, understood: bool
) -> None:
    assert refusals.understands(Reply(status=status, body=body)) is understood
