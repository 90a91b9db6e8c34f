"""Orders through the engine: accepted, delivered in sequence, waited for, told again."""

from pathlib import Path

import pytest

from gateway.engine.refusal import Refused
from tests.engine.conftest import Shop
from tests.virtual import run


def test_an_order_is_applied_within_the_wait() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        told = await shop.sell("1")
        [entry] = told.entries
        assert (entry.state, entry.sequence, entry.attempts) == ("done", 1, 1)
        assert entry.outcome is not None
        assert entry.outcome.reference == "t-1"
        assert shop.held() == [("1", True)]
        await shop.gateway.kill()

    run(story())


def test_the_same_order_again_says_nothing_twice() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        await shop.sell("1")
        again = await shop.sell("1")
        assert [entry.outcome.kind for entry in again.entries] == ["applied"]
        assert len(shop.held()) == 1
        with pytest.raises(Refused) as conflict:
            await shop.sell("1", total="6.00")
        assert conflict.value.code == "order_conflict"
        await shop.gateway.kill()

    run(story())


def test_an_outage_answers_in_time_and_is_replayed_in_sequence(tmp_path: Path) -> None:
    async def story() -> None:
        shop = Shop(tmp_path / "outbox.db")
        await shop.gateway.start()
        shop.wire.fault = lambda _account, _call: "unsent"
        for number in range(5):
            before = shop.clock.monotonic()
            told = await shop.sell(str(number), wait=2)
            assert shop.clock.monotonic() - before <= 2
            assert told.entries[0].state == "queued"
        await shop.gateway.kill()
        await shop.gateway.start()
        await shop.clock.sleep(60)
        assert shop.held() == []
        shop.wire.fault = lambda _account, _call: None
        await shop.clock.sleep(120)
        assert [receipt for receipt, _ in shop.held()] == ["0", "1", "2", "3", "4"]
        await shop.gateway.kill()

    run(story())


def test_an_order_in_doubt_is_parked_and_never_sent_again() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        shop.wire.fault = lambda _account, _call: "lost_after"
        told = await shop.sell("1")
        shop.wire.fault = lambda _account, _call: None
        await shop.clock.sleep(60)
        told = await shop.gateway.doors.orders.get(shop.gateway.store("0042"), "1")
        assert (told.entries[0].state, told.entries[0].reason) == ("parked", "in_doubt")
        same_member = await shop.sell("2")
        assert same_member.entries[0].state == "queued"
        stranger = await shop.sell("3", member="bob")
        assert stranger.entries[0].state == "done"
        assert stranger.entries[0].overtook == (1, 2)
        entry = await shop.gateway.doors.operator.settle(told.entries[0].id, "t-1", "seen", "op")
        assert entry.outcome is not None
        await shop.clock.sleep(5)
        assert [receipt for receipt, _ in shop.held()] == ["1", "3", "2"]
        await shop.gateway.kill()

    run(story())


def test_a_void_of_an_order_never_sent_cancels_both() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        shop.wire.fault = lambda _account, _call: "unsent"
        await shop.sell("1", wait=1)
        told = await shop.undo("1", wait=1)
        assert [entry.outcome.kind for entry in told.entries] == ["cancelled", "cancelled"]
        assert shop.wire.sent == []
        await shop.gateway.kill()

    run(story())


def test_a_void_follows_its_order() -> None:
    async def story() -> None:
        shop = Shop()
        await shop.gateway.start()
        await shop.sell("1")
        told = await shop.undo("1")
        assert [entry.outcome.kind for entry in told.entries] == ["applied", "applied"]
        assert shop.held() == [("1", False)]
        with pytest.raises(Refused) as conflict:
            await shop.sell("1", revision=2, state="completed")
        assert conflict.value.code == "operation_conflict"
        await shop.gateway.kill()

    run(story())
