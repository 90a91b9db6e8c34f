"""What Prometheus reads: lanes as they are now, and counts of what was said since the start."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway.engine.doors import Doors
from gateway.engine.ports import Log

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30)
"""From a fast vendor to the longest wait of a till."""

NAMESPACE = "tillbridge"


@dataclass(kw_only=True)
class Counted:
    """A log that counts what passes through it; labels are words of ours, never a member's."""

    log: Log
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self._outcomes = Counter(
            "entry_outcomes",
            "Entries that ended, or were parked, by outcome and reason",
            ("store", "vendor", "operation", "outcome", "reason"),
            namespace=NAMESPACE,
            registry=self.registry,
        )
        self._calls = Counter(
            "calls",
            "Calls to vendors: answered, lost (sent, no answer) or unsent",
            ("vendor", "operation", "result"),
            namespace=NAMESPACE,
            registry=self.registry,
        )
        self._call_seconds = Histogram(
            "call_seconds",
            "How long vendors took to answer",
            ("vendor", "operation"),
            namespace=NAMESPACE,
            registry=self.registry,
            buckets=SECONDS,
        )
        self._request_seconds = Histogram(
            "request_seconds",
            "How long tills and operators waited for an answer, by address and status",
            ("method", "route", "status"),
            namespace=NAMESPACE,
            registry=self.registry,
            buckets=SECONDS,
        )
        self._alarms = Counter(
            "alarms",
            "Facts a person should look at",
            ("event",),
            namespace=NAMESPACE,
            registry=self.registry,
        )
        for event in ALARMS:
            self._alarms.labels(event)

    def __call__(self, event: str, **facts: Any) -> None:
        """Say one fact, and count it."""
        self.log(event, **facts)
        if event in ALARMS:
            self._alarms.labels(event).inc()
        if event in ("entry.finished", "entry.parked"):
            self._count_outcome(facts, facts.get("outcome", "parked"))
        elif event in CALLS:
            self._count_call(event, facts)
        elif event == "request.answered":
            seconds = facts["milliseconds"] / 1000
            labels = (facts["method"], facts["route"], str(facts["status"]))
            self._request_seconds.labels(*labels).observe(seconds)

    def _count_outcome(self, facts: Mapping[str, Any], outcome: str) -> None:
        labels = (facts["store"], _vendor(facts), facts["operation"], outcome)
        self._outcomes.labels(*labels, facts.get("reason") or "").inc()

    def _count_call(self, event: str, facts: Mapping[str, Any]) -> None:
        vendor, operation = _vendor(facts), facts["operation"]
        self._calls.labels(vendor, operation, event.partition(".")[2]).inc()
        if "milliseconds" in facts:
            self._call_seconds.labels(vendor, operation).observe(facts["milliseconds"] / 1000)


CALLS = frozenset({"call.answered", "call.lost", "call.unsent"})

ALARMS = (
    "entry.parked",
    "entry.damaged",
    "entry.failed",
    "entry.alarmed",
    "lane.stopped",
    "credential.refused",
    "request.failed",
    "conversation.failed",
    "storage.failed",
)
"""Events an alert rule may stand on; each is there with 0 from the start."""


async def metrics_text(doors: Doors, counted: Counted) -> str:
    """Everything, as Prometheus reads it."""
    registry = CollectorRegistry()
    registry.register(Lanes(await doors.operator.lanes(), _breakers(doors)))
    now: bytes = generate_latest(registry)
    since_start: bytes = generate_latest(counted.registry)
    return (now + since_start).decode()


@dataclass(frozen=True, eq=False)
class Lanes(Collector):
    """Lanes and breakers as they were a moment ago."""

    lanes: list[dict[str, Any]]
    breakers: dict[str, tuple[bool, int]]

    def collect(self) -> Iterable[Metric]:
        """Spell them as gauges."""
        yield from self._depths()
        yield from self._states()
        opened = _gauge("breaker_open", "1 while a vendor is taken to be away", "vendor")
        failures = _gauge("breaker_failures", "Failures in a row", "vendor")
        for vendor, (is_open, count) in self.breakers.items():
            opened.add_metric([vendor], float(is_open))
            failures.add_metric([vendor], float(count))
        yield from (opened, failures)

    def _depths(self) -> Iterator[Metric]:
        depth = _gauge("lane_entries", "Entries of a lane by state", "store", "vendor", "state")
        age = _gauge("lane_oldest_seconds", "Age of the oldest queued entry", "store", "vendor")
        unattended = _gauge(
            "lane_unattended", "Declines no till was told, not yet noted", "store", "vendor"
        )
        for lane in self.lanes:
            named = [lane["store"], lane["vendor"]]
            for state in ("queued", "parked", "done"):
                depth.add_metric([*named, state], float(lane[state]))
            age.add_metric(named, float(lane["oldest_age_seconds"] or 0))
            unattended.add_metric(named, float(lane["unattended"]))
        yield from (depth, age, unattended)

    def _states(self) -> Iterator[Metric]:
        state = _gauge(
            "lane_state", "1 for the state a lane is in", "store", "vendor", "state", "reason"
        )
        for lane in self.lanes:
            why = lane["reason"] or ""
            reason = why if lane["state"] == "waiting" else ""
            state.add_metric([lane["store"], lane["vendor"], lane["state"], reason], 1.0)
        yield state


def _breakers(doors: Doors) -> dict[str, tuple[bool, int]]:
    """The gate of every vendor account that has a route."""
    desk = doors.desk
    routes = (route for store in desk.plan().stores.values() for route in store.routes)
    gates = {route.vendor: desk.gate(route) for route in routes}
    return {vendor: (gate.is_open, gate.failures) for vendor, gate in sorted(gates.items())}


def _vendor(facts: Mapping[str, Any]) -> str:
    """The vendor of a fact: named by a conversation, the end of the lane's name otherwise."""
    return str(facts.get("vendor") or facts["lane"].partition("/")[2])


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{NAMESPACE}_{name}", text, labels=labels)
