from datetime import UTC, datetime

from adapters.rbi.settings import RbiCredentials
from adapters.rbi.signing import sign
from gateway.core.adapter import Outgoing

NOW = datetime(2026, 11, 20, 12, 31, 9, tzinfo=UTC)
KEY = RbiCredentials.model_validate({"api_key": "key-of-the-brand"})
OUTGOING = Outgoing(
    method="PUT",
    target="/loyalty/transaction/pos/6b1d",
    headers={"x-region": "DE", "x-user-datetime": "2026-11-20T13:31:09"},
    body=b'{"status":"CLAIMED"}',
)


def test_the_key_joins_the_public_headers_and_nothing_else_changes() -> None:
    signed = sign(OUTGOING, KEY, NOW)
    assert signed.headers == {
        "x-region": "DE",
        "x-user-datetime": "2026-11-20T13:31:09",
        "x-api-key": "key-of-the-brand",
    }
    assert (signed.method, signed.target, signed.body) == (
        OUTGOING.method,
        OUTGOING.target,
        OUTGOING.body,
    )


def test_the_key_does_not_show_in_the_credentials() -> None:
    assert "key-of-the-brand" not in repr(KEY)
