"""What goes wrong on command: which request it hits, and what is answered instead."""

from collections.abc import Iterable
from math import ceil
from typing import Annotated, Literal

from pydantic import Field

from gateway.core.frozen import Frozen, Text
from gateway.core.sandbox import SandboxResponse

FaultKind = Literal[
    "drop_before",
    "drop_after",
    "error_before",
    "error_after",
    "slow",
    "html",
    "empty",
    "throttle",
    "hang",
]

ACTED: frozenset[FaultKind] = frozenset({"drop_after", "error_after", "slow", "empty"})
"""The vendor did what it was asked before it went wrong."""

MAX_FAULTS = 1000
"""More waiting faults than a test can mean."""

MAX_SECONDS = 600.0
"""Longer than any client waits."""


class Fault(Frozen):
    """One thing that goes wrong.

    drop_before: not done, connection closed; drop_after: done, connection closed; error_before:
    not done, 503; error_after: done, 502 in HTML; slow: done, answered `seconds` late; html: not
    done, 200 in HTML; empty: done, 200 without a body; throttle: not done, 429 with `seconds` as
    Retry-After; hang: not done, never answered. `match` is a part of "METHOD /path?query", empty
    for all; `times` is how often, null until taken back.
    """

    kind: FaultKind
    match: Text = ""
    times: Annotated[int, Field(ge=1)] | None = 1
    seconds: Annotated[float, Field(ge=0, le=MAX_SECONDS)] = 1.0


class Faults:
    """The faults still to come, in the order they were ordered."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, faults: Iterable[Fault]) -> None:
        """Order more; ValueError if they are too many."""
        waiting = [*self._waiting, *faults]
        if len(waiting) > MAX_FAULTS:
            raise ValueError(f"at most {MAX_FAULTS} faults wait, these would make {len(waiting)}")
        self._waiting = waiting

    def clear(self) -> None:
        """Take back all of them."""
        self._waiting.clear()

    def take(self, method: str, target: str) -> Fault | None:
        """The fault that hits this request, used up once."""
        for place, fault in enumerate(self._waiting):
            if fault.match not in f"{method} {target}":
                continue
            if fault.times == 1:
                del self._waiting[place]
            elif fault.times is not None:
                self._waiting[place] = fault.model_copy(update={"times": fault.times - 1})
            return fault
        return None


def answered(fault: Fault, answer: SandboxResponse | None) -> SandboxResponse | None:
    """What is said under a fault, where `answer` is the vendor's own word; None for nothing."""
    if fault.kind == "slow":
        return answer
    if fault.kind == "error_before":
        return _page(503, "Service Unavailable")
    if fault.kind == "error_after":
        return _page(502, "Bad Gateway")
    if fault.kind == "html":
        return _page(200, "Welcome")
    if fault.kind == "empty":
        return SandboxResponse(status=200)
    if fault.kind == "throttle":
        return SandboxResponse(status=429, headers={"retry-after": str(ceil(fault.seconds))})
    return None


def _page(status: int, title: str) -> SandboxResponse:
    body = f"<html><head><title>{title}</title></head><body>{title}</body></html>"
    return SandboxResponse(status=status, headers={"content-type": "text/html"}, body=body.encode())
