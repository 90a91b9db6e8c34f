"""SpotOn's refusals, sorted into our reasons."""

import pytest

from adapters.spoton import refusals
from gateway.core.flow import Reply


@pytest.mark.parametrize(
    ("status", "body", "understood"),
    [
        (400, b'{"code":"INVALID_ARGUMENT"}', True),
        (404, b'{"message":"no route"}', True),
        (409, b'{"error":{"code":"X"}}', True),
        (422, b'{"error":"x","error_description":"y"}', True),
        (400, b'{"details":["x"]}', False),
        (400, b"[]", False),
        (400, b"", False),
        (404, b"<html>not found</html>", False),
        (401, b'{"code":"UNAUTHENTICATED"}', False),
        (408, b'{"code":"TIMEOUT"}', False),
        (425, b'{"code":"TOO_EARLY"}', False),
        (429, b'{"code":"SLOW_DOWN"}', False),
        (500, b'{"code":"INTERNAL"}', False),
        (503, b'{"code":"UNAVAILABLE"}', False),
    ],
)
def test_only_a_4xx_in_their_own_shape_is_their_refusal(
    *, status: int, body: bytes, understood: bool
) -> None:
    assert refusals.understands(Reply(status=status, body=body)) is understood
