"""What really goes over the wire to a vendor, and what silence is called."""

import asyncio
import gzip
import socket
import ssl
import traceback
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from gateway.core.adapter import (
    AccountSettings,
    Adapter,
    Authorize,
    Credentials,
    Link,
    Outgoing,
    Site,
    StoreSettings,
    Token,
)
from gateway.core.errors import NoReply, NotSent, Throttled, Unauthorized, Unreachable
from gateway.core.flow import Call, Flow, Reply, once, repeatable
from gateway.edge.clock import SystemClock
from gateway.edge.exchange import MAX_REPLY_BYTES
from gateway.edge.vendor import Unsendable, VendorClient
from gateway.engine.ports import Account

SITE = Site(store="0042", timezone="America/Toronto", currency="CAD")
ACCOUNT = Account(vendor="acme-ca", store="0042")
CANARIES = ("canary-key", "canary-header", "canary-body", "canary-path")
LOOK = repeatable("look", "GET", "/things")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One request as the wire had it."""

    connection: int
    line: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Heard], bytes | None]


def http(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@dataclass(kw_only=True)
class Vendor:
    """A raw server: counts, answers what it is told, and closes where it is told nothing."""

    answer: Answer = field(default=lambda _: http())
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = self.connections
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {
                    name.lower(): value
                    for name, value in (line.split(": ", 1) for line in head[1:] if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                said = Heard(connection=connection, line=head[0], headers=headers, body=body)
                self.heard.append(said)
                answer = self.answer(said)
                if answer is None:
                    break
                writer.write(answer)
                if b"Connection: close" in answer:
                    break
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


Serve = Callable[..., Awaitable[Vendor]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(answer: Answer | None = None, tls: ssl.SSLContext | None = None) -> Vendor:
            vendor = Vendor() if answer is None else Vendor(answer=answer)
            server = await asyncio.start_server(vendor.talk, "127.0.0.1", 0, ssl=tls)
            stack.push_async_callback(server.wait_closed)
            stack.callback(server.close)
            vendor.port = server.sockets[0].getsockname()[1]
            return vendor

        yield start


class Secret(Credentials):
    """A key that goes in the query, as Spoonity's does."""

    key: SecretStr = SecretStr("canary-key")


def sign(outgoing: Outgoing, credentials: Secret, now: datetime) -> Outgoing:
    assert now.tzinfo is UTC
    mark = "&" if "?" in outgoing.target else "?"
    key = credentials.key.get_secret_value()
    signed = outgoing.with_target(f"{outgoing.target}{mark}api_key={key}")
    proof = zlib.crc32(signed.target.encode() + outgoing.body)
    return signed.with_headers(X_Secret="canary-header", X_Proof=str(proof), X_Token=outgoing.token)


ADAPTER = Adapter(
    name="acme",
    title="Acme",
    link={},
    account=AccountSettings,
    credentials=Secret,
    store=StoreSettings,
    site=Site,
    operations={},
    cannot={},
    sign=sign,
    understands=lambda _: True,
    sandbox=lambda: pytest.fail("nobody plays here"),
)


Open = Callable[..., Awaitable[VendorClient]]


@pytest.fixture
async def reach() -> AsyncIterator[Open]:
    """Open a client to one account; stop it afterwards."""
    async with AsyncExitStack() as stack:

        async def start(
            base_url: str, adapter: Adapter = ADAPTER, secret: Secret | None = None, **link: Any
        ) -> VendorClient:
            where = Link(base_url=base_url, **link)
            client = VendorClient(
                lambda _v, _s: (adapter, where, secret or Secret()), SystemClock()
            )
            await client.start()
            stack.push_async_callback(client.stop)
            return client

        yield start


async def test_what_is_sent_is_what_was_signed(serve: Serve, reach: Open) -> None:
    vendor = await serve(lambda _: http(b'{"n":1}', "201 Created", "X-Two: a", "X-Two: b"))
    client = await reach(f"http://127.0.0.1:{vendor.port}/api/")
    call = once(
        "post",
        "POST",
        "/a%2Fb/%C3%A9/../x//y",
        query=(("q", "1+1 = 2&é%2F?"), ("empty", "")),
        headers=(("x-region", "CA"),),
        body={"name": "é", "amount": "1.50"},
    )
    reply = await client(ACCOUNT, call, SITE)
    assert reply == Reply(
        status=201, headers={"content-length": "7", "x-two": "a, b"}, body=b'{"n":1}'
    )
    (heard,) = vendor.heard
    target = f"/api{call.target()}&api_key=canary-key"
    assert heard.line == f"POST {target} HTTP/1.1"
    assert heard.body == call.payload()
    assert heard.headers == {
        "host": f"127.0.0.1:{vendor.port}",
        "user-agent": "tillbridge",
        "accept": "application/json",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "content-length": str(len(heard.body)),
        "connection": "close",
        "x-region": "CA",
        "x-secret": "canary-header",
        "x-proof": str(zlib.crc32(target.encode() + call.payload())),
        "x-token": "",
    }


@pytest.mark.parametrize(
    ("call", "content_type", "body"),
    [
        (once("a", "DELETE", "/o/1", body={"why": "x"}), "application/json", b'{"why":"x"}'),
        (
            repeatable("b", "POST", "/t", form=(("a b", "ü"),)),
            "application/x-www-form-urlencoded",
            b"a%20b=%C3%BC",
        ),
        (repeatable("c", "POST", "/t"), None, b""),
        (repeatable("d", "GET", "/t"), None, b""),
    ],
    ids=["a DELETE with a body", "a form", "an empty POST", "a GET"],
)
async def test_a_body_goes_with_its_type(
    serve: Serve, reach: Open, call: Call, content_type: str | None, body: bytes
) -> None:
    vendor = await serve()
    client = await reach(f"http://127.0.0.1:{vendor.port}")
    await client(ACCOUNT, call, SITE)
    (heard,) = vendor.heard
    assert heard.headers.get("content-type") == content_type
    assert heard.body == body


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
@pytest.mark.parametrize("is_once", [True, False])
async def test_a_request_whose_connection_dies_is_on_the_wire_once(
    serve: Serve, reach: Open, method: str, *, is_once: bool
) -> None:
    vendor = await serve()
    vendor.answer = lambda heard: http() if heard.line.startswith("GET /first") else None
    client = await reach(f"http://127.0.0.1:{vendor.port}")
    await client(ACCOUNT, repeatable("first", "GET", "/first"), SITE)
    call = replace(repeatable("second", method, "/second"), once=is_once)
    with pytest.raises(NoReply, match="without an answer"):
        await client(ACCOUNT, call, SITE)
    assert [heard.line.split("?")[0] for heard in vendor.heard] == [
        "GET /first",
        f"{method} /second",
    ]
    assert vendor.connections == (2 if is_once else 1)


async def test_a_redirect_is_an_answer_and_nobody_is_asked_again(
    serve: Serve, reach: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await serve()
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{other.port}")
    place = f"Location: http://127.0.0.1:{other.port}/"
    vendor = await serve(lambda _: http(b"", "307 Temporary Redirect", place, "Set-Cookie: a=b"))
    client = await reach(f"http://localhost:{vendor.port}")
    for _ in range(2):
        assert (await client(ACCOUNT, once("p", "POST", "/o", body={}), SITE)).status == 307
    assert other.connections == 0
    assert len(vendor.heard) == 2
    assert "cookie" not in vendor.heard[1].headers


async def test_what_comes_packed_is_opened(serve: Serve, reach: Open) -> None:
    packed = {"gzip": gzip.compress(b'{"a":1}'), "deflate": zlib.compress(b'{"a":1}')}
    vendor = await serve()
    client = await reach(f"http://127.0.0.1:{vendor.port}")
    for encoding, body in packed.items():
        vendor.answer = lambda _, e=encoding, b=body: http(b, "200 OK", f"Content-Encoding: {e}")  # type: ignore[misc]  # bound early, on purpose
        assert (await client(ACCOUNT, LOOK, SITE)).body == b'{"a":1}'


BOMB = gzip.compress(bytes(MAX_REPLY_BYTES + 1))
ENDLESS = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + bytes(MAX_REPLY_BYTES + 1)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (None, "without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{}", "in the middle"),
        (b"canary-body canary-key\r\n\r\nConnection: close", "not HTTP"),
        (http(bytes(MAX_REPLY_BYTES + 1)), "more than 262144 bytes"),
        (ENDLESS, "more than 262144 bytes"),
        (http(BOMB, "200 OK", "Content-Encoding: gzip"), "more than 262144 bytes, packed"),
        (http(BOMB[:-9], "200 OK", "Content-Encoding: gzip"), "packed"),
        (http(b"{}", "200 OK", "Content-Encoding: gzip"), "broken gzip"),
        (http(gzip.compress(b"{}")[:-1], "200 OK", "Content-Encoding: gzip"), "only the start"),
        (http(b"{}", "200 OK", "Content-Encoding: br"), "not asked for"),
        (b"", "did not answer within 0.05 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "did not answer within 0.05 s"),
    ],
    ids=[
        "closed",
        "cut off",
        "no HTTP",
        "too long",
        "endless",
        "a bomb",
        "half a bomb",
        "not packed",
        "half packed",
        "packed strangely",
        "silence",
        "stuck in the middle",
    ],
)
async def test_after_sending_every_silence_is_doubt(
    serve: Serve, reach: Open, answer: bytes | None, text: str
) -> None:
    vendor = await serve(lambda _: answer)
    read_timeout = 0.05 if "0.05" in text else 5.0
    client = await reach(f"http://127.0.0.1:{vendor.port}", read_timeout=read_timeout)
    fault = await fault_of(client)
    assert isinstance(fault, NoReply)
    assert text in fault.detail
    assert f"127.0.0.1:{vendor.port}" in fault.detail
    assert len(vendor.heard) == 1


async def fault_of(client: VendorClient) -> Unreachable:
    """Fail a call full of canaries; none of them may show in any trace of the error."""
    call = once("p", "PUT", "/canary-path", body={"a": "canary-body"})
    with pytest.raises(Unreachable) as raised:
        await client(ACCOUNT, call, SITE)
    fault = raised.value
    assert fault.__cause__ is None
    shown = f"{fault!r} {fault.__context__!r}"
    shown += "".join(line for line in traceback.format_exception(fault) if "File " not in line)
    assert not [canary for canary in CANARIES if canary in shown]
    return fault


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pem")
    return context


async def test_before_sending_every_failure_is_not_sent(
    serve: Serve, reach: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the server's TLS failures
    gone = socket.socket()
    gone.bind(("127.0.0.1", 0))
    plain = await serve()
    closing = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    tls = await serve(tls=self_signed(tmp_path))
    table = [
        (f"http://127.0.0.1:{gone.getsockname()[1]}", "refuses connections"),
        (f"https://localhost:{tls.port}", "certificate"),
        (f"https://127.0.0.1:{closing.sockets[0].getsockname()[1]}", "no connection to"),
        (f"https://127.0.0.1:{plain.port}", "within 0.2 s"),
    ]
    for base_url, text in table:
        fault = await fault_of(await reach(base_url, connect_timeout=0.2))
        assert isinstance(fault, NotSent), base_url
        assert text in fault.detail

    async def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    fault = await fault_of(await reach("https://api.acme.test/v1"))
    assert isinstance(fault, NotSent)
    assert fault.detail == "the name of api.acme.test:443 is not resolved"
    assert plain.heard == tls.heard == []
    closing.close()
    gone.close()


@pytest.mark.parametrize(
    "call",
    [
        repeatable("a", "GET", "/x", headers=(("x-a", "1\r\nx-b: 2"),)),
        repeatable("b", "GET", "/x", headers=(("x a", "1"),)),
        repeatable("c", "GET", "/x HTTP/1.1\r\nx-b: 2"),
        repeatable("d", "GET", "/é"),
        repeatable("e", "GET", "x"),
        repeatable("f", "GET", "/x#y"),
        repeatable("g", "GET", "/x?"),
    ],
    ids=lambda call: call.step,
)
async def test_nothing_is_smuggled_into_a_request(serve: Serve, reach: Open, call: Call) -> None:
    vendor = await serve()
    client = await reach(f"http://127.0.0.1:{vendor.port}")
    with pytest.raises(Unsendable):
        await client(ACCOUNT, call, SITE)
    assert vendor.connections == 0


async def test_a_key_with_a_line_break_is_a_refused_credential(reach: Open) -> None:
    client = await reach("http://127.0.0.1:9", secret=Secret(key=SecretStr("canary-key\n")))
    assert isinstance(await fault_of(client), Unauthorized)


async def test_a_client_that_is_not_started_sends_nothing() -> None:
    link = Link(base_url="http://127.0.0.1:9")
    client = VendorClient(lambda _v, _s: (ADAPTER, link, Secret()), SystemClock())
    with pytest.raises(NotSent):
        await client(ACCOUNT, LOOK, SITE)
    await client.stop()


class Issued(Token):
    """The toy vendor's token answer is our own shape."""


def with_tokens(port: int) -> Adapter:
    def ask(site: Site) -> Flow[Token]:
        reply = yield repeatable("token", "POST", "/token", form=(("scope", site.store),))
        return reply.parse(Issued)

    def prove(outgoing: Outgoing, credentials: Secret, _now: datetime) -> Outgoing:
        return outgoing.with_headers(Authorization=credentials.key.get_secret_value())

    return replace(
        ADAPTER,
        authorize=Authorize(
            flow=ask,
            sign=prove,
            url=lambda _: f"http://127.0.0.1:{port}/token",
            needed=lambda _: True,
        ),
    )


@dataclass(kw_only=True)
class Desk:
    """Issues t1, t2, …; refuses calls with the tokens it withdrew."""

    life: float = 100.0
    issued: int = 0
    withdrawn: set[str] = field(default_factory=set)

    def __call__(self, heard: Heard) -> bytes:
        if heard.line.startswith("POST /token "):
            self.issued += 1
            said = f'{{"value":"t{self.issued}","expires_in_seconds":{self.life}}}'
            return http(said.encode())
        refused = heard.headers["x-token"] in self.withdrawn
        return http(b"{}", "401 Unauthorized") if refused else http()


async def test_a_token_is_fetched_once_and_shared(serve: Serve, reach: Open) -> None:
    desk = Desk()
    vendor = await serve(desk)
    client = await reach(f"http://127.0.0.1:{vendor.port}/api", with_tokens(vendor.port))
    await asyncio.gather(*(client(ACCOUNT, LOOK, SITE) for _ in range(5)))
    asked, *calls = vendor.heard
    assert (asked.line, asked.body) == ("POST /token HTTP/1.1", b"scope=0042")
    assert asked.headers["authorization"] == "canary-key"
    assert [call.headers["x-token"] for call in calls] == ["t1"] * 5
    await client(ACCOUNT, LOOK, SITE.model_copy(update={"store": "0077"}))
    assert desk.issued == 2, "another scope is another token"


@pytest.mark.parametrize(("life", "issued"), [(100.0, 1), (0.0, 3)])
async def test_a_token_is_used_while_it_lives(
    serve: Serve, reach: Open, life: float, issued: int
) -> None:
    desk = Desk(life=life)
    vendor = await serve(desk)
    client = await reach(f"http://127.0.0.1:{vendor.port}", with_tokens(vendor.port))
    for _ in range(3):
        await client(ACCOUNT, LOOK, SITE)
    assert desk.issued == issued


async def test_a_withdrawn_token_is_replaced_once(serve: Serve, reach: Open) -> None:
    desk = Desk()
    vendor = await serve(desk)
    client = await reach(f"http://127.0.0.1:{vendor.port}", with_tokens(vendor.port))
    assert (await client(ACCOUNT, LOOK, SITE)).status == 200
    desk.withdrawn = {"t1"}
    assert (await client(ACCOUNT, LOOK, SITE)).status == 200
    desk.withdrawn = {"t2", "t3", "t4"}
    assert (await client(ACCOUNT, LOOK, SITE)).status == 401
    assert desk.issued == 3, "a token fetched for this very call is not fetched again"
    assert (await client(ACCOUNT, LOOK, SITE)).status == 401
    assert desk.issued == 4


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (http(b"{}", "401 Unauthorized"), Unauthorized, "unauthorized"),
        (http(b"{}", "400 Bad Request"), Unauthorized, "unauthorized"),
        (http(b"", "429 Slow Down", "Retry-After: 7"), Throttled, "throttled"),
        (http(b"", "503 Away"), NotSent, "unreachable"),
        (http(b"<html>canary-body"), NotSent, "unreachable"),
        (None, NotSent, "unreachable"),
    ],
)
async def test_without_a_token_nothing_was_sent(
    serve: Serve, reach: Open, answer: bytes | None, kind: type[NotSent], reason: str
) -> None:
    vendor = await serve(lambda _: answer)
    client = await reach(f"http://127.0.0.1:{vendor.port}", with_tokens(vendor.port))
    fault = await fault_of(client)
    assert type(fault) is kind
    assert fault.reason == reason
    assert getattr(fault, "retry_after_seconds", 7) == 7
    assert [heard.line for heard in vendor.heard] == ["POST /token HTTP/1.1"]
