"""The words in which a vendor is played: one HTTP request in, one response out, over a state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class SandboxRequest:
    """What arrived, exactly as it was on the wire.

    `target` is the raw path and query, percent-escapes untouched; header names are lower case;
    `now` is the sandbox's own aware UTC time.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    now: datetime


@dataclass(frozen=True, kw_only=True)
class SandboxResponse:
    """What the played vendor answers; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Held:
    """One thing the vendor holds or did, for an observer to compare with what the till was told.

    `kind` is the operation it came from (`submit`, `void`, `refund`, `pay`, `load`, `hold`);
    `receipt` is the till's own number for it; `amount` is in currency units.
    """

    kind: str
    receipt: str | None
    member: str | None
    amount: Decimal
    reference: str
    standing: bool


class Sandbox(Protocol):
    """A vendor played strictly and purely: no clock, no randomness, no network."""

    @property
    def violations(self) -> Sequence[str]:
        """Every breach of the vendor's documented contract seen so far, one sentence each."""

    @property
    def ledger(self) -> Sequence[Held]:
        """What the vendor holds, in the order in which it took effect."""

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request as the vendor would, changing the state as the vendor would."""
