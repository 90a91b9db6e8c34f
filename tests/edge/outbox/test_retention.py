"""What retention lets go, and what stays for ever: an old order is answered, never sent again."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.outcome import Outcome, applied, declined
from gateway.engine.ports import Tx
from gateway.engine.refusal import Refused
from gateway.engine.rows import Asked
from tests.edge.outbox.conftest import LANE, NOW, STORE, Life
from tests.engine.conftest import Shop
from tests.virtual import run

LATER = NOW + timedelta(days=91)
BEFORE = LATER - timedelta(days=90)


async def _ended(life: Life, subject: str, outcome: Outcome, at_days: float = 0) -> int:
    entry = await life.accept(subject, keys=("member:card=1",))
    asked = Asked(
        store=STORE,
        kind="order",
        id=subject,
        revision=0,
        fingerprint=f"said {subject}",
        state="completed",
        accepted_at=NOW,
        body={"subject": subject},
    )
    at = NOW + timedelta(days=at_days)

    async def job(tx: Tx) -> None:
        await tx.put_asked(asked)
        await tx.finish(entry.id, outcome, at)

    await life.outbox.write(job)
    return entry.id


async def test_bodies_go_and_what_answers_an_old_order_stays(life: Life) -> None:
    entry_id = await _ended(life, "o-1", applied(reference="r-1", member_id="m-1"))
    assert await life.outbox.write(lambda tx: tx.retire(BEFORE, 10)) == 1
    entry = await life.outbox.read(lambda tx: tx.entry(entry_id))
    assert entry is not None
    assert (entry.ask, entry.site, entry.detail) == ({}, {}, None)
    assert (entry.store, entry.subject, entry.revision) == (STORE, "o-1", 0)
    assert entry.outcome == Outcome(kind="applied")
    [asked] = await life.outbox.read(lambda tx: tx.asked(STORE, "order", "o-1"))
    assert (asked.fingerprint, asked.revision, asked.body) == ("said o-1", 0, None)
    file = life.database.inner
    for table in ("entry_key", "step"):
        assert await file.execute(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - one of two words
    assert (await life.outbox.read(lambda tx: tx.depth(LANE)))["done"] == 1


async def test_a_decline_keeps_its_reason(life: Life) -> None:
    entry_id = await _ended(life, "o-1", declined("too_old", "waited 900 s"))
    await life.outbox.write(lambda tx: tx.retire(BEFORE, 10))
    entry = await life.outbox.read(lambda tx: tx.entry(entry_id))
    assert entry is not None
    assert entry.outcome == Outcome(kind="declined", reason="too_old")


async def test_an_order_goes_as_a_whole_or_not_at_all(life: Life) -> None:
    """A void that just ended, or still waits, needs its order's body."""
    await _ended(life, "old", applied())
    await _ended(life, "voided", applied())
    await _ended(life, "waiting", applied())
    voided = await life.accept("voided", operation="void")
    await life.outbox.write(lambda tx: tx.finish(voided.id, applied(), LATER))
    await life.accept("waiting", operation="void")
    assert await life.outbox.write(lambda tx: tx.retire(BEFORE, 10)) == 1
    for subject, kept in (("old", False), ("voided", True), ("waiting", True)):
        entries = await life.outbox.read(lambda tx, s=subject: tx.entries_of(STORE, s))  # type: ignore[misc]  # mypy wants one argument
        assert all(bool(entry.ask) == kept for entry in entries), subject


async def test_a_look_lets_go_of_few_and_the_next_of_the_rest(life: Life) -> None:
    for number in range(5):
        await _ended(life, f"o-{number}", applied())
    retired = [await life.outbox.write(lambda tx: tx.retire(BEFORE, 2)) for _ in range(4)]
    assert retired == [2, 2, 1, 0]


def test_an_old_order_said_again_is_answered_and_not_sent(tmp_path: Path) -> None:
    async def story() -> None:
        shop = Shop(tmp_path / "outbox.db")
        await shop.gateway.start()
        await shop.sell("1")
        await shop.undo("1")
        await shop.sell("2")
        shop.gateway.retention_seconds = 86400
        await shop.clock.sleep(2 * 86400)
        sent = len(shop.wire.sent)
        told = await shop.sell("1")
        assert [entry.outcome.kind for entry in told.entries] == ["applied", "applied"]
        assert told.asked.body is None
        with pytest.raises(Refused) as changed:
            await shop.sell("2", total="6.00")
        assert changed.value.code == "order_conflict"
        with pytest.raises(Refused) as forgotten:
            await shop.undo("2")
        assert forgotten.value.code == "operation_conflict"
        assert len(shop.wire.sent) == sent
        assert shop.held() == [("1", False), ("2", True)]
        await shop.gateway.kill()

    run(story())
