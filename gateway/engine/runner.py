"""Drives one flow to its end, once: what the journal holds is recalled, the rest is said."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gateway.core.adapter import Site
from gateway.core.errors import (
    FlowTooLong,
    InDoubt,
    NoReply,
    NotSent,
    ReplayMismatch,
    VendorNonsense,
)
from gateway.core.flow import STEPS, Call, Flow, Reply
from gateway.engine import policy
from gateway.engine.ports import Account, Clock, Log, Outbox, Send
from gateway.engine.rows import Step

R = TypeVar("R")


async def _at_once(_account: Account) -> None:
    """Nobody else is in the way."""


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Runs flows against the journal in the outbox and the vendors behind `send`.

    `turn` waits for the account's next turn, before a call is written down as sent.
    """

    outbox: Outbox
    send: Send
    clock: Clock
    log: Log
    turn: Callable[[Account], Awaitable[None]] = _at_once

    async def run(
        self,
        flow: Flow[R],
        *,
        owner: str,
        account: Account,
        site: Site,
        understands: Callable[[Reply], bool],
        facts: dict[str, Any],
    ) -> R:
        """Drive a flow from the top; `owner` names its journal.

        Raises Unreachable (try again later), LookAgain, or Stuck (a person must look).
        """
        steps = await self.outbox.read(lambda tx: tx.steps(owner))
        run = _Run(
            runner=self,
            flow=flow,
            owner=owner,
            account=account,
            site=site,
            understands=understands,
            facts=facts,
            journal={step.position: step for step in steps},
        )
        try:
            return await run.to_the_end()
        finally:
            flow.close()


class _Run(Generic[R]):
    def __init__(
        self,
        *,
        runner: Runner,
        flow: Flow[R],
        owner: str,
        account: Account,
        site: Site,
        understands: Callable[[Reply], bool],
        facts: dict[str, Any],
        journal: dict[int, Step],
    ) -> None:
        self._runner = runner
        self._flow = flow
        self._owner = owner
        self._account = account
        self._site = site
        self._understands = understands
        self._facts = facts
        self._journal = journal
        self._pinned = max((at for at, step in journal.items() if not step.fresh), default=0)
        self._last: tuple[int, Call] | None = None

    async def to_the_end(self) -> R:
        position = 0
        answer: Reply | InDoubt | None = None
        while True:
            try:
                call = (
                    self._flow.throw(answer)
                    if isinstance(answer, InDoubt)
                    else self._flow.send(answer)  # type: ignore[arg-type]  # None starts it
                )
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]  # R by the flow's own type
            except VendorNonsense as nonsense:
                await self._forget_nonsense(nonsense)
                raise
            position += 1
            if position > STEPS:
                raise FlowTooLong(f"more than {STEPS} calls")
            self._last = (position, call)
            answer = await self._answer(position, call)

    async def _answer(self, position: int, call: Call) -> Reply | InDoubt:
        step = self._journal.get(position)
        if step is not None and not (call.fresh and position > self._pinned):
            if step.fingerprint != call.fingerprint():
                raise ReplayMismatch(
                    f"step {position} was {step.name}, and is now {call.step} or says other things"
                )
            if step.doubted_at is not None:
                return InDoubt(f"{call.step} was sent, and no answer came back")
            if step.reply is not None:
                return step.reply
            if call.once:
                now = self._runner.clock.now()
                await self._runner.outbox.write(lambda tx: tx.doubt(self._owner, position, now))
                self._say("call.doubted", call)
                return InDoubt(f"{call.step} was sent, and no answer came back")
        return await self._ask(position, call)

    async def _ask(self, position: int, call: Call) -> Reply:
        """Intend, send, settle; a call nobody has to answer never fails."""
        outbox, owner = self._runner.outbox, self._owner
        await self._runner.turn(self._account)
        lost = 0
        if not call.fresh:
            lost = await outbox.write(lambda tx: tx.intend(owner, position, call))
        try:
            reply = await self._send(call)
        except NotSent as error:
            if not call.fresh:
                await outbox.write(lambda tx: tx.withdraw(owner, position))
            self._say("call.unsent", call, detail=error.detail)
            if not call.optional:
                raise
            reply = Reply(status=0)
        except NoReply as error:
            self._say("call.lost", call, detail=error.detail)
            if not call.optional:
                raise
            reply = Reply(status=0)
        heard = Reply(
            status=reply.status, headers=reply.headers, body=reply.body, repeated=lost > 0
        )
        await outbox.write(lambda tx: tx.settle(owner, position, call, heard))
        return heard

    async def _send(self, call: Call) -> Reply:
        clock = self._runner.clock
        began = clock.monotonic()
        reply = await self._runner.send(self._account, call, self._site)
        self._say(
            "call.answered",
            call,
            status=reply.status,
            milliseconds=round((clock.monotonic() - began) * 1000),
        )
        return policy.judge(reply, self._understands)

    async def _forget_nonsense(self, nonsense: VendorNonsense) -> None:
        """Nonsense to a repeatable call was somebody else's answer: forget it, ask again later."""
        if self._last is None or self._last[1].once:
            return
        position, call = self._last
        await self._runner.outbox.write(lambda tx: tx.forget(self._owner, position))
        self._say("call.lost", call, detail=nonsense.detail)
        raise NoReply(nonsense.detail) from None

    def _say(self, event: str, call: Call, **facts: Any) -> None:
        self._runner.log(event, step=call.step, **self._facts, **facts)


def first_call(flow: Flow[R]) -> Call | R:
    """Take a flow's first step and throw the rest away; what it returns at once is returned.

    Raises OrderRefused where the flow refuses what it was asked to say.
    """
    try:
        return next(flow)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # R by the flow's own type
    finally:
        flow.close()
