"""A played vendor on a real socket: heard exactly, broken on command, watched from outside."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from yarl import URL

from gateway.core.sandbox import Held, SandboxRequest, SandboxResponse
from gateway.sandbox.control import KEPT_REQUESTS
from gateway.sandbox.faults import MAX_FAULTS, Fault, FaultKind
from gateway.sandbox.server import SandboxServer

NOW = datetime(2026, 11, 20, 12, 31, 7, tzinfo=UTC)


class Toy:
    """A vendor that writes everything down and says how often it acted."""

    def __init__(self) -> None:
        self.asked: list[SandboxRequest] = []
        self.ledger: list[Held] = []
        self.violations = ["a made-up breach"]

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        self.asked.append(request)
        number = str(len(self.asked))
        held = Held(
            kind="submit",
            receipt=None,
            member="m1",
            amount=Decimal("1.50"),
            reference=number,
            standing=True,
        )
        self.ledger.append(held)
        return SandboxResponse(
            status=201, headers={"content-type": "application/json"}, body=number.encode()
        )


class Watch:
    """Stands still and writes down how long it was asked to wait."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def toy() -> Toy:
    return Toy()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def server(toy: Toy, watch: Watch) -> AsyncIterator[SandboxServer]:
    server = SandboxServer(toy, watch)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session


async def say(web: aiohttp.ClientSession, url: str, body: Any = None) -> tuple[int, Any]:
    """POST, or GET without a body; the status and the JSON answered."""
    method = "GET" if body is None else "POST"
    data = None if body is None else json.dumps(body)
    async with web.request(method, url, data=data) as answer:
        return answer.status, await answer.json()


async def test_the_vendor_hears_what_was_on_the_wire(
    server: SandboxServer, toy: Toy, web: aiohttp.ClientSession
) -> None:
    target = "/a%2Fb/../c//d?q=%C3%A9+1&q=2"
    url = URL(f"{server.url}{target}", encoded=True)
    headers = [("X-Two", "a"), ("X-Two", "b"), ("Content-Encoding", "gzip")]
    async with web.delete(url, data=b"\x00\xff", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (201, b"1")
        assert answer.headers["content-type"] == "application/json"
    (asked,) = toy.asked
    assert (asked.method, asked.body, asked.now) == ("DELETE", b"\x00\xff", NOW)
    assert asked.target == str(url).removeprefix(server.url)
    assert "%2Fb" in asked.target
    assert asked.headers["x-two"] == "a, b"
    assert asked.headers["content-encoding"] == "gzip"


DROPPED = "dropped"


@pytest.mark.parametrize(
    ("kind", "acted", "seen"),
    [
        ("drop_before", 0, DROPPED),
        ("drop_after", 1, DROPPED),
        ("error_before", 0, 503),
        ("error_after", 1, 502),
        ("slow", 1, 201),
        ("html", 0, 200),
        ("empty", 1, 200),
        ("throttle", 0, 429),
    ],
)
async def test_a_fault_breaks_one_request_as_it_says(
    server: SandboxServer,
    toy: Toy,
    watch: Watch,
    web: aiohttp.ClientSession,
    kind: FaultKind,
    acted: int,
    seen: int | str,
) -> None:
    status, told = await say(
        web, f"{server.url}/_sandbox/faults", {"kind": kind, "match": "POST /order", "seconds": 2.5}
    )
    assert (status, told) == (200, {"ordered": 1})
    await say(web, f"{server.url}/else", {})
    try:
        async with web.post(f"{server.url}/order", data=b"{}") as answer:
            got: int | str = answer.status
            body, retry_after = await answer.text(), answer.headers.get("retry-after")
    except aiohttp.ServerDisconnectedError:
        got, body, retry_after = DROPPED, "", None
    assert got == seen
    assert len(toy.asked) == 1 + acted
    assert body.startswith("<html>") == (kind in {"error_before", "error_after", "html"})
    assert (body == "") == (kind in {"drop_before", "drop_after", "empty", "throttle"})
    assert retry_after == ("3" if kind == "throttle" else None)
    assert watch.slept == ([2.5] if kind == "slow" else [])
    assert (await say(web, f"{server.url}/order", {}))[0] == 201, "used up"


async def test_what_hangs_is_let_go_when_the_server_stops(
    server: SandboxServer, toy: Toy, web: aiohttp.ClientSession
) -> None:
    server.faults.add([Fault(kind="hang")])
    asking = asyncio.create_task(say(web, f"{server.url}/order", {}))
    async with asyncio.timeout(5):
        while (await say(web, f"{server.control_url}requests"))[1]["count"] == 0:
            pass
    assert not asking.done()
    await server.stop()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await asking
    assert toy.asked == []


async def test_faults_come_in_order_as_often_as_ordered_until_taken_back(
    server: SandboxServer, web: aiohttp.ClientSession
) -> None:
    ordered = [
        {"kind": "error_before", "match": "/a", "times": 2},
        {"kind": "throttle", "times": None},
    ]
    faults = f"{server.control_url}faults"
    assert await say(web, faults, ordered) == (200, {"ordered": 2})

    async def statuses() -> list[int]:
        seen = []
        for path in ("/b", "/a", "/a", "/a"):
            async with web.get(f"{server.url}{path}") as answer:
                seen.append(answer.status)
        return seen

    assert await statuses() == [429, 503, 503, 429]
    async with web.delete(faults) as answer:
        assert await answer.json() == {"ordered": 0}
    assert await statuses() == [201] * 4


async def test_an_unplugged_vendor_refuses_and_comes_back_as_it_was(
    server: SandboxServer, toy: Toy, web: aiohttp.ClientSession
) -> None:
    await say(web, f"{server.url}/order", {})
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    plug = f"{server.url}/_sandbox/plug"
    status, told = await say(web, plug, {"out": True})
    assert (status, told) == (200, {"out": True, "control": server.control_url})
    assert await reader.read() == b"", "open connections end"
    writer.close()
    for _ in range(2):
        with pytest.raises(aiohttp.ClientConnectorError):
            await say(web, f"{server.url}/order", {})
    assert (await say(web, f"{told['control']}requests"))[1]["count"] == 1
    for _ in range(2):
        assert (await say(web, f"{told['control']}plug", {"out": False}))[0] == 200
    assert await say(web, f"{server.url}/order", {}) == (201, 2)
    for _ in range(2):
        await server.unplug()
    await server.stop()
    assert len(toy.asked) == 2


async def test_the_control_tells_what_happened(
    server: SandboxServer, web: aiohttp.ClientSession
) -> None:
    server.faults.add([Fault(kind="drop_before", match="/2")])
    for number in range(1, KEPT_REQUESTS + 3):
        if number == 2:
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await say(web, f"{server.url}/2", {"né": 1})
        else:
            await say(web, f"{server.url}/{number}", {})
    _, told = await say(web, f"{server.url}/_sandbox/requests")
    assert told["count"] == KEPT_REQUESTS + 2
    assert len(told["requests"]) == KEPT_REQUESTS
    assert told["requests"][0]["target"] == "/3"
    assert told["requests"][-1] == {
        "method": "POST",
        "target": f"/{KEPT_REQUESTS + 2}",
        "body": "{}",
        "fault": None,
        "status": 201,
    }
    _, ledger = await say(web, f"{server.url}/_sandbox/ledger")
    assert ledger[0] == {
        "kind": "submit",
        "receipt": None,
        "member": "m1",
        "amount": "1.50",
        "reference": "1",
        "standing": True,
    }
    assert await say(web, f"{server.url}/_sandbox/violations") == (200, ["a made-up breach"])


@pytest.mark.parametrize(
    ("path", "body", "status", "text"),
    [
        ("faults", {"kind": "explode"}, 422, "drop_before"),
        ("faults", {"kind": "slow", "times": 0}, 422, "greater than or equal to 1"),
        ("faults", [{"kind": "slow"}] * (MAX_FAULTS + 1), 422, "at most 1000 faults wait"),
        ("plug", {}, 422, "out: Field required"),
        ("plug", 7, 422, "the body: "),
        ("ledger", {}, 404, "there are GET ledger, GET violations, GET requests, POST faults"),
        ("nothing", None, 404, "no GET /_sandbox/nothing"),
    ],
)
async def test_the_control_says_what_is_allowed(
    server: SandboxServer, web: aiohttp.ClientSession, path: str, body: Any, status: int, text: str
) -> None:
    got, told = await say(web, f"{server.control_url}{path}", body)
    assert got == status
    assert text in told["error"]


async def test_a_taken_port_is_named(toy: Toy, watch: Watch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = SandboxServer(toy, watch, port=port)
        with pytest.raises(OSError, match=f"cannot listen at http://127.0.0.1:{port}"):
            await server.start()
        await server.stop()
