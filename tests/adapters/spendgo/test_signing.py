"""Calls are signed on the exact bytes, as the vendor's documents say."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from adapters.spendgo.settings import SpendgoCredentials
from adapters.spendgo.signing import sign
from gateway.core.adapter import Outgoing

SECRET = "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8="
NOW = datetime(2026, 11, 20, 17, 4, 11, tzinfo=UTC)
REWARDS = "/loyalty/accounts/700001/rewards?store=0042"

ACCOUNT_BODY = '{"customer":{"phone":"4155550123"}}'
ORDER_BODY = (
    '{"status":"checkout","source":"instore","vendor":"0042","brand":"90001","subtotal":4.5,'
    '"total":4.86,"tax":0.36,"basket":{"posEntries":[{"posItem":{"label":"Café","cost":4.5},'
    '"quantity":1}]}}'
)


def credentials(**changes: object) -> SpendgoCredentials:
    facts = {"api_key": "key-0042", "secret": SECRET, **changes}
    return SpendgoCredentials.model_validate(facts)


def signed(target: str, body: str = "", **changes: object) -> Outgoing:
    headers = {"content-type": "application/JSON", "Accept": "application/json"}
    outgoing = Outgoing(method="POST", target=target, headers=headers, body=body.encode())
    return sign(outgoing, credentials(**changes), NOW)


@pytest.mark.parametrize(
    ("target", "body", "query", "expected"),
    [
        ("/loyalty/accounts", ACCOUNT_BODY, True, "ZN4LNLXdbNXJzAeQjNuQZJdqvVku8MprH9m/EIteiSQ="),
        (
            "/loyalty/accounts/700001/balance",
            "",
            True,
            "fDxBOAkAsmS70e/0M8FRgLNLzP0GozTvYwoAkbyzHbI=",
        ),
        (REWARDS, "", True, "jEfKa4nBrYs0Z05eEe1RZXBXtj/+UefkjZaicKdC4fk="),
        (REWARDS, "", False, "SvedInxWGPX+Oi1nm7AT9W3gO0r/Wz/BqykUUTj2LYQ="),
        (
            "/loyalty/accounts/guest/orders",
            ORDER_BODY,
            True,
            "r0/owIQmqLEaBi/lBIvGRSzwK+M7ATalX0tcqo4PFgM=",
        ),
    ],
)
def test_a_call_is_signed_as_the_test_vectors_say(
    target: str, body: str, query: bool, expected: str
) -> None:
    assert signed(target, body, sign_includes_query=query).headers["X-Class-Signature"] == expected


def test_what_is_signed_is_what_is_sent() -> None:
    outgoing = signed("/loyalty/accounts/guest/orders", ORDER_BODY)
    assert outgoing.body == ORDER_BODY.encode()
    assert outgoing.target == "/loyalty/accounts/guest/orders"


def test_key_and_one_content_type_go_with_every_call() -> None:
    headers = dict(signed(REWARDS).headers)
    del headers["X-Class-Signature"]
    assert headers == {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-Class-Key": "key-0042",
    }


def test_header_names_and_content_type_are_configurable() -> None:
    headers = signed(
        REWARDS, header_key="X-Key", header_signature="X-Sign", content_type="application/JSON"
    ).headers
    assert headers["X-Key"] == "key-0042"
    assert headers["Content-Type"] == "application/JSON"
    assert headers["X-Sign"] == "jEfKa4nBrYs0Z05eEe1RZXBXtj/+UefkjZaicKdC4fk="


def test_time_plays_no_part_in_a_signature() -> None:
    outgoing = Outgoing(method="GET", target=REWARDS, headers={}, body=b"")
    later = datetime(2031, 1, 1, tzinfo=UTC)
    assert sign(outgoing, credentials(), NOW) == sign(outgoing, credentials(), later)


def test_another_algorithm_and_spelling_make_another_signature() -> None:
    found = signed(REWARDS, sign_algorithm="hmac-sha512", signature_encoding="hex")
    signature = found.headers["X-Class-Signature"]
    assert len(bytes.fromhex(signature)) == 64


@pytest.mark.parametrize(
    ("secret", "decoding", "key"),
    [
        (SECRET, "base64", bytes(range(0x80, 0xA0))),
        ("gI~GC!g4SF\nhoeI", "lenient_base64", bytes(range(0x80, 0x89))),
        ("gIE", "lenient_base64", b"\x80\x81"),
        ("any words, as they are", "text", b"any words, as they are"),
    ],
)
def test_a_secret_becomes_raw_bytes(secret: str, decoding: str, key: bytes) -> None:
    assert credentials(secret=secret, secret_decoding=decoding).key() == key


@pytest.mark.parametrize(
    ("secret", "decoding"), [("gI~GC", "base64"), ("gIE", "base64"), ("gIGCg", "lenient_base64")]
)
def test_a_secret_that_cannot_be_read_is_refused_without_being_shown(
    secret: str, decoding: str
) -> None:
    with pytest.raises(ValidationError, match="secret is not") as caught:
        credentials(secret=secret, secret_decoding=decoding)
    assert secret not in str(caught.value)


def test_credentials_show_no_secret() -> None:
    shown = repr(credentials())
    assert SECRET not in shown
    assert "key-0042" not in shown
