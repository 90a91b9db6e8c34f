"""Carries out an unwind: each step has a journal of its own, so it can be resumed anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core import strict_json
from gateway.core.adapter import Adapter, Site
from gateway.core.errors import Stuck
from gateway.core.flow import Call, Reply
from gateway.core.operation import ENTRY, Record, Submit, Void
from gateway.core.outcome import Outcome, Reason, declined
from gateway.engine.ports import Account
from gateway.engine.rows import Entry
from gateway.engine.runner import Runner
from gateway.engine.unwind import UnwindStep, plan, spelled


class NeedsApproval(Stuck):
    """The plan waits for a person to approve it."""

    reason: Reason = "needs_approval"


class StoppedHalfWay(Stuck):
    """A step of the unwind was refused."""

    reason: Reason = "vendor_declined"


@dataclass(frozen=True, kw_only=True)
class Unwinding:
    """One void that has newer orders in its way."""

    runner: Runner
    adapter: Adapter
    site: Site
    entry: Entry
    facts: dict[str, Any]

    async def carry_out(self, target: Entry, newer: Sequence[Entry], depth: int) -> Outcome:
        """Void down to the target and say the others again; the outcome is the target's void.

        Raises NeedsApproval with the plan, StoppedHalfWay with the steps that remain, or what the
        runner raises; a later run goes on where this one stopped.
        """
        steps = plan(target, newer)
        if len(newer) > depth:
            return declined(
                "void_not_newest",
                f"{len(newer)} newer orders stand, unwind_depth is {depth}: "
                + ", ".join(entry.receipt_number or entry.subject for entry in newer),
            )
        if not self.entry.approved:
            raise NeedsApproval(f"approve by retry: {spelled(steps)}")
        undone = Outcome(kind="applied")
        records = await self._records((target, *newer))
        for number, step in enumerate(steps):
            outcome = await self._do(number, step, records[str(step.entry.id)])
            if outcome.kind != "applied":
                raise StoppedHalfWay(
                    f"{step} was refused ({outcome.reason}: {outcome.detail}); "
                    f"remaining: {spelled(steps[number:])}"
                )
            if step.entry.id == target.id:
                undone = outcome
            elif step.act == "submit":
                await self._remap(step.entry, outcome)
        return undone

    async def _records(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """What the vendor held of each order before the first step: journalled, so it stays."""
        owner = f"entry:{self.entry.id}.plan"
        outbox = self.runner.outbox
        known = await outbox.read(lambda tx: tx.steps(owner))
        notes = [step.reply for step in known if step.reply is not None]
        if notes:
            return dict(notes[0].json())
        records = {str(entry.id): _record(entry) for entry in entries}
        note = Reply(status=200, body=strict_json.dumps(records))
        call = Call(step="plan", method="", path="")
        await outbox.write(lambda tx: tx.settle(owner, 1, call, note))
        return records

    async def _do(self, number: int, step: UnwindStep, record: dict[str, Any]) -> Outcome:
        said: Submit = ENTRY.validate_python(step.entry.ask)  # type: ignore[assignment]
        ask: Submit | Void = said
        if step.act == "void":
            ask = Void(
                at=self.entry.accepted_at,
                order_id=said.order_id,
                order=said.order,
                visit=said.visit,
                reason="unwind",
                record=Record.model_validate(record),
            )
        outcome: Outcome = await self.runner.run(
            self.adapter.operations[step.act].flow(ask, self.site),
            owner=f"entry:{self.entry.id}.{number}",
            account=Account(vendor=self.entry.vendor, store=self.entry.store),
            site=self.site,
            understands=self.adapter.understands,
            facts={**self.facts, "unwinding": step.entry.subject},
        )
        return outcome

    async def _remap(self, entry: Entry, outcome: Outcome) -> None:
        """The order stands under a new reference from now on."""
        await self.runner.outbox.write(lambda tx: tx.amend(entry.id, outcome))


def _record(entry: Entry) -> dict[str, Any]:
    outcome = entry.outcome
    return {
        "state": entry.ask["order"]["state"],
        "reference": outcome.reference if outcome else None,
        "member_id": outcome.member_id if outcome else None,
        "order": entry.ask["order"],
        "keep": outcome.keep if outcome else {},
    }
