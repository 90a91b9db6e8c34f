"""How a call is made SpotOn's."""

from datetime import UTC, datetime

import pytest

from adapters.spoton.settings import SpotonCredentials
from adapters.spoton.signing import sign, sign_token, uses_tokens
from gateway.core.adapter import Outgoing

NOW = datetime(2026, 11, 20, 17, 31, 8, tzinfo=UTC)
CLIENT = SpotonCredentials.model_validate({"client_id": "Aladdin", "client_secret": "open sesame"})
KEY = SpotonCredentials.model_validate({"api_key": "k-1", "api_key_header": "X-Partner-Key"})


def outgoing(token: str = "") -> Outgoing:
    return Outgoing(
        method="POST",
        target="/order/v1/locations/BL-1/orders/submit",
        headers={"Content-Type": "application/json"},
        body=b"{}",
        token=token,
    )


def test_a_call_carries_the_token_and_is_else_untouched() -> None:
    assert sign(outgoing("tok-1"), CLIENT, NOW) == Outgoing(
        method="POST",
        target="/order/v1/locations/BL-1/orders/submit",
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Authorization": "Bearer tok-1",
        },
        body=b"{}",
        token="tok-1",
    )


def test_a_call_with_an_api_key_carries_it_in_its_header_and_no_token() -> None:
    headers = sign(outgoing(), KEY, NOW).headers
    assert headers["X-Partner-Key"] == "k-1"
    assert "Authorization" not in headers


def test_the_token_is_asked_for_with_basic() -> None:
    said = sign_token(outgoing(), CLIENT, NOW).headers
    assert said["Authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert said["Accept"] == "application/json"


@pytest.mark.parametrize(("credentials", "needed"), [(CLIENT, True), (KEY, False)])
def test_only_a_client_needs_tokens(*, credentials: SpotonCredentials, needed: bool) -> None:
    assert uses_tokens(credentials) is needed
