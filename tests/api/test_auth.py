"""Who calls: the contract's own test vector, and every way not to get in."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from yarl import URL

from gateway.api import auth
from gateway.api.auth import Nonces, read_proof, signature
from gateway.engine.refusal import Refused
from tests.api.conftest import Clients
from tests.api.house import SECRET, TILLS, House, authorization, latte, spelled

HERE = "/v1/stores/0042/capabilities"


@pytest.fixture
async def client(house: House, aiohttp_client: Clients) -> TestClient[web.Request, web.Application]:
    house.tills = TILLS
    return await aiohttp_client(house.app())


async def code_of(client: TestClient[web.Request, web.Application], header: str | None) -> str:
    """What one request is told."""
    headers = {} if header is None else {"Authorization": header}
    async with client.get(HERE, headers=headers) as answer:
        told = await answer.json(content_type=None)
        return str(told.get("code", answer.status))


def test_the_contracts_test_vector() -> None:
    secret = base64.b64decode("dGlsbC1zZWNyZXQtMDAwMQ==")
    sig = signature(secret, ts=1763640000, nonce="n-000001", method="GET", target=HERE, body=b"")
    assert base64.b64encode(sig) == b"Iiqe0ohAIzV/4KVJ1wVdozGLFbubYxvh0XfquoELpUA="


async def test_a_signed_order_is_taken_query_and_body_included(
    house: House, client: TestClient[web.Request, web.Application]
) -> None:
    target, body = "/v1/stores/0042/orders/1?from=till%2F1", spelled(latte())
    headers = {
        "Authorization": authorization("PUT", target, body),
        "Content-Type": "application/json",
    }
    async with client.put(URL(target, encoded=True), data=body, headers=headers) as answer:
        assert answer.status == 200
    headers["Authorization"] = authorization("PUT", target, body)
    async with client.put(URL(target, encoded=True), data=body + b" ", headers=headers) as answer:
        assert answer.status == 401


async def test_a_replayed_request_is_refused(
    client: TestClient[web.Request, web.Application],
) -> None:
    header = authorization("GET", HERE)
    assert await code_of(client, header) == "200"
    assert await code_of(client, header) == "replayed"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "unauthenticated"),
        ("Bearer ops-token", "unauthenticated"),
        ("Tillbridge-HMAC-SHA256 till=0042-1", "unauthenticated"),
        ("Tillbridge-HMAC-SHA256 till=0042-1, till=0042-1", "unauthenticated"),
        (authorization("GET", HERE, secret=b"guess"), "unauthenticated"),
        (authorization("GET", HERE, till="0042-9"), "unauthenticated"),
        (authorization("GET", HERE, till="0042-9", secret=b""), "unauthenticated"),
        (authorization("POST", HERE), "unauthenticated"),
        (authorization("GET", HERE + "?x=1"), "unauthenticated"),
        (authorization("GET", HERE, nonce="short"), "unauthenticated"),
        (authorization("GET", HERE, till="0077-1", secret=b"another-secret"), "wrong_store"),
        (authorization("GET", HERE, ts=1763640000), "clock_skew"),
        (authorization("GET", HERE, ts=999_999_999_999), "clock_skew"),
    ],
)
async def test_who_does_not_get_in(
    client: TestClient[web.Request, web.Application], header: str | None, code: str
) -> None:
    assert await code_of(client, header) == code


async def test_a_wrong_clock_is_told_the_right_time(
    client: TestClient[web.Request, web.Application],
) -> None:
    late = int((datetime.now(UTC) - timedelta(seconds=301)).timestamp())
    async with client.get(
        HERE, headers={"Authorization": authorization("GET", HERE, ts=late)}
    ) as a:
        told = await a.json(content_type=None)
        assert a.headers["WWW-Authenticate"] == auth.SCHEME
    server_time = datetime.fromisoformat(told["server_time"])
    assert abs((server_time - datetime.now(UTC)).total_seconds()) < 5
    near = int((datetime.now(UTC) - timedelta(seconds=290)).timestamp())
    assert await code_of(client, authorization("GET", HERE, ts=near)) == "200"


async def test_nothing_of_a_key_or_signature_is_logged_or_told(
    house: House, client: TestClient[web.Request, web.Application]
) -> None:
    header = authorization("GET", HERE, secret=b"guess")
    async with client.get(HERE, headers={"Authorization": header}) as answer:
        told = await answer.text()
    sig = header.rpartition("sig=")[2]
    assert sig not in told + str(house.log.lines)
    assert SECRET.decode() not in told + str(house.log.lines) + repr(read_proof(header))


def test_nonces_are_forgotten_after_their_window_and_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(auth, "NONCES_PER_TILL", 2)
    nonces = Nonces()
    assert not nonces.seen("a", "1", until=600, now=0)
    assert nonces.seen("a", "1", until=600, now=600)
    assert not nonces.seen("a", "1", until=1201, now=601)
    assert not nonces.seen("a", "2", until=1202, now=602)
    with pytest.raises(Refused) as full:
        nonces.seen("a", "3", until=1203, now=603)
    assert full.value.code == "too_many_requests"
    assert not nonces.seen("b", "3", until=1203, now=603)
