"""Delivers one entry: decides what can be decided here, runs the flow for the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.core.adapter import Adapter, Site, StoreSettings
from gateway.core.operation import ENTRY, Record, Refund, Submit, Void
from gateway.core.outcome import Outcome, declined, skipped
from gateway.engine import policy
from gateway.engine.ports import Account, Clock
from gateway.engine.routing import Plan
from gateway.engine.rows import Entry
from gateway.engine.runner import Runner
from gateway.engine.unwinding import Unwinding

LEAP_SECONDS = 900.0
"""A clock that is set wrong is mostly set right again within minutes."""

CLOCK_SLACK_SECONDS = 300.0
"""How far the wall clock may drift from the monotonic one before its ages are not believed."""

KNOWN_AGES = 10_000
"""Entries whose acceptance is remembered; more than a store sells while it is cut off."""

CLAIMED = 200
"""References a look is told not to take: more than any store sells while it looks."""


class Ages:
    """How long entries have waited (traps.md).

    By the steady clock for entries accepted in this life; by the wall clock, as long as it can be
    trusted, for those of an earlier one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall = clock.now()
        self._steady = clock.monotonic()
        self._leapt_at: float | None = None
        self._accepted: dict[int, float] = {}

    def accepted(self, entry_id: int) -> None:
        """An entry begins to wait."""
        self._accepted[entry_id] = self._clock.monotonic()
        if len(self._accepted) > KNOWN_AGES:
            del self._accepted[next(iter(self._accepted))]

    def now(self, entry: Entry) -> datetime:
        """The moment to judge an entry's age by."""
        began = self._accepted.get(entry.id)
        if began is not None:
            return entry.accepted_at + timedelta(seconds=self._clock.monotonic() - began)
        return self.moment()

    def moment(self) -> datetime:
        """Wall time without leaps: a leap is believed once it has stood for LEAP_SECONDS."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        expected = self._wall + timedelta(seconds=steady - self._steady)
        if abs((wall - expected).total_seconds()) < CLOCK_SLACK_SECONDS:
            self._leapt_at = None
            return wall
        if self._leapt_at is None:
            self._leapt_at = steady
        if steady - self._leapt_at >= LEAP_SECONDS:
            self._wall, self._steady, self._leapt_at = wall, steady, None
            return wall
        return expected


@dataclass(kw_only=True)
class Delivery:
    """Brings an entry to its outcome, or raises why not yet."""

    runner: Runner
    plan: Callable[[], Plan]
    clock: Clock
    ages: Ages

    async def deliver(self, entry: Entry) -> Outcome:
        """Raises Unreachable, LookAgain or Stuck, as the runner does."""
        adapter = self.plan().adapters[entry.adapter]
        said = await self.runner.outbox.read(lambda tx: tx.was_intended(entry.id))
        if not said:
            old = self._too_old(entry, adapter)
            if old is not None:
                return old
        site = adapter.site.model_validate(entry.site)
        ask = ENTRY.validate_python(entry.ask)
        if isinstance(ask, Submit | Void | Refund):
            history = await self.runner.outbox.read(
                lambda tx: tx.entries_of(entry.store, entry.subject)
            )
            earlier = [
                other
                for other in history
                if other.vendor == entry.vendor and other.sequence < entry.sequence
            ]
            if isinstance(ask, Void | Refund):
                decided = await self._decide_undoing(entry, earlier, adapter, site)
                if decided is not None:
                    return decided
            ask = ask.model_copy(update={"record": record_of(earlier)})
        if isinstance(ask, Submit) and said:
            claimed = await self.runner.outbox.read(lambda tx: tx.references(entry.lane, CLAIMED))
            ask = ask.model_copy(update={"claimed": tuple(claimed)})
        return await self.runner.run(
            adapter.operations[entry.operation].flow(ask, site),
            owner=f"entry:{entry.id}",
            account=Account(vendor=entry.vendor, store=entry.store),
            site=site,
            understands=adapter.understands,
            facts=facts_of(entry),
        )

    def _too_old(self, entry: Entry, adapter: Adapter) -> Outcome | None:
        store = self.plan().stores.get(entry.store)
        limits = store.max_age_seconds if store else {}
        limit = limits.get(
            (entry.operation, entry.adapter), adapter.operations[entry.operation].max_age_seconds
        )
        now = self.ages.now(entry)
        if not policy.too_old(entry.accepted_at, now, limit):
            return None
        waited = round((now - entry.accepted_at).total_seconds())
        return declined(
            "too_old", f"waited {waited} s, the limit is {limit:.0f} s; it was not sent"
        )

    async def _decide_undoing(
        self, entry: Entry, earlier: Sequence[Entry], adapter: Adapter, site: Site
    ) -> Outcome | None:
        """What is not one plain call: nothing is recorded, or newer orders stand in the way."""
        submits = [other for other in earlier if other.operation == "submit" and other.outcome]
        recorded = [other for other in submits if _left_something(other)]
        if not recorded:
            ended = submits[-1].outcome if submits else None
            if ended is not None and ended.kind == "skipped" and ended.reason is not None:
                return skipped(ended.reason, "the order was not said to this vendor")
            return Outcome(kind="cancelled", detail="the vendor never recorded the order")
        if not adapter.voids_newest_first:
            return None
        newer = await self.runner.outbox.read(lambda tx: tx.newer_submits(recorded[-1]))
        if not newer:
            return None
        if not isinstance(site, StoreSettings) or site.void_policy == "latest_only":
            receipts = ", ".join(other.receipt_number or other.subject for other in newer)
            return declined(
                "void_not_newest",
                f"the vendor voids the newest order first; newer ones stand: {receipts}",
            )
        unwinding = Unwinding(
            runner=self.runner, adapter=adapter, site=site, entry=entry, facts=facts_of(entry)
        )
        return await unwinding.carry_out(recorded[-1], newer, site.unwind_depth)


def record_of(earlier: Sequence[Entry]) -> Record:
    """Gather what a vendor already holds of an order or payment from the entries before."""
    facts: dict[str, Any] = {"keep": {}}
    for entry in earlier:
        outcome = entry.outcome
        if outcome is None:
            continue
        facts["keep"] = {**facts["keep"], **outcome.keep}
        if outcome.member_id:
            facts["member_id"] = outcome.member_id
        if outcome.kind == "applied" and entry.operation in ("submit", "pay", "load"):
            order = entry.ask.get("order")
            facts["order"] = order
            facts["state"] = order["state"] if order else None
            facts["reference"] = outcome.reference or facts.get("reference")
    return Record.model_validate(facts)


def facts_of(entry: Entry) -> dict[str, Any]:
    """What every log line about an entry says of it."""
    return {
        "store": entry.store,
        "lane": entry.lane,
        "sequence": entry.sequence,
        "entry": entry.id,
        "operation": entry.operation,
        "order": entry.subject,
        "revision": entry.revision,
        "attempt": entry.attempts,
        "trace_id": entry.trace_id,
    }


def _left_something(entry: Entry) -> bool:
    outcome = entry.outcome
    return outcome is not None and bool(
        outcome.kind == "applied" or outcome.keep or outcome.reference
    )
