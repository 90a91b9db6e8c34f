"""How a call is made Spoonity's."""

from datetime import UTC, datetime

import pytest

from adapters.spoonity.settings import SpoonityCredentials
from adapters.spoonity.signing import sign
from gateway.core.adapter import Outgoing

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def outgoing(target: str) -> Outgoing:
    return Outgoing(method="GET", target=target, headers={"x": "1"}, body=b"{}")


def credentials(key: str, **more: str) -> SpoonityCredentials:
    return SpoonityCredentials.model_validate({"api_key": key, **more})


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/order", "/order?api_key=0a1b"),
        ("/onscreen?pos_session_hash=a%2Fb", "/onscreen?pos_session_hash=a%2Fb&api_key=0a1b"),
    ],
)
def test_the_key_goes_last_into_the_query_and_nothing_else_moves(
    target: str, expected: str
) -> None:
    signed = sign(outgoing(target), credentials("0a1b"), NOW)

    assert signed.target == expected
    assert signed.headers == {"x": "1", "Accept": "application/json"}
    assert (signed.method, signed.body) == ("GET", b"{}")


def test_a_key_is_escaped_and_its_parameter_may_be_renamed() -> None:
    signed = sign(outgoing("/order"), credentials("a&b=/ é", api_key_parameter="key"), NOW)

    assert signed.target == "/order?key=a%26b%3D%2F%20%C3%A9"


def test_the_key_does_not_show_where_credentials_are_printed() -> None:
    assert "0a1b" not in repr(credentials("0a1b"))
