"""Every event the house can say, and how loud it is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)

EVENTS: Mapping[str, Level] = MappingProxyType(
    {
        "breaker.closed": "info",
        "breaker.opened": "warning",
        "call.answered": "debug",
        "call.doubted": "warning",
        "call.lost": "warning",
        "call.unsent": "info",
        "configuration.refused": "error",
        "configuration.reloaded": "info",
        "conversation.failed": "error",
        "credential.refused": "error",
        "entry.accepted": "info",
        "entry.alarmed": "error",
        "entry.damaged": "error",
        "entry.delayed": "info",
        "entry.failed": "error",
        "entry.finished": "info",
        "entry.overtaken": "warning",
        "entry.parked": "error",
        "gateway.started": "info",
        "gateway.stopped": "info",
        "lane.held": "warning",
        "lane.stopped": "error",
        "operator.acted": "info",
        "outbox.copied": "info",
        "outbox.verified": "info",
        "quote.given": "info",
        "request.answered": "debug",
        "request.failed": "error",
        "request.refused": "info",
        "storage.failed": "error",
        "storage.filled": "error",
        "sweep.failed": "error",
        "till.refused": "warning",
        "visit.closed": "info",
        "visit.damaged": "error",
        "visit.opened": "info",
        "visit.overdue": "warning",
    }
)
"""Noun and past participle; error is what a person must look at, warning what may become one."""
