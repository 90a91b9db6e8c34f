"""The outbox against fifty lines that say what it is: any acts in any order, and any restart."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.core.flow import Call, Reply, once, repeatable
from gateway.core.outcome import Outcome
from gateway.edge.outbox import RESERVE_BYTES, SqlOutbox
from gateway.edge.outbox.database import InLoopDatabase
from gateway.edge.seal import Seal
from gateway.engine.ports import Tx
from tests.edge.outbox.conftest import KEY, NOW, STORE, new_entry
from tests.world import fast_file

T = TypeVar("T")

VENDORS = ("tiny-1", "tiny-2")
MEMBERS = ("ana", "bob")


@dataclass(kw_only=True)
class Row:
    """An entry as it should be."""

    id: int
    lane: str
    sequence: int
    keys: frozenset[str]
    state: str = "queued"
    attempts: int = 0
    starts: int = 0
    lost_runs: int = 0
    due: bool = False
    outcome: str | None = None


@dataclass(kw_only=True)
class Said:
    """A step as it should be."""

    name: str
    fresh: bool
    lost: int = 0
    doubted: bool = False
    reply: int | None = None


@dataclass(kw_only=True)
class Model:
    """What the outbox is, without a disk."""

    rows: list[Row] = field(default_factory=list)
    steps: dict[str, dict[int, Said]] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def accept(self, vendor: str, keys: frozenset[str]) -> Row:
        lane = f"{STORE}/{vendor}"
        place = 1 + sum(row.lane == lane for row in self.rows)
        row = Row(id=len(self.rows) + 1, lane=lane, sequence=place, keys=keys)
        self.rows.append(row)
        return row

    def standing(self, lane: str) -> list[tuple[int, str, frozenset[str], int, bool]]:
        return [
            (row.id, row.state, self.named(row), row.lost_runs, row.due)
            for row in self.rows
            if row.lane == lane and row.state != "done"
        ]

    def named(self, row: Row) -> frozenset[str]:
        return frozenset(self.names.get((row.lane, key), key) for key in row.keys)

    def intend(self, owner: str, position: int, call: Call) -> int:
        steps = self.steps.setdefault(owner, {})
        before = steps.get(position)
        lost = 0 if before is None else before.lost + 1
        fresh = call.fresh if before is None else before.fresh
        doubted = before is not None and before.doubted
        steps[position] = Said(name=call.step, fresh=fresh, lost=lost, doubted=doubted)
        return lost

    def withdraw(self, owner: str, position: int) -> None:
        step = self.steps[owner][position]
        if step.lost == 0:
            del self.steps[owner][position]
        step.lost -= 1

    def settle(self, owner: str, position: int, call: Call, status: int) -> None:
        step = self.steps.setdefault(owner, {}).setdefault(
            position, Said(name=call.step, fresh=call.fresh)
        )
        step.name, step.fresh, step.reply = call.step, call.fresh, status

    def undoubt(self, owner: str) -> None:
        steps = self.steps.get(owner, {})
        first = min((at for at, step in steps.items() if step.doubted), default=10**6)
        for at in [at for at in steps if at >= first]:
            del steps[at]


CALLS = st.sampled_from(
    [
        once("sell", "POST", "/sales", body={"a": 1}),
        repeatable("read", "GET", "/members", fresh=True),
        repeatable("close", "DELETE", "/seats"),
    ]
)
POSITIONS = st.integers(1, 3)
WHICH = st.integers(0, 5)

ENTRIES = 5
"""Few enough that acts meet on one entry, enough for two lanes."""


class OutboxMachine(RuleBasedStateMachine):
    """Does the same to both, and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.path = fast_file()
        self.model = Model()
        self.start()

    def start(self) -> None:
        self.outbox = SqlOutbox(
            InLoopDatabase(self.path),
            Seal([KEY]),
            free_bytes=lambda: RESERVE_BYTES,
            on_failure=lambda _failure: None,
        )
        self.loop.run_until_complete(self.outbox.start())

    def teardown(self) -> None:
        self.loop.run_until_complete(self.outbox.stop())
        self.loop.close()

    def write(self, job: Callable[[Tx], Awaitable[T]]) -> T:
        return self.loop.run_until_complete(self.outbox.write(job))

    def read(self, job: Callable[[Tx], Awaitable[T]]) -> T:
        return self.loop.run_until_complete(self.outbox.read(job))

    def any_row(self, which: int) -> Row:
        return self.model.rows[which % len(self.model.rows)]

    @precondition(lambda self: len(self.model.rows) < ENTRIES)
    @rule(
        vendor=st.sampled_from(VENDORS),
        subject=st.sampled_from(("o-1", "o-2")),
        member=st.sampled_from((None, *MEMBERS)),
    )
    def accept(self, vendor: str, subject: str, member: str | None) -> None:
        keys = () if member is None else (f"member:{member}",)
        new = new_entry(subject, vendor=vendor, keys=keys)
        entry = self.write(lambda tx: tx.add_entry(STORE, new, NOW))
        row = self.model.accept(vendor, frozenset(new.keys))
        assert (entry.id, entry.lane, entry.sequence) == (row.id, row.lane, row.sequence)

    @precondition(lambda self: self.model.rows)
    @rule(which=WHICH)
    def begin(self, which: int) -> None:
        row = self.any_row(which)
        entry = self.write(lambda tx: tx.begin(row.id, [1, 2]))
        assert (entry is not None) == (row.state == "queued")
        if entry is not None:
            row.attempts, row.starts = row.attempts + 1, row.starts + 1
            assert (entry.attempts, entry.starts, entry.overtook) == (
                row.attempts,
                row.starts,
                (1, 2),
            )

    @precondition(lambda self: self.model.rows)
    @rule(which=WHICH, lost=st.integers(0, 3), due=st.booleans())
    def rest(self, which: int, lost: int, due: bool) -> None:
        row = self.any_row(which)
        due_at = NOW + timedelta(seconds=60) if due else None
        self.write(
            lambda tx: tx.rest(
                row.id, lost_runs=lost, due_at=due_at, reason="unreachable", detail="away"
            )
        )
        if row.state == "queued":
            row.starts, row.lost_runs, row.due = 0, lost, due

    @precondition(lambda self: self.model.rows)
    @rule(which=WHICH, kind=st.sampled_from(("applied", "declined")))
    def finish(self, which: int, kind: Any) -> None:
        row = self.any_row(which)
        self.write(lambda tx: tx.finish(row.id, Outcome(kind=kind), NOW))
        if row.state != "done":
            row.state, row.outcome = "done", kind
            row.starts = row.lost_runs = 0

    @precondition(lambda self: self.model.rows)
    @rule(which=WHICH)
    def park(self, which: int) -> None:
        row = self.any_row(which)
        self.write(lambda tx: tx.park(row.id, "in_doubt", "sent, and no answer"))
        if row.state == "queued":
            row.state, row.starts, row.due = "parked", 0, False

    @precondition(lambda self: self.model.rows)
    @rule(which=WHICH)
    def unpark(self, which: int) -> None:
        row = self.any_row(which)
        self.write(lambda tx: tx.unpark(row.id))
        if row.state == "parked":
            row.state, row.starts, row.lost_runs, row.due = "queued", 0, 0, False

    @rule(vendor=st.sampled_from(VENDORS), member=st.sampled_from(MEMBERS), id_=st.integers(1, 2))
    def alias(self, vendor: str, member: str, id_: int) -> None:
        lane, key, known = f"{STORE}/{vendor}", f"member:{member}", f"member:id={id_}"
        self.write(lambda tx: tx.alias(lane, key, known))
        self.model.names[lane, key] = known

    @precondition(lambda self: self.model.rows)
    @rule(which=WHICH, position=POSITIONS, call=CALLS)
    def intend(self, which: int, position: int, call: Call) -> None:
        owner = f"entry:{self.any_row(which).id}"
        lost = self.write(lambda tx: tx.intend(owner, position, call))
        assert lost == self.model.intend(owner, position, call)

    @precondition(lambda self: any(self.model.steps.values()))
    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        owner, position = self.any_step(which)
        self.write(lambda tx: tx.withdraw(owner, position))
        self.model.withdraw(owner, position)

    @precondition(lambda self: self.model.rows)
    @rule(which=WHICH, position=POSITIONS, call=CALLS, status=st.sampled_from((0, 200, 409)))
    def settle(self, which: int, position: int, call: Call, status: int) -> None:
        owner = f"entry:{self.any_row(which).id}"
        self.write(lambda tx: tx.settle(owner, position, call, Reply(status=status, body=b"{}")))
        self.model.settle(owner, position, call, status)

    @precondition(lambda self: any(self.model.steps.values()))
    @rule(which=WHICH)
    def doubt(self, which: int) -> None:
        owner, position = self.any_step(which)
        self.write(lambda tx: tx.doubt(owner, position, NOW))
        self.model.steps[owner][position].doubted = True

    @precondition(lambda self: any(self.model.steps.values()))
    @rule(which=WHICH)
    def undoubt(self, which: int) -> None:
        owner, _ = self.any_step(which)
        self.write(lambda tx: tx.undoubt(owner))
        self.model.undoubt(owner)

    @precondition(lambda self: any(self.model.steps.values()))
    @rule(which=WHICH)
    def forget(self, which: int) -> None:
        owner, position = self.any_step(which)
        self.write(lambda tx: tx.forget(owner, position))
        step = self.model.steps[owner][position]
        step.reply = None
        if step.fresh:
            del self.model.steps[owner][position]

    @rule()
    def restart(self) -> None:
        self.loop.run_until_complete(self.outbox.stop())
        self.start()

    def any_step(self, which: int) -> tuple[str, int]:
        steps = [(owner, at) for owner, known in self.model.steps.items() for at in known]
        return steps[which % len(steps)]

    @invariant()
    def what_stands_stands_in_sequence_with_what_it_depends_on(self) -> None:
        for vendor in VENDORS:
            lane = f"{STORE}/{vendor}"
            found = self.read(lambda tx, lane=lane: tx.standing(lane, 100))  # type: ignore[misc]  # mypy wants one argument
            expected = self.model.standing(lane)
            assert [
                (one.id, one.state, len(one.keys), one.lost_runs, one.due_at is not None)
                for one in found
            ] == [(id_, state, len(keys), lost, due) for id_, state, keys, lost, due in expected]
            assert _same([one.keys for one in found], [keys for _, _, keys, _, _ in expected])

    @invariant()
    def what_was_accepted_is_done_queued_or_parked(self) -> None:
        for vendor in VENDORS:
            lane = f"{STORE}/{vendor}"
            depth = self.read(lambda tx, lane=lane: tx.depth(lane))  # type: ignore[misc]  # as above
            mine = [row for row in self.model.rows if row.lane == lane]
            assert depth["accepted"] == len(mine)
            for state in ("done", "queued", "parked"):
                assert depth[state] == sum(row.state == state for row in mine)

    @invariant()
    def a_journal_holds_what_was_written_down(self) -> None:
        for row in self.model.rows:
            owner = f"entry:{row.id}"
            found = self.read(lambda tx, owner=owner: tx.steps(owner))  # type: ignore[misc]  # as above
            known = sorted(self.model.steps.get(owner, {}).items())
            assert [
                (one.position, one.name, one.fresh, one.lost, one.doubted_at is not None)
                for one in found
            ] == [(at, one.name, one.fresh, one.lost, one.doubted) for at, one in known]
            assert [one.reply and one.reply.status for one in found] == [
                one.reply for _, one in known
            ]
            said = row.starts > 0 or any(not step.fresh for _, step in known)
            assert self.read(lambda tx, id_=row.id: tx.was_said(id_)) == said  # type: ignore[misc]  # as above


def _same(found: list[frozenset[str]], expected: list[frozenset[str]]) -> bool:
    """Tell whether hashed keys meet each other just as the plain ones do."""
    return all(
        found[one].isdisjoint(found[two]) == expected[one].isdisjoint(expected[two])
        for one in range(len(found))
        for two in range(one)
    )


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
