"""Pure decisions: is this reply final, when next, which entry, may it overtake, is it too old."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.errors import NoReply, Throttled, Unauthorized
from gateway.core.flow import Reply
from gateway.engine.rows import Standing

BACKOFF_BASE_SECONDS = 1.0
BACKOFF_CAP_SECONDS = 30.0
"""A vendor that came back is noticed within half a minute, and not hammered before."""

RETRY_AFTER_CAP_SECONDS = 300.0
"""A vendor may slow us down, not send us home."""

LOST_RUNS = 3
"""Runs without a reply after which another entry is tried, to tell poison from outage."""

STARTS = 3
"""Starts without an end after which an entry is taken to kill the process."""

PARKS_IN_A_ROW = 3
"""Parks with one reason and no delivery between them: our bug, or a changed API."""


def judge(reply: Reply, understands: Callable[[Reply], bool]) -> Reply:
    """Sort what came back: the vendor's word is returned, everything else is raised.

    Throttled and Unauthorized certainly did nothing. A 4xx or 5xx in somebody else's words, or a
    redirect, proves nothing: NoReply.
    """
    if reply.ok:
        return reply
    if reply.status == 429:
        raise Throttled("HTTP 429", retry_after_seconds=retry_after(reply))
    if reply.status == 401:
        raise Unauthorized("HTTP 401: the vendor refuses our credential")
    if reply.status >= 400 and understands(reply):
        return reply
    raise NoReply(f"HTTP {reply.status}, not in the vendor's own words")


def retry_after(reply: Reply) -> float | None:
    """Seconds the vendor asks us to wait; only the plain number is read, never a date."""
    text = reply.headers.get("retry-after", "").strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return min(float(text), RETRY_AFTER_CAP_SECONDS)


def backoff(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row, with full jitter; `chance` in [0, 1)."""
    ceiling = min(BACKOFF_CAP_SECONDS, BACKOFF_BASE_SECONDS * 2.0 ** min(failures - 1, 10))
    return max(0.05, ceiling * chance)


@dataclass(frozen=True, kw_only=True)
class Pick:
    """The entry whose turn it is, and the sequences it passes."""

    entry_id: int
    overtakes: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """No entry has its turn; `seconds` until one is due, None if only a person can help."""

    seconds: float | None


def pick(
    standing: Sequence[Standing],
    due_in: Callable[[Standing], float],
    *,
    stop_on_park: bool,
    suspects: frozenset[int] = frozenset(),
) -> Pick | Nothing:
    """Choose the oldest entry that may go now; `standing` is in sequence.

    An entry waits for every earlier one it shares a key with. A parked entry is passed by what
    does not depend on it, unless `stop_on_park`; so is a suspect, and one that is not due.
    """
    blocked: set[str] = set()
    passed: list[int] = []
    soonest: float | None = None
    for entry in standing:
        if entry.state == "parked" and stop_on_park:
            break
        wait = due_in(entry)
        if entry.state == "queued" and blocked.isdisjoint(entry.keys):
            if wait <= 0 and entry.id not in suspects:
                return Pick(entry_id=entry.id, overtakes=tuple(passed))
            if wait > 0:
                soonest = wait if soonest is None else min(soonest, wait)
        blocked |= entry.keys
        passed.append(entry.sequence)
    return Nothing(seconds=soonest)


def too_old(accepted_at: datetime, now: datetime, max_age_seconds: float) -> bool:
    """Tell whether an entry waited longer than its vendor's operation bears."""
    return (now - accepted_at).total_seconds() > max_age_seconds
