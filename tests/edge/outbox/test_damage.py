"""A row somebody altered: parked and never sent, and nothing else suffers from it."""

import sqlite3
from pathlib import Path

import pytest

from gateway.core.operation import Identify
from gateway.core.outcome import Outcome, applied
from gateway.engine.ports import Damaged
from tests.edge.outbox.conftest import LANE, NOW, STORE, Life
from tests.engine.conftest import Shop
from tests.virtual import run

ENTRY_BOXES = ("ask", "site", "ending", "note")


def flip(path: Path, table: str, column: str, where: str) -> None:
    """Flip one bit in the middle of the sealed columns of some rows."""
    file = sqlite3.connect(path, isolation_level=None)
    boxes = file.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchall()  # noqa: S608 - the test's own words
    assert boxes
    for (box,) in boxes:
        altered = bytearray(box)
        altered[len(box) // 2] ^= 1
        file.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (bytes(altered), box))  # noqa: S608 - as above
    file.close()


async def _damaged(life: Life, column: str) -> int:
    """Three entries in every state, the middle one of them damaged."""
    for subject in ("o-1", "o-2", "o-3"):
        entry = await life.accept(subject)
        if column == "ending":
            outcome = applied(reference=f"r-{subject}")
            await life.outbox.write(
                lambda tx, id_=entry.id, outcome=outcome: tx.finish(id_, outcome, NOW)  # type: ignore[misc]  # mypy wants one argument
            )
        if column == "note":
            await life.outbox.write(
                lambda tx, id_=entry.id: tx.park(id_, "in_doubt", "sent, and no answer")  # type: ignore[misc]  # as above
            )
    await life.outbox.stop()
    flip(life.path, "entry", column, "subject = 'o-2'")
    await (await life.make()).start()
    return 2


@pytest.mark.parametrize("column", ENTRY_BOXES)
async def test_a_list_shows_a_damaged_entry_as_damaged_and_the_others_whole(
    life: Life, column: str
) -> None:
    damaged = await _damaged(life, column)
    state = {"ending": "done", "note": "parked"}.get(column, "queued")
    listed = await life.outbox.read(
        lambda tx: tx.entries_in(state, None, unattended=False, limit=10)  # type: ignore[arg-type]  # one of three words
    )
    assert [entry.subject for entry in listed] == ["o-1", "o-2", "o-3"]
    assert [bool(entry.ask) for entry in listed] == [True, False, True]
    place = f"note|{damaged}" if column == "note" else f"{column}|{damaged}|{LANE}"
    assert (listed[1].detail or "").startswith(f"damaged: {place}")
    one = await life.outbox.read(lambda tx: tx.entry(damaged))
    assert one == listed[1]
    if column == "ending":
        assert listed[1].outcome == Outcome(kind="applied")
        assert listed[2].outcome == applied(reference="r-o-3")


@pytest.mark.parametrize("column", ["ask", "site"])
async def test_a_damaged_entry_is_not_begun_and_no_attempt_is_counted(
    life: Life, column: str
) -> None:
    damaged = await _damaged(life, column)
    with pytest.raises(Damaged):
        await life.outbox.write(lambda tx: tx.begin(damaged, []))
    entry = await life.outbox.read(lambda tx: tx.entry(damaged))
    assert entry is not None
    assert (entry.state, entry.attempts) == ("queued", 0)


@pytest.mark.parametrize(
    "moved", ["sequence = sequence + 10", "operation = 'void'", "vendor = 'x'"]
)
async def test_a_box_in_a_row_that_says_other_things_does_not_open(life: Life, moved: str) -> None:
    await life.accept()
    await life.outbox.stop()
    file = sqlite3.connect(life.path, isolation_level=None)
    file.execute(f"UPDATE entry SET {moved}")  # noqa: S608 - the test's own words
    file.close()
    await (await life.make()).start()
    with pytest.raises(Damaged, match="altered, or moved here from another row"):
        await life.outbox.write(lambda tx: tx.begin(1, []))


async def test_what_is_decided_by_an_entrys_past_is_not_decided_by_half_of_it(life: Life) -> None:
    await _damaged(life, "ending")
    with pytest.raises(Damaged):
        await life.outbox.read(lambda tx: tx.entries_of(STORE, "o-2"))


async def test_claims_are_known_by_their_endings_alone(life: Life) -> None:
    for subject in ("o-1", "o-2"):
        entry = await life.accept(subject)
        outcome = applied(reference=f"r-{subject}")
        await life.outbox.write(
            lambda tx, id_=entry.id, outcome=outcome: tx.finish(id_, outcome, NOW)  # type: ignore[misc]  # mypy wants one argument
        )
    await life.outbox.stop()
    flip(life.path, "entry", "ask", "subject = 'o-1'")
    await (await life.make()).start()
    assert await life.outbox.read(lambda tx: tx.references(LANE, 10)) == ["r-o-2", "r-o-1"]


async def test_a_damaged_event_is_passed_by_who_listens(life: Life) -> None:
    for number in range(3):
        await life.outbox.write(lambda tx, n=number: tx.add_event(STORE, NOW, {"n": n}))  # type: ignore[misc]  # mypy wants one argument
    await life.outbox.stop()
    flip(life.path, "event", "body", "id = 2")
    await (await life.make()).start()
    events = await life.outbox.read(lambda tx: tx.events(STORE, 0, 10))
    assert [event.body for event in events] == [{"n": 0}, {"type": "damaged"}, {"n": 2}]


async def _dead_shop(path: Path) -> Shop:
    """Three orders of three members wait for a vendor that is away, and the process is gone."""
    shop = Shop(path)
    await shop.gateway.start()
    shop.wire.fault = lambda _account, _call: "unsent"
    for number in ("1", "2", "3"):
        await shop.sell(number, wait=0.1, member=f"m{number}")
    await shop.gateway.kill()
    shop.wire.fault = lambda _account, _call: None
    shop.wire.sent.clear()
    return shop


@pytest.mark.parametrize("column", ["ask", "site"])
def test_a_damaged_entry_is_parked_by_its_lane_and_never_sent(tmp_path: Path, column: str) -> None:
    async def story() -> None:
        shop = await _dead_shop(tmp_path / "outbox.db")
        flip(tmp_path / "outbox.db", "entry", column, "subject = '2'")
        await shop.gateway.start()
        await shop.clock.sleep(30)
        assert [receipt for receipt, _ in shop.held()] == ["1", "3"]
        operator = shop.gateway.doors.operator
        [parked] = await operator.entries("parked", None)
        assert (parked.subject, parked.reason) == ("2", "gateway_fault")
        assert (parked.detail or "").startswith("damaged: ")
        assert len(shop.gateway.log.events("entry.damaged")) == 1
        again = await operator.retry(parked.id, "op")
        await shop.clock.sleep(30)
        assert (again.state, (await operator.entry(parked.id)).state) == ("queued", "parked")
        ended = await operator.skip(parked.id, "sold again", "op")
        assert ended.outcome is not None
        assert ended.outcome.kind == "cancelled"
        assert [receipt for receipt, _ in shop.held()] == ["1", "3"]
        await shop.gateway.kill()

    run(story())


def test_a_damaged_journal_parks_its_entry_and_nothing_is_said_again(tmp_path: Path) -> None:
    async def story() -> None:
        shop = Shop(tmp_path / "outbox.db")
        await shop.gateway.start()
        shop.wire.fault = lambda _account, _call: "html"
        await shop.sell("1", wait=0.1)
        await shop.gateway.kill()
        shop.wire.fault = lambda _account, _call: None
        flip(tmp_path / "outbox.db", "step", "reply", "reply IS NOT NULL")
        await shop.gateway.start()
        operator = shop.gateway.doors.operator
        [parked] = await operator.entries("parked", None)
        await operator.retry(parked.id, "op")
        await shop.clock.sleep(30)
        parked = await operator.entry(parked.id)
        assert (parked.state, parked.reason) == ("parked", "gateway_fault")
        assert "step|entry:1|1: altered" in (parked.detail or "")
        assert len(shop.wire.sent) == 1
        await shop.gateway.kill()

    run(story())


async def _visit(shop: Shop, name: str) -> None:
    gateway = shop.gateway
    ask = {
        "at": shop.clock.now(),
        "visit_id": f"v-{name}",
        "till": "1",
        "member": {"kind": "card", "value": name},
    }
    await gateway.doors.visits.open(
        gateway.store(STORE),
        Identify.model_validate(ask),
        name,
        replaces=None,
        deadline=gateway.deadline(3),
        trace_id="t",
    )


def test_a_damaged_visit_is_closed_with_an_alarm_and_the_next_is_released(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "outbox.db"
        shop = Shop(path)
        await shop.gateway.start()
        for name in ("ana", "bob"):
            await _visit(shop, name)
        assert len(shop.tiny.seats) == 2
        await shop.gateway.kill()
        flip(path, "visit", "body", "visit_id = 'v-ana'")
        await shop.gateway.start()
        await shop.clock.sleep(3600)
        assert [facts["visit"] for facts in shop.gateway.log.events("visit.damaged")] == ["v-ana"]
        assert shop.tiny.seats == ["seat-0"]
        await shop.gateway.kill()

    run(story())


def test_an_order_ends_though_its_visit_does_not_open_any_more(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "outbox.db"
        shop = Shop(path)
        await shop.gateway.start()
        await _visit(shop, "ana")
        shop.wire.fault = lambda _account, _call: "unsent"
        await shop.sell("1", wait=0.1, visit_id="v-ana", member=None)
        await shop.gateway.kill()
        flip(path, "visit", "body", "visit_id = 'v-ana'")
        shop.wire.fault = lambda _account, _call: None
        await shop.gateway.start()
        await shop.clock.sleep(30)
        assert shop.held() == [("1", True)]
        assert (await shop.sell("2")).entries[0].state == "done"
        await shop.gateway.kill()

    run(story())


def test_an_entry_that_cannot_end_is_parked_and_its_lane_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        shop = Shop(tmp_path / "outbox.db")
        await shop.gateway.start()
        with monkeypatch.context() as patch:
            patch.setattr("gateway.engine.lane.end_job", _broken_ending)
            told = await shop.sell("1", member="m1")
        assert (told.entries[0].state, told.entries[0].reason) == ("parked", "gateway_fault")
        assert (await shop.sell("2", member="m2")).entries[0].state == "done"
        await shop.gateway.kill()

    run(story())


def _broken_ending(*_: object, **__: object) -> None:
    raise Damaged("event|0042: altered")
