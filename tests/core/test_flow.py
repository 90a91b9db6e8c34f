"""Calls and replies: what is said is spelled once, and what is heard is read strictly."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.adapter import Outgoing
from gateway.core.errors import VendorNonsense
from gateway.core.flow import Reply, once, repeatable
from gateway.core.shape import LooseId, Shape

SELL = once("sell", "POST", "/sales", query=(("a b", "1&2"), ("é", "")), body={"total": 5})


class Answer(Shape):
    """Two fields, one within."""

    reference: LooseId
    inner: dict[str, LooseId] = {}  # noqa: RUF012 - pydantic copies it


def test_a_call_is_escaped_and_spelled_in_one_place() -> None:
    assert SELL.target() == "/sales?a%20b=1%262&%C3%A9="
    assert SELL.payload() == b'{"total":5}'
    assert once("sell", "POST", "/sales").target() == "/sales"
    assert once("sell", "POST", "/sales").payload() == b""
    form = repeatable("token", "POST", "/token", form=(("scope", "a b"), ("x", "=")))
    assert form.payload() == b"scope=a%20b&x=%3D"


@pytest.mark.parametrize(
    "change",
    [
        {"step": "other"},
        {"method": "PUT"},
        {"path": "/other"},
        {"query": ()},
        {"headers": (("accept", "text/plain"),)},
        {"body": {"total": 6}},
        {"once": False},
    ],
)
def test_two_calls_have_one_fingerprint_only_if_they_say_the_same(change: dict[str, Any]) -> None:
    assert replace(SELL).fingerprint() == SELL.fingerprint()
    assert replace(SELL, **change).fingerprint() != SELL.fingerprint()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "HTTP 200 with a body that is not JSON: Expecting value"),
        (b"", "HTTP 200 with a body that is not JSON: Expecting value"),
        (b"{}", "HTTP 200: reference: Field required"),
        (b"[]", "HTTP 200: the body: Input should be a valid dictionary or instance of Answer"),
        (
            b'{"reference": 1, "inner": {"id": true}}',
            "HTTP 200: inner.id: Value error, must be an id, text or number",
        ),
    ],
)
def test_what_is_not_the_vendors_shape_is_nonsense_and_says_where(
    body: bytes, message: str
) -> None:
    with pytest.raises(VendorNonsense) as nonsense:
        Reply(status=200, body=body).parse(Answer)
    assert nonsense.value.detail == message


def test_a_shape_takes_what_it_knows_and_leaves_the_rest() -> None:
    reply = Reply(status=200, body=b'{"reference": 17, "more": {}}')
    assert reply.parse(Answer).reference == "17"


@pytest.mark.parametrize(
    ("status", "ok"), [(0, False), (199, False), (200, True), (299, True), (300, False)]
)
def test_only_2xx_is_ok(status: int, ok: bool) -> None:
    assert Reply(status=status).ok is ok


def test_signing_adds_to_a_request_and_changes_nothing_else() -> None:
    outgoing = Outgoing(
        method="POST", target="/a", headers={"accept": "x"}, body=b"b", token="secret"
    )
    assert outgoing.with_headers(x_api_key="k") == replace(
        outgoing, headers={"accept": "x", "x-api-key": "k"}
    )
    assert outgoing.with_target("/a?k=1") == replace(outgoing, target="/a?k=1")
    assert "secret" not in repr(outgoing)
