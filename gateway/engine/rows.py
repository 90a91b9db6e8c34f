"""What rests in the outbox: entries, steps, visits, quotes and events, as values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from gateway.core.flow import Reply
from gateway.core.operation import Name, VendorVisit
from gateway.core.order import State
from gateway.core.outcome import Outcome, Reason

EntryState = Literal["queued", "done", "parked"]
Role = Literal["primary", "follower"]
AskedKind = Literal["order", "void", "refund", "payment", "reverse", "visit"]
VisitState = Literal["open", "taken", "closed"]

About = Literal["order", "payment", "visit"]
"""What an entry's subject names: a till may give an order and a payment one id."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A call inside a flow as the journal holds it; `lost` counts tries that had no reply."""

    position: int
    name: str
    fingerprint: str
    fresh: bool
    lost: int
    doubted_at: datetime | None
    reply: Reply | None


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """An operation about to be accepted; `outcome` is set where nothing needs to be said."""

    vendor: str
    adapter: str
    role: Role
    operation: Name
    subject: str
    revision: int
    ask: dict[str, Any]
    site: dict[str, Any]
    keys: tuple[str, ...]
    receipt_number: str | None = None
    trace_id: str = ""
    delay_seconds: float = 0
    outcome: Outcome | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One operation to be delivered, as the outbox holds it.

    `subject` is the id the till gave: of the order, the payment or the visit. `starts` counts
    runs begun and not ended; `lost_runs` runs in a row that ended without a reply.
    """

    id: int
    store: str
    vendor: str
    adapter: str
    role: Role
    lane: str
    sequence: int
    operation: Name
    subject: str
    revision: int
    receipt_number: str | None
    state: EntryState
    attempts: int
    starts: int
    lost_runs: int
    accepted_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    outcome: Outcome | None
    reason: Reason | None
    detail: str | None
    overtook: tuple[int, ...]
    unattended: bool
    approved: bool
    trace_id: str
    ask: dict[str, Any] = field(repr=False)
    site: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the lane needs to know to pick: an entry that is not done, and what it depends on."""

    id: int
    sequence: int
    state: EntryState
    keys: frozenset[str]
    lost_runs: int
    accepted_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the till asked for under one id and revision; the body goes when retention ends."""

    store: str
    kind: AskedKind
    id: str
    revision: int
    fingerprint: str
    state: State | None
    accepted_at: datetime
    body: dict[str, Any] | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class VisitRow:
    """One visit with what every vendor gave for it.

    `sites` keeps, by vendor, the adapter, role and site it was given for: what is held is given
    back there, whatever the configuration says by then.
    """

    store: str
    visit_id: str
    fingerprint: str
    state: VisitState
    deadline: datetime
    answer: dict[str, Any] = field(repr=False)
    vendors: dict[str, VendorVisit] = field(repr=False)
    sites: dict[str, dict[str, Any]] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class QuoteRow:
    """One quote: what was asked, what each vendor answered, until when it holds."""

    store: str
    quote_id: str
    fingerprint: str
    expires_at: datetime
    answer: dict[str, Any] = field(repr=False)
    keeps: dict[str, dict[str, Any]] = field(repr=False)
    basket: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that ended, for whoever listens; `id` grows without gaps in meaning."""

    id: int
    store: str
    at: datetime
    body: dict[str, Any]
