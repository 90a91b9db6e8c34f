"""A day at one vendor: its transcripts as entries, visits and quotes, and what is left of it."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_args

from gateway.core.operation import (
    Identify,
    Operation,
    Quote,
    Record,
    Refund,
    Submit,
    VendorVisit,
    Void,
    member_of,
)
from gateway.core.outcome import Outcome
from gateway.engine.accepting import keys_of
from gateway.engine.doors import make_doors
from gateway.engine.ports import Job, Tx
from gateway.engine.routing import Plan, Store
from gateway.engine.rows import EntryState, NewEntry, QuoteRow, VisitRow
from tests.adapters.transcript import Transcript
from tests.contract.canaries import Canaries, Signing, identifiers_in
from tests.contract.story import ALL, Journal, Script
from tests.virtual import START, SeededChance, VirtualClock
from tests.world import Log, fast_file

OPEN_SECONDS = 60
"""Of virtual time: enough for every lane to meet its end, or a few silences."""

ENTRIES_READ = 10_000
"""More than one vendor's transcripts."""

ENTRIES = {"submit", "void", "refund", "release", "pay", "load", "reverse"}


@dataclass(kw_only=True)
class Day:
    """What is left of a day.

    `rested` are the bytes on the disk, `sealed` what opens from them, `errors` every sentence an
    error or a parked entry came with.
    """

    send: Signing
    log: Log
    identifiers: set[str] = field(default_factory=set)
    rested: bytes = b""
    sealed: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def told(self) -> list[Transcript]:
        """Every transcript of the vendor; each has a store of its own, as all tell of one order."""
        return [told for told in ALL if told.adapter is self.send.canaries.adapter]

    def names_someone(self, text: str) -> list[str]:
        """Name the credentials and members that stand in a text."""
        return [*self.send.canaries.in_(text), *(one for one in self.identifiers if one in text)]


async def day_of(canaries: Canaries) -> Day:
    """Live through every transcript of an adapter; runs in a virtual world."""
    day = Day(send=Signing(canaries=canaries), log=Log())
    journal = Journal(path=fast_file(), log=day.log)
    await journal.start()
    try:
        for transcript in day.told:
            day.identifiers |= identifiers_in(transcript.ask)
            day.send.scripts[str(transcript)] = Script(transcript=transcript)
            if transcript.operation in ENTRIES:
                await journal.outbox.write(_accepting(transcript))
            else:
                await _converse(transcript, journal, day)
        await _open_the_doors(journal, day)
        await _look(journal, day)
    finally:
        await journal.stop()
    day.rested += _bytes(journal)
    return day


def store_of(transcript: Transcript) -> str:
    """Name the store a transcript is lived through at."""
    return transcript.path.stem


def _accepting(transcript: Transcript) -> Job[None]:
    """Accept a transcript's operation as an entry, after the one its record tells of."""

    async def job(tx: Tx) -> None:
        ask = transcript.ask
        record: Record = getattr(ask, "record", Record())
        if isinstance(ask, Submit | Void | Refund) and record != Record():
            earlier = Submit(at=ask.at, order_id=ask.order_id, order=record.order or ask.order)
            outcome = Outcome(
                kind="applied" if record.state else "declined",
                reference=record.reference,
                member_id=record.member_id,
                keep=record.keep,
            )
            await tx.add_entry(store_of(transcript), _entry(transcript, earlier, outcome), START)
        await tx.add_entry(store_of(transcript), _entry(transcript, ask), START)

    return job


def _entry(transcript: Transcript, ask: Operation, outcome: Outcome | None = None) -> NewEntry:
    spelled = ask.model_dump(mode="json")
    subject = str(spelled.get("order_id") or spelled.get("payment_id") or transcript)
    visit: VendorVisit | None = getattr(ask, "visit", None)
    return NewEntry(
        vendor=str(transcript),
        adapter=transcript.adapter.name,
        role="primary",
        operation=spelled["name"],
        subject=subject,
        revision=1,
        ask=spelled,
        site=transcript.site.model_dump(mode="json"),
        keys=keys_of(subject, member_of(ask), visit.member_id if visit else None),
        outcome=outcome,
    )


async def _converse(transcript: Transcript, journal: Journal, day: Day) -> None:
    """Hold a conversation, and keep what the doors keep of it."""
    owner = str(transcript)
    end = await journal.tell(transcript, day.send, owner=owner)
    day.errors.append(end.detail)
    ask, answer, late = transcript.ask, end.result or {}, START + timedelta(hours=1)
    if isinstance(ask, Identify):
        given = VendorVisit(visit_id=ask.visit_id, member=ask.member, till=ask.till)
        visit = VisitRow(
            store=store_of(transcript),
            visit_id=owner,
            fingerprint="",
            state="open",
            deadline=late,
            answer=answer,
            vendors={owner: given},
            sites={},
        )
        await journal.outbox.write(lambda tx: tx.put_visit(visit))
    if isinstance(ask, Quote):
        quote = QuoteRow(
            store=store_of(transcript),
            quote_id=owner,
            fingerprint="",
            expires_at=late,
            answer=answer,
            keeps={owner: answer.get("keep", {})},
            basket=ask.order.model_dump(mode="json"),
        )
        await journal.outbox.write(lambda tx: tx.put_quote(quote))


async def _open_the_doors(journal: Journal, day: Day) -> None:
    """Let the real lanes deliver what was accepted."""
    clock = VirtualClock()
    adapter = day.send.canaries.adapter
    stores = {
        code: Store(code=code, timezone="America/Toronto", currency="CAD")
        for code in map(store_of, day.told)
    }
    doors = make_doors(
        outbox=journal.outbox,
        send=day.send,
        clock=clock,
        chance=SeededChance(1),
        log=day.log,
        plan=lambda: Plan(stores=stores, adapters={adapter.name: adapter}),
        rate=lambda _vendor: 1000,
        retention_seconds=lambda: 90 * 86400,
    )
    await doors.open()
    await clock.sleep(OPEN_SECONDS)
    await doors.close()


async def _look(journal: Journal, day: Day) -> None:
    """Open what is sealed, and take the disk as it is while the service runs."""

    async def read(tx: Tx) -> None:
        for state in get_args(EntryState):
            for entry in await tx.entries_in(state, None, unattended=False, limit=ENTRIES_READ):
                day.sealed += json.dumps(entry.ask, ensure_ascii=False)
                day.errors += [entry.detail] if entry.detail else []
        for told in day.told:
            visit = await tx.visit(store_of(told), str(told))
            quote = await tx.quote(store_of(told), str(told))
            day.sealed += f"{visit.vendors}" if visit else ""
            day.sealed += f"{quote.basket}" if quote else ""

    await journal.outbox.read(read)
    day.rested += _bytes(journal)


def _bytes(journal: Journal) -> bytes:
    """Every byte in the outbox's folder."""
    return b"".join(path.read_bytes() for path in sorted(journal.path.parent.iterdir()))
