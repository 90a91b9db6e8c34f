"""No credential shows before a call is signed or after; no member rests in clear or is logged."""

import asyncio
import traceback
from dataclasses import replace

import pytest

from gateway.core.adapter import Link
from gateway.core.errors import GatewayError
from gateway.core.flow import Call
from gateway.edge.vendor import VendorClient
from gateway.engine.ports import Account
from gateway.engine.runner import first_call
from tests.contract.canaries import Canaries, canaries_of
from tests.contract.day import Day, day_of
from tests.contract.story import ALL, TALKING, flow_of
from tests.virtual import VirtualClock, run

WAYS = [
    way
    for adapter in {told.adapter.name: told.adapter for told in ALL}.values()
    for way in canaries_of(adapter)
]


@pytest.fixture(scope="module", params=WAYS, ids=str)
def day(request: pytest.FixtureRequest) -> Day:
    """Every transcript of a vendor, lived through by the real engine with canary credentials."""
    return run(day_of(request.param))


def test_no_call_says_a_credential_before_it_is_signed(day: Day) -> None:
    assert not day.send.early
    assert not day.send.unsigned
    assert day.send.shown, "no canary was ever used: the test proves nothing"


def test_no_credential_rests_in_the_outbox(day: Day) -> None:
    for value in day.send.canaries.values:
        assert value.encode() not in day.rested


def test_no_identifier_of_a_member_rests_in_clear(day: Day) -> None:
    assert day.identifiers, "nobody was named: the test proves nothing"
    assert all(one in day.sealed for one in day.identifiers), "what was to be sealed was not kept"
    for one in day.identifiers:
        assert one.encode() not in day.rested, one


def test_no_log_line_names_a_credential_or_a_member(day: Day) -> None:
    lines = [f"{event} {facts}" for event, facts in day.log.lines]

    assert lines
    assert not [line for line in lines if day.names_someone(line)]


def test_no_error_names_a_credential_or_a_member(day: Day) -> None:
    assert day.errors
    assert not [text for text in day.errors if day.names_someone(text)]


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("hangs_up", [False, True], ids=["refused", "hung up"])
async def test_an_error_of_the_wire_names_no_credential(way: Canaries, hangs_up: bool) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if not hangs_up:
        server.close()
        await server.wait_closed()
    base_url = f"http://127.0.0.1:{port}"
    adapter = way.adapter
    if adapter.authorize is not None:
        adapter = replace(
            adapter, authorize=replace(adapter.authorize, url=lambda _site: f"{base_url}/token")
        )
    client = VendorClient(
        lambda _vendor, _store: (adapter, Link(base_url=base_url), way.credentials), VirtualClock()
    )
    told = next(told for told in TALKING if told.adapter is way.adapter)
    call = first_call(flow_of(told))
    assert isinstance(call, Call)
    await client.start()
    try:
        with pytest.raises(GatewayError) as caught:
            await client(Account(vendor="v", store="0042"), call, told.site)
    finally:
        await client.stop()
        server.close()

    assert not way.in_("".join(traceback.format_exception(caught.value)))
    assert not way.in_(repr(way.credentials))
