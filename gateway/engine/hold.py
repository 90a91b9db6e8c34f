"""When a lane waits, and for what: every timer here is of the steady clock."""

from dataclasses import dataclass, field

from gateway.core.errors import Throttled, Unreachable
from gateway.core.outcome import Reason
from gateway.engine import policy
from gateway.engine.ports import Chance, Clock
from gateway.engine.rows import Standing

DRAIN_SPREAD_SECONDS = 2.0
"""Lanes that wake together spread their first call over this time."""

LONGEST_DUE_SECONDS = 86400.0
"""The longest settle delay: after a restart nothing waits longer, whatever the wall clock says."""


@dataclass(kw_only=True)
class Hold:
    """A whole lane's wait after a vendor could not be reached."""

    clock: Clock
    chance: Chance
    reason: Reason | None = None
    _until: float = 0.0
    _failures: int = 0

    def seconds(self) -> float:
        """Seconds left to wait."""
        return max(0.0, self._until - self.clock.monotonic())

    def after(self, error: Unreachable) -> float:
        """Wait longer after each failure, or as long as the vendor asks; returns the seconds."""
        self._failures += 1
        pause = policy.backoff(self._failures, self.chance.random())
        if isinstance(error, Throttled) and error.retry_after_seconds:
            pause = error.retry_after_seconds + self.chance.random()
        self._until = self.clock.monotonic() + pause
        self.reason = error.reason
        return pause

    def heard(self) -> None:
        """The vendor answered."""
        self._failures = 0
        self.reason = None

    def release(self, *, spread: bool) -> None:
        """The vendor is back, or (without spread) a person says so: wait no longer.

        A vendor that asked to be left alone is, unless a person says otherwise.
        """
        pause = self.chance.random() * DRAIN_SPREAD_SECONDS if spread else 0.0
        if self.reason != "throttled" or not spread:
            self._until = min(self._until, self.clock.monotonic() + pause)
        self._failures = 0


@dataclass(kw_only=True)
class Dues:
    """Single entries that wait for their time; after a restart no longer than is sane."""

    clock: Clock
    _due: dict[int, float] = field(default_factory=dict)
    _since: dict[int, float] = field(default_factory=dict)

    def wait(self, entry_id: int, seconds: float) -> None:
        """Let an entry wait from now."""
        self._due[entry_id] = self.clock.monotonic() + seconds

    def seconds(self, entry: Standing) -> float:
        """Seconds until an entry is due; 0 or less if it is."""
        if entry.due_at is None:
            return 0.0
        now = self.clock.monotonic()
        if entry.id not in self._due:
            left = (entry.due_at - self.clock.now()).total_seconds()
            longest = (entry.due_at - entry.accepted_at).total_seconds()
            self._due[entry.id] = now + min(max(left, 0.0), longest, LONGEST_DUE_SECONDS)
        return self._due[entry.id] - now

    def looked_seconds(self, entry_id: int) -> float:
        """Seconds since this process first looked for evidence of an entry."""
        now = self.clock.monotonic()
        return now - self._since.setdefault(entry_id, now)

    def forget(self, entry_id: int) -> None:
        """The entry ended or is parked."""
        self._due.pop(entry_id, None)
        self._since.pop(entry_id, None)
