"""The outbox over real files: one writer, one sync for many, and nothing said before it."""

import asyncio
import sqlite3

from gateway.edge.outbox import GROUP
from gateway.engine.ports import Tx
from tests.edge.outbox.conftest import LANE, NOW, STORE, Life, accept, new_entry


async def test_writers_that_come_together_share_one_transaction(life: Life) -> None:
    life.database.said.clear()
    entries = await asyncio.gather(*(life.accept(f"o-{n}") for n in range(GROUP)))
    assert (life.database.count("BEGIN IMMEDIATE"), life.database.count("COMMIT")) == (1, 1)
    assert [entry.sequence for entry in entries] == list(range(1, GROUP + 1))


async def test_a_group_has_an_end(life: Life) -> None:
    life.database.said.clear()
    await asyncio.gather(*(life.accept(f"o-{n}") for n in range(GROUP + 1)))
    assert life.database.count("COMMIT") == 2


async def test_looking_alone_begins_no_transaction(life: Life) -> None:
    life.database.said.clear()
    await asyncio.gather(*(life.outbox.read(lambda tx: tx.lanes()) for _ in range(3)))
    assert life.database.count("BEGIN IMMEDIATE") == 0


async def test_nothing_is_told_before_the_commit(life: Life) -> None:
    life.database.gated = "COMMIT"
    writing = asyncio.create_task(life.accept())
    looking = asyncio.create_task(life.outbox.read(lambda tx: tx.entries_of(STORE, "o-1")))
    done, _ = await asyncio.wait({writing, looking}, timeout=0.1)
    assert not done
    assert life.database.said[-1] == "COMMIT"
    life.database.gate.set()
    entry = await writing
    assert [found.id for found in await looking] == [entry.id]


async def test_a_jobs_own_error_undoes_that_job_alone(life: Life) -> None:
    async def half_done(tx: Tx) -> None:
        await tx.add_entry(STORE, new_entry("o-2"), NOW)
        raise LookupError("changed its mind")

    first, failed, third = await asyncio.gather(
        life.accept("o-1"), life.outbox.write(half_done), life.accept("o-3"), return_exceptions=True
    )
    assert isinstance(failed, LookupError)
    assert not isinstance(first, BaseException)
    assert not isinstance(third, BaseException)
    assert (first.sequence, third.sequence) == (1, 2)
    standing = await life.outbox.read(lambda tx: tx.standing(LANE, 10))
    assert [entry.sequence for entry in standing] == [1, 2]


async def test_a_statement_that_may_not_be_said_undoes_its_job_alone(life: Life) -> None:
    """A broken constraint is a bug of ours; it must not look like a broken disk."""

    async def nonsense(tx: Tx) -> None:
        await tx.add_entry(STORE, new_entry("o-2", operation="quote"), NOW)

    _, failed = await asyncio.gather(
        life.accept("o-1"), life.outbox.write(nonsense), return_exceptions=True
    )
    assert isinstance(failed, sqlite3.IntegrityError)
    assert (await life.accept("o-3")).sequence == 2
    assert life.failures == []


async def test_who_goes_away_takes_nobody_along(life: Life) -> None:
    life.database.gated = "COMMIT"
    leaving = asyncio.create_task(life.accept("o-1"))
    staying = asyncio.create_task(life.accept("o-2"))
    await asyncio.sleep(0.01)
    leaving.cancel()
    life.database.gate.set()
    assert (await staying).sequence == 2
    found = await life.outbox.read(lambda tx: tx.entries_of(STORE, "o-1"))
    assert [entry.sequence for entry in found] == [1]


async def test_sequences_have_no_gaps_whoever_fails_between(life: Life) -> None:
    async def fail(tx: Tx) -> None:
        await tx.add_entry(STORE, new_entry("x", vendor="tiny-2"), NOW)
        raise LookupError

    jobs = [
        life.outbox.write(fail) if n % 5 == 0 else life.accept(f"o-{n}", vendor=f"tiny-{n % 3}")
        for n in range(150)
    ]
    await asyncio.gather(*jobs, return_exceptions=True)

    async def look(tx: Tx) -> dict[str, tuple[list[int], int]]:
        return {
            lane: (
                [entry.sequence for entry in await tx.standing(lane, 1000)],
                (await tx.depth(lane))["accepted"],
            )
            for lane, _, _ in await tx.lanes()
        }

    found = await life.outbox.read(look)
    assert found == {f"{STORE}/tiny-{n}": (list(range(1, 41)), 40) for n in range(3)}


async def test_what_was_told_is_there_after_a_restart(life: Life) -> None:
    entry = await life.accept(keys=("member:card=1",))
    outbox = await life.again()
    assert await outbox.read(lambda tx: tx.entry(entry.id)) == entry
    [standing] = await outbox.read(lambda tx: tx.standing(LANE, 10))
    assert standing.keys == frozenset(
        {"order:o-1", *(key for key in standing.keys if key.startswith("member:"))}
    )


async def test_a_members_identifier_rests_nowhere_in_the_file(life: Life) -> None:
    await life.accept(keys=("member:card=7000100042",))
    await life.outbox.write(lambda tx: tx.alias(LANE, "member:card=7000100042", "member:id=900001"))
    await life.outbox.stop()
    kept = b"".join(file.read_bytes() for file in life.path.parent.iterdir())
    assert b"7000100042" not in kept
    assert b"900001" not in kept
    await (await life.make()).start()


async def test_the_till_is_told_of_an_entry_by_the_job_that_wrote_it(life: Life) -> None:
    job = accept("o-1")
    entry = await life.outbox.write(job)
    assert (entry.state, entry.ask, entry.site) == ("queued", {"subject": "o-1"}, {"store": STORE})
