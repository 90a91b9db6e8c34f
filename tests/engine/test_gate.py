"""The gate to a vendor: a breaker that spares it, a probe that finds it again, and a rate."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from gateway.core.adapter import Site
from gateway.core.errors import GatewayError, NoReply, NotSent, Throttled, Unauthorized
from gateway.core.flow import Call, Reply, once
from gateway.engine import policy
from gateway.engine.gate import SLOW_SECONDS, TRIP_AFTER, Gate
from gateway.engine.ports import Account
from tests.engine.conftest import SITE
from tests.virtual import SeededChance, VirtualClock, in_virtual_time
from tests.world import Log

ACCOUNT = Account(vendor="tiny-ca", store="0042")
CALL = once("sell", "POST", "/sales")
LONGEST_SECONDS = policy.BACKOFF_CAP_SECONDS


class Vendor:
    """Answers what it is told to, after a while, and notes when it was asked."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.answer: Callable[[], Reply] = lambda: Reply(status=200)
        self.seconds = 0.0
        self.asked: list[float] = []

    async def __call__(self, account: Account, call: Call, site: Site) -> Reply:
        self.asked.append(self.clock.monotonic())
        answer = self.answer
        await self.clock.sleep(self.seconds)
        return answer()

    def fail(self, error: GatewayError) -> None:
        """Fail like this from now on."""

        def answer() -> Reply:
            raise error

        self.answer = answer

    def say(self, status: int) -> None:
        """Answer with a status from now on."""
        self.answer = lambda: Reply(status=status)


class World:
    """A gate before a vendor."""

    def __init__(self, rate_per_second: float = 1000) -> None:
        self.clock = VirtualClock()
        self.vendor = Vendor(self.clock)
        self.log = Log()
        self.closed: list[str] = []
        self.gate = Gate(
            vendor="tiny-ca",
            send=self.vendor,
            clock=self.clock,
            chance=SeededChance(3),
            log=self.log,
            rate=lambda _vendor: rate_per_second,
            on_close=self.closed.append,
        )

    async def call(self) -> Reply:
        """Wait for a turn, and send one call."""
        await self.gate.turn()
        return await self.gate(ACCOUNT, CALL, SITE)

    async def trip(self) -> None:
        """Let the vendor fail until the breaker opens."""
        self.vendor.fail(NoReply("connection reset"))
        for _ in range(TRIP_AFTER):
            with pytest.raises(NoReply):
                await self.call()
        self.vendor.asked.clear()

    async def until_tried(self) -> None:
        """Wait until the breaker lets one call through."""
        await self.clock.sleep(self.gate.wait_seconds())


@pytest.mark.parametrize("error", [NotSent("refused"), NoReply("reset"), Throttled("HTTP 429")])
@in_virtual_time
async def test_one_failure_is_a_hiccup_and_three_are_an_outage(error: GatewayError) -> None:
    world = World()
    world.vendor.fail(error)
    for number in range(1, TRIP_AFTER + 1):
        assert not world.gate.is_open
        with pytest.raises(type(error)):
            await world.call()
        assert world.gate.failures == number
    assert world.gate.is_open
    assert world.log.events("breaker.opened") == [{"vendor": "tiny-ca", "detail": error.detail}]


@pytest.mark.parametrize(("status", "counts"), [(200, 0), (404, 0), (401, 0), (429, 1), (503, 1)])
@in_virtual_time
async def test_who_answers_is_not_away_unless_it_is_overwhelmed(status: int, counts: int) -> None:
    world = World()
    world.vendor.say(status)
    for _ in range(TRIP_AFTER):
        assert (await world.call()).status == status
    assert world.gate.is_open is bool(counts)


@in_virtual_time
async def test_an_answer_between_failures_begins_the_count_again() -> None:
    world = World()
    for _ in range(3):
        world.vendor.fail(NoReply("reset"))
        for _ in range(TRIP_AFTER - 1):
            with pytest.raises(NoReply):
                await world.call()
        world.vendor.say(200)
        await world.call()
    assert not world.gate.is_open
    assert world.closed == []


@in_virtual_time
async def test_while_the_breaker_is_open_nothing_is_sent() -> None:
    world = World()
    await world.trip()
    with pytest.raises(NotSent, match="tiny-ca is away; the breaker is open"):
        await world.call()
    assert world.vendor.asked == []
    assert world.gate.failures == TRIP_AFTER
    assert 0 < world.gate.wait_seconds() < LONGEST_SECONDS


@in_virtual_time
async def test_a_probe_that_fails_waits_longer_and_never_beyond_half_a_minute() -> None:
    world = World()
    await world.trip()
    for _ in range(20):
        await world.until_tried()
        with pytest.raises(NoReply):
            await world.call()
        assert 0 < world.gate.wait_seconds() <= LONGEST_SECONDS
    assert len(world.vendor.asked) == 20
    assert len(world.log.events("breaker.opened")) == 1


@in_virtual_time
async def test_a_vendor_that_is_probed_is_asked_by_one_call_at_a_time() -> None:
    world = World()
    await world.trip()
    await world.until_tried()
    world.vendor.say(200)
    world.vendor.seconds = 1
    calls = [asyncio.create_task(world.call()) for _ in range(5)]
    await world.clock.sleep(0.5)
    assert world.gate.wait_seconds() == policy.BACKOFF_BASE_SECONDS
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in ended] == [Reply, NotSent, NotSent, NotSent, NotSent]
    assert world.closed == ["tiny-ca"]
    assert world.log.events("breaker.closed") == [{"vendor": "tiny-ca"}]
    assert world.gate.wait_seconds() == 0


@in_virtual_time
async def test_a_call_from_before_the_outage_ends_no_other_calls_probe() -> None:
    world = World()
    world.vendor.seconds = 1.5
    world.vendor.fail(NoReply("reset"))
    before = asyncio.create_task(world.call())
    await world.clock.sleep(0.1)
    world.vendor.seconds = 0
    await world.trip()
    await world.until_tried()
    world.vendor.seconds = 10
    probe = asyncio.create_task(world.call())
    with pytest.raises(NoReply):
        await before
    await world.clock.sleep(3)
    with pytest.raises(NotSent):
        await world.call()
    assert len(world.vendor.asked) == 1
    probe.cancel()
    with suppress(asyncio.CancelledError):
        await probe


@pytest.mark.parametrize(
    ("patience_seconds", "counts"), [(SLOW_SECONDS - 0.1, 0), (SLOW_SECONDS + 0.1, 1)]
)
@in_virtual_time
async def test_a_call_given_up_counts_against_a_vendor_that_was_slow(
    patience_seconds: float, counts: int
) -> None:
    world = World()
    world.vendor.seconds = 60
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(patience_seconds):
            await world.call()
    assert world.gate.failures == counts


@in_virtual_time
async def test_a_probe_given_up_lets_the_next_one_try() -> None:
    world = World()
    await world.trip()
    await world.until_tried()
    world.vendor.seconds = 60
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await world.call()
    world.vendor.seconds = 0
    world.vendor.say(200)
    await world.call()
    assert not world.gate.is_open


@in_virtual_time
async def test_calls_that_come_together_are_spread_to_the_rate_of_the_account() -> None:
    world = World(rate_per_second=5)
    await asyncio.gather(*(world.call() for _ in range(5)))
    assert world.vendor.asked == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    await world.clock.sleep(60)
    world.vendor.asked.clear()
    await asyncio.gather(*(world.call() for _ in range(2)))
    assert world.vendor.asked == pytest.approx([60.8, 61.0])


@in_virtual_time
async def test_waiting_for_our_own_rate_is_nothing_against_the_vendor() -> None:
    world = World(rate_per_second=0.1)
    await world.call()
    for _ in range(TRIP_AFTER):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(SLOW_SECONDS + 1):
                await world.call()
    assert world.gate.failures == 0
    assert len(world.vendor.asked) == 1


@in_virtual_time
async def test_who_waits_for_a_slot_when_the_breaker_opens_is_not_sent() -> None:
    world = World(rate_per_second=5)
    world.vendor.fail(NoReply("reset"))
    calls = (world.call() for _ in range(10))
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in ended].count(NotSent) >= 10 - TRIP_AFTER - 2
    assert len(world.vendor.asked) < 6


@in_virtual_time
async def test_nobody_stands_in_line_before_a_vendor_that_is_away() -> None:
    world = World(rate_per_second=0.1)
    world.vendor.fail(NoReply("reset"))
    for _ in range(TRIP_AFTER):
        with pytest.raises(NoReply):
            await world.gate(ACCOUNT, CALL, SITE)
    before = world.clock.monotonic()
    with pytest.raises(NotSent, match="tiny-ca is away; the breaker is open"):
        await world.gate.turn()
    assert world.clock.monotonic() == before


@in_virtual_time
async def test_a_refused_credential_is_no_outage_of_the_vendor() -> None:
    world = World()
    world.vendor.fail(Unauthorized("the token is refused"))
    for _ in range(2 * TRIP_AFTER):
        with pytest.raises(Unauthorized):
            await world.call()
    assert not world.gate.is_open
