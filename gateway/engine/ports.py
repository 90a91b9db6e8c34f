"""What the engine asks of the world: clock, chance, sending, and the outbox."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from gateway.core.adapter import Site
from gateway.core.flow import Call, Reply
from gateway.core.outcome import Outcome, Reason
from gateway.engine.rows import (
    About,
    Asked,
    AskedKind,
    Entry,
    EntryState,
    Event,
    NewEntry,
    QuoteRow,
    Standing,
    Step,
    VisitRow,
)

T = TypeVar("T")


class Clock(Protocol):
    """The one source of time; order never comes from it."""

    def now(self) -> datetime:
        """Wall clock, aware UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class Chance(Protocol):
    """The one source of randomness."""

    def random(self) -> float:
        """A number in [0, 1)."""

    def identity(self) -> str:
        """A new unguessable id of 1-64 of A-Za-z0-9."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whose credential a call is sent with: looked up by name at the moment of sending."""

    vendor: str
    store: str


class Send(Protocol):
    """Sends one call and returns the answer, whatever its status.

    Raises NotSent (with Throttled and Unauthorized decided by the engine) or NoReply.
    """

    async def __call__(self, account: Account, call: Call, site: Site) -> Reply:
        """Sign and send."""


class Tx(Protocol):
    """Small acts on the outbox, inside one transaction."""

    async def asked(self, store: str, kind: AskedKind, id_: str) -> list[Asked]:
        """Everything asked under one id, by revision."""

    async def put_asked(self, asked: Asked) -> None:
        """Remember what was asked."""

    async def add_entry(self, store: str, entry: NewEntry, now: datetime) -> Entry:
        """Accept an entry: give it the next sequence of its lane."""

    async def entry(self, entry_id: int) -> Entry | None:
        """Read one entry; what does not open is left out, and said in its detail."""

    async def still_queued(self, ids: Sequence[int]) -> set[int]:
        """Tell which of some entries neither ended nor are parked."""

    async def entries_of(self, store: str, subject: str, about: About = "order") -> list[Entry]:
        """Read every entry of an order, payment or visit, oldest first."""

    async def entries_of_receipt(self, store: str, receipt_number: str) -> list[Entry]:
        """Read every entry of a printed receipt, oldest first."""

    async def references(self, lane: str, limit: int) -> list[str]:
        """List the vendor's references of the latest applied orders of a lane."""

    async def newer_submits(self, submit: Entry) -> list[Entry]:
        """List the member's later orders in the lane that stand at the vendor, oldest first."""

    async def queued_money(self, limit: int) -> list[Entry]:
        """List payments and their reversals that wait, oldest first."""

    async def entries_in(
        self, state: EntryState, lane: str | None, *, unattended: bool, limit: int
    ) -> list[Entry]:
        """List entries for an operator, oldest first, also those that do not open."""

    async def standing(self, lane: str, limit: int) -> list[Standing]:
        """List what is not done in a lane, in sequence; queued ones up to a limit."""

    async def lanes(self) -> list[tuple[str, str, str]]:
        """List (lane, store, vendor) of every lane there ever was."""

    async def depth(self, lane: str) -> dict[str, Any]:
        """Count a lane: queued, parked, accepted, done, oldest, stopped."""

    async def begin(self, entry_id: int, overtook: Sequence[int]) -> Entry | None:
        """Count an attempt before it is made; None if the entry is no longer queued."""

    async def rest(
        self, entry_id: int, *, lost_runs: int, due_at: datetime | None, reason: Reason, detail: str
    ) -> None:
        """End a run that did not end the entry."""

    async def finish(self, entry_id: int, outcome: Outcome, now: datetime) -> None:
        """End an entry with its outcome."""

    async def park(self, entry_id: int, reason: Reason, detail: str) -> None:
        """Set an entry aside for a person."""

    async def approve(self, entry_id: int) -> None:
        """A person agrees with what an entry is about to do."""

    async def amend(self, entry_id: int, outcome: Outcome) -> None:
        """Give an applied entry what the vendor says of it now."""

    async def unpark(self, entry_id: int) -> None:
        """Put a parked entry back in its place."""

    async def attend(self, entry_id: int, *, unattended: bool) -> None:
        """Flag an entry for a person, or take the flag off."""

    async def was_said(self, entry_id: int) -> bool:
        """Tell whether anything of an entry may have reached the vendor, or is about to."""

    async def was_intended(self, entry_id: int) -> bool:
        """Tell whether a call of an entry that matters was written down as sent."""

    async def alias(self, scope: str, key: str, canonical: str) -> None:
        """Learn that a key stands for a vendor's member."""

    async def steps(self, owner: str) -> list[Step]:
        """Read a journal."""

    async def intend(self, owner: str, position: int, call: Call) -> int:
        """Write down that a call will be sent; returns how many earlier tries had no reply."""

    async def withdraw(self, owner: str, position: int) -> None:
        """Take back the latest intention: it certainly did not arrive."""

    async def settle(self, owner: str, position: int, call: Call, reply: Reply) -> None:
        """Write down the reply to a call."""

    async def doubt(self, owner: str, position: int, now: datetime) -> None:
        """Write down that nobody knows what became of a call."""

    async def doubted_since(self, owner: str, now: datetime) -> datetime:
        """When the latest call came into doubt; a call answered with nonsense is from now on."""

    async def undoubt(self, owner: str) -> None:
        """Forget the calls in doubt: a person knows that they did not happen."""

    async def forget(self, owner: str, position: int) -> None:
        """Forget a reply that was nonsense."""

    async def visit(self, store: str, visit_id: str) -> VisitRow | None:
        """Read a visit."""

    async def put_visit(self, visit: VisitRow) -> None:
        """Write a visit, new or changed."""

    async def unfinished_visits(self, since: datetime, limit: int) -> list[Asked]:
        """List visits asked for since then of which a vendor heard, and nothing was kept."""

    async def overdue_visits(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Name open visits past their deadline, (store, visit id), the oldest first."""

    async def shut_visit(self, store: str, visit_id: str) -> None:
        """Close a visit without opening it."""

    async def quote(self, store: str, quote_id: str) -> QuoteRow | None:
        """Read a quote."""

    async def put_quote(self, quote: QuoteRow) -> None:
        """Write a quote."""

    async def add_event(self, store: str, at: datetime, body: dict[str, Any]) -> None:
        """Tell whoever listens."""

    async def events(self, store: str, after: int, limit: int) -> list[Event]:
        """Read events after one."""

    async def audit(self, at: datetime, what: dict[str, Any]) -> None:
        """Write down what an operator did."""

    async def stopped(self, lane: str) -> str | None:
        """Tell why a lane was stopped, None if it is not."""

    async def stop_lane(self, lane: str, reason: str | None) -> None:
        """Stop a lane with a reason, or let it go on."""

    async def entries_after(self, entry_id: int, limit: int) -> list[Entry]:
        """Read entries behind an id, for an export."""

    async def broken_law(self) -> list[str]:
        """Name every lane whose sequence has gaps, or whose counts do not add up."""

    async def damaged_boxes(self, after: int) -> tuple[int | None, list[str]]:
        """Open the boxes of some entries behind an id; the last id, and what is damaged."""

    async def damaged_replies(
        self, owner: str, position: int
    ) -> tuple[tuple[str, int] | None, list[str]]:
        """Open the replies of some steps behind one; the last step, and what is damaged."""

    async def page_faults(self) -> list[str]:
        """What the database itself finds wrong with its file."""

    async def version(self) -> dict[str, str]:
        """The file's schema version and the library that writes it."""

    async def retire(self, before: datetime, limit: int) -> int:
        """Drop bodies, members and journals of what ended before; returns how many entries."""


Job = Callable[[Tx], Awaitable[T]]


class Outbox(Protocol):
    """The durable queue: jobs that arrive together share one transaction and one sync."""

    @property
    def healthy(self) -> bool:
        """Tell whether the disk works and has room to accept."""

    async def write(self, job: Job[T], *, accepts: bool = False) -> T:
        """Run a job in a transaction; returns when the disk has it.

        `accepts` jobs take in something new: StorageFull when only the reserve is left.
        """

    async def read(self, job: Job[T]) -> T:
        """Run a job that only looks."""

    async def backup(self, name: str) -> str:
        """Copy the whole outbox beside itself; returns where. The copy sends nothing by itself."""


class StorageFull(Exception):
    """There is no room to accept; nothing was begun."""


class Damaged(Exception):
    """A row does not open: it was altered, or the key is missing."""


class Log(Protocol):
    """Where facts are said, one event a line."""

    def __call__(self, event: str, **facts: Any) -> None:
        """Say one fact; `event` is a noun and a past participle."""
