"""Transcripts told to the real runner and journal, with a vendor that answers from the script."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel

import tests.tiny
from gateway.core.adapter import Site
from gateway.core.errors import LookAgain, NoReply, NotSent, OrderRefused, Stuck, Unreachable
from gateway.core.flow import Call, Flow, Reply
from gateway.edge.outbox import SqlOutbox
from gateway.edge.outbox.database import InLoopDatabase
from gateway.edge.seal import Seal
from gateway.engine.ports import Account, Send
from gateway.engine.runner import Runner
from tests.adapters.transcript import Step, Transcript, said, transcripts, transcripts_of
from tests.virtual import VirtualClock
from tests.world import KEY, ROOM, Log

TINY = Path(tests.tiny.__file__).parent

ALL: tuple[Transcript, ...] = (*transcripts(), *transcripts_of(TINY, tests.tiny.ADAPTER))
"""This house's vendors and a third party's: one suite for all."""

TALKING = tuple(transcript for transcript in ALL if transcript.steps)
"""Those that say something."""

Fault = Literal[
    "not_sent", "no_reply_before", "no_reply_after", "crash_before", "crash_after", "page"
]
LOST: tuple[Fault, ...] = get_args(Fault)[1:-1]
"""Faults after which nobody knows whether the vendor acted; a page says as little."""

AFTER: tuple[Fault, ...] = ("no_reply_after", "crash_after")
"""Faults after which it has."""

PAGE = Reply(status=200, body=b"<html>come back later</html>")
"""Somebody on the way speaks, and calls it success."""

NOT_UNDERSTOOD = Reply(status=503, body=b"not understood")
"""The same where the script ends."""

RUNS = 3
"""The run that meets the fault, the one after it, and one more that must not change a thing."""


@dataclass(frozen=True, kw_only=True)
class End:
    """How a story ended: in a result, or in the error a lane acts on."""

    kind: str
    result: dict[str, Any] | None = None
    detail: str = field(default="", compare=False)

    def alike(self, other: "End") -> bool:
        """Tell whether two ends are of one kind, for one reason."""
        reasons = [(end.result or {}).get("reason") for end in (self, other)]
        return self.kind == other.kind and reasons[0] == reasons[1]


def ended(spelled: dict[str, Any]) -> End:
    """Read an end from a result as a transcript spells it."""
    if "accepted" in spelled:
        return End(kind="accepted" if spelled["accepted"] else "refused", result=spelled)
    return End(kind=spelled.get("kind") or spelled.get("outcome") or "listed", result=spelled)


def end_of(transcript: Transcript) -> End:
    """Tell a transcript's end as a lane sees it: nonsense to a repeatable call is no reply."""
    if transcript.raises is None:
        return ended(transcript.outcome or {})
    error = transcript.raises["error"]
    if error == "VendorNonsense" and not transcript.steps[-1].call["once"]:
        return End(kind="NoReply")
    return End(kind=error)


@dataclass(kw_only=True)
class Script:
    """A vendor that answers as a transcript's did; one fault strikes one step, once.

    `sent` is what may have arrived, `struck` the call the fault hit. A step that the transcript
    calls repeated or that nobody answers there loses its first answer here too.
    """

    transcript: Transcript
    fault: Fault | None = None
    at: str = ""
    sent: list[Call] = field(default_factory=list)
    struck: Call | None = None

    async def __call__(self, account: Account, call: Call, site: Site) -> Reply:
        step = step_of(self.transcript, call)
        if self.fault is not None and call.step == self.at and self.struck is None:
            self.struck = call
            return self._strike(call, self.fault)
        self.sent.append(call)
        if step is None:
            return NOT_UNDERSTOOD
        reply = step.reply
        first = Counter(sent.step for sent in self.sent)[call.step] == 1
        if reply is None or reply.status == 0 or (reply.repeated and first):
            raise NoReply("connection reset")
        again = answer_again(self.transcript, step, self.fault) if self.struck == call else None
        return replace(again or reply, repeated=False)

    def _strike(self, call: Call, fault: Fault) -> Reply:
        if fault == "not_sent":
            raise NotSent("connection refused")
        self.sent.append(call)
        if fault in ("crash_before", "crash_after"):
            raise asyncio.CancelledError
        if fault == "page":
            return PAGE
        raise NoReply("connection reset")


def step_of(transcript: Transcript, call: Call) -> Step | None:
    """Find a call's step, None where the script does not know it; it must say just the same."""
    for step in transcript.steps:
        if step.call["step"] == call.step:
            assert said(call) == step.call, f"{transcript}: {call.step} is said in other words"
            return step
    return None


def answer_again(transcript: Transcript, step: Step, fault: Fault | None) -> Reply | None:
    """What the vendor says to a call it has done before, where a transcript tells."""
    if fault not in AFTER or end_of(transcript).kind not in ("applied", "accepted"):
        return None
    for told in ALL:
        for other in told.steps if told.family == transcript.family else ():
            if other.call == step.call and other.reply is not None and other.reply.repeated:
                return other.reply
    return None


def flow_of(transcript: Transcript) -> Flow[BaseModel]:
    """Begin the flow a transcript is about."""
    says = transcript.adapter.operations[transcript.operation]  # type: ignore[index]
    return says.flow(transcript.ask, transcript.site)


@dataclass(kw_only=True)
class Journal:
    """The real outbox over a file, and what was logged over it; a crash opens it anew."""

    path: Path
    outbox: SqlOutbox = field(init=False)
    log: Log = field(default_factory=Log)

    async def start(self) -> None:
        """Open the file: starting is recovering."""
        self.outbox = SqlOutbox(
            InLoopDatabase(self.path), Seal([KEY]), free_bytes=lambda: ROOM, on_failure=_fail
        )
        await self.outbox.start()

    async def stop(self) -> None:
        """Let go of the file."""
        await self.outbox.stop()

    async def tell(
        self,
        transcript: Transcript,
        send: Send,
        *,
        owner: str,
        bend: Callable[[Flow[BaseModel]], Flow[BaseModel]] = lambda flow: flow,
    ) -> End:
        """Run a flow until it ends, from the top after every fault.

        `owner` names its journal, and its account; `bend` may alter the flow.
        """
        end = End(kind="NoReply")
        lost = sum(step.reply is None or step.reply.repeated for step in transcript.steps)
        for _ in range(RUNS + lost):
            runner = Runner(outbox=self.outbox, send=send, clock=VirtualClock(), log=self.log)
            try:
                result = await runner.run(
                    bend(flow_of(transcript)),
                    owner=owner,
                    account=Account(vendor=owner, store="0042"),
                    site=transcript.site,
                    understands=transcript.adapter.understands,
                    facts={"owner": owner},
                )
            except Unreachable as error:
                end = End(kind=type(error).__name__, detail=error.detail)
            except asyncio.CancelledError:
                await self.stop()
                await self.start()
            except (OrderRefused, LookAgain, Stuck) as error:
                return End(kind=type(error).__name__, detail=error.detail)
            else:
                return ended(result.model_dump(mode="json", exclude_defaults=True))
        return end

    async def doubted(self, owner: str) -> list[str]:
        """Name the steps whose doubt was written down."""
        steps = await self.outbox.read(lambda tx: tx.steps(owner))
        return [step.name for step in steps if step.doubted_at is not None]


def _fail(failure: Exception) -> None:
    raise failure
