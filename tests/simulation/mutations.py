"""Ways to break the engine, each as somebody might: what the simulation must not let pass."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.errors import InDoubt, Unreachable
from gateway.core.flow import Call, Reply
from gateway.edge.outbox import SqlOutbox
from gateway.edge.outbox.entries import EntryActs
from gateway.engine import policy
from gateway.engine.delivery import Ages
from gateway.engine.doors import Doors
from gateway.engine.lane import Lane
from gateway.engine.rows import Entry, Standing
from gateway.engine.runner import _Run
from gateway.engine.unwind import UnwindStep, plan

LATE_SECONDS = 2.0
"""How much later than its answer a careless journal writes."""

GROUPS_PER_SYNC = 4
"""Transactions that a careless outbox acknowledges before it syncs."""

NEVER = datetime(9000, 1, 1, tzinfo=UTC)

Patch = pytest.MonkeyPatch
Mutation = Callable[[Patch], None]


def send_before_intention(patch: Patch) -> None:
    """Send, and write down afterwards that it was sent."""

    async def ask(run: Any, position: int, call: Call) -> Reply:
        reply: Reply = await run._send(call)
        outbox, owner = run._runner.outbox, run._owner
        await outbox.write(lambda tx: tx.intend(owner, position, call))
        await outbox.write(lambda tx: tx.settle(owner, position, call, reply))
        return reply

    patch.setattr(_Run, "_ask", ask)


def blind_resend(patch: Patch) -> None:
    """Send again whatever had no reply."""
    answer = _Run._answer

    async def careless(run: Any, position: int, call: Call) -> Reply | InDoubt:
        step = run._journal.get(position)
        if step is not None and step.reply is None:
            reply: Reply = await run._ask(position, call)
            return reply
        return await answer(run, position, call)

    patch.setattr(_Run, "_answer", careless)


def acknowledge_before_commit(patch: Patch) -> None:
    """Tell everyone that it is stored, and store it when there is more to store."""
    waiting: dict[SqlOutbox, int] = {}

    async def commit(outbox: Any, group: Sequence[Any]) -> None:
        if outbox not in waiting:
            await outbox._database.execute("BEGIN IMMEDIATE")
        waiting[outbox] = waiting.get(outbox, 0) + 1
        for one in group:
            value, error = await outbox._attempt(one)
            if not one.done.done():
                one.done.set_exception(error) if error else one.done.set_result(value)
        if waiting[outbox] >= GROUPS_PER_SYNC:
            del waiting[outbox]
            await outbox._database.execute("COMMIT")

    patch.setattr(SqlOutbox, "_commit", commit)


def reply_before_journal(patch: Patch) -> None:
    """Go on with a reply, and write it down later."""
    later: set[asyncio.Task[None]] = set()

    async def ask(run: Any, position: int, call: Call) -> Reply:
        outbox, owner = run._runner.outbox, run._owner
        await outbox.write(lambda tx: tx.intend(owner, position, call))
        reply: Reply = await run._send(call)

        async def settle() -> None:
            await asyncio.sleep(LATE_SECONDS)
            await outbox.write(lambda tx: tx.settle(owner, position, call, reply))

        later.add(asyncio.create_task(settle()))
        return reply

    patch.setattr(_Run, "_ask", ask)


def park_on_outage(patch: Patch) -> None:
    """Set an entry aside because its vendor is away."""

    async def unreached(lane: Any, entry: Entry, error: Unreachable) -> None:
        await lane._park(entry, error.reason, error.detail)

    patch.setattr(Lane, "_unreached", unreached)


def believe_the_wall_clock(patch: Patch) -> None:
    """Measure ages and holds by a clock that somebody sets."""

    def now(ages: Any, *_: Entry) -> datetime:
        told: datetime = ages._clock.now()
        return told

    patch.setattr(Ages, "moment", now)
    patch.setattr(Ages, "now", now)


def forget_what_depends(patch: Patch) -> None:
    """Let an entry pass another of its own member or order."""
    pick = policy.pick

    def careless(standing: Sequence[Standing], *rest: Any, **more: Any) -> Any:
        return pick([replace(one, keys=frozenset()) for one in standing], *rest, **more)

    patch.setattr(policy, "pick", careless)


def void_overtakes_its_order(patch: Patch) -> None:
    """Let a void go before the order that it is about."""
    patch.setattr("gateway.engine.undoing.keys_of", lambda *_: ())


def say_again_in_the_wrong_order(patch: Patch) -> None:
    """Unwind, and say the newest order again first."""

    def careless(target: Entry, newer: Sequence[Entry]) -> tuple[UnwindStep, ...]:
        steps = plan(target, newer)
        down = [step for step in steps if step.act == "void"]
        return (*down, *reversed([step for step in steps if step.act == "submit"]))

    patch.setattr("gateway.engine.unwinding.plan", careless)


def forget_holds_at_restart(patch: Patch) -> None:
    """Begin a life without what the last one held."""
    begin = Doors.open

    async def careless(doors: Any) -> None:
        outbox = doors.desk.outbox
        for store, visit_id in await outbox.read(lambda tx: tx.overdue_visits(NEVER, 1000)):
            await outbox.write(lambda tx, s=store, v=visit_id: tx.shut_visit(s, v))
        await begin(doors)

    patch.setattr(Doors, "open", careless)


def cancel_what_was_sent(patch: Patch) -> None:
    """Take everything that has not ended to be unsent."""

    async def was_said(_acts: Any, _entry_id: int) -> bool:
        return False

    patch.setattr(EntryActs, "was_said", was_said)


MUTATIONS: dict[Mutation, tuple[int, ...]] = {
    send_before_intention: (13, 12, 6, 17, 5),
    blind_resend: (13, 12, 6, 5, 17),
    acknowledge_before_commit: (17, 41, 43, 5, 87),
    reply_before_journal: (3, 11, 0, 7, 5),
    park_on_outage: (3, 10, 0, 6, 5),
    believe_the_wall_clock: (181, 21, 155, 234, 223),
    forget_what_depends: (88, 36, 85, 46, 6),
    void_overtakes_its_order: (124, 95, 88, 114, 117),
    say_again_in_the_wrong_order: (259, 428, 1038, 1112),
    forget_holds_at_restart: (640, 251, 307, 413, 684),
    cancel_what_was_sent: (92, 147, 28, 87, 55),
}
"""Each mutation with seeds of stories in which it shows."""
