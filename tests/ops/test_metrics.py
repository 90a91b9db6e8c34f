"""What Prometheus is told."""

from prometheus_client.parser import text_string_to_metric_families

from tests.api.house import eventually, latte
from tests.ops.conftest import Operator

Labels = dict[str, str]


async def scraped(operator: Operator) -> dict[str, list[tuple[Labels, float]]]:
    """Every sample, by name."""
    async with operator.client.get("/metrics") as answer:
        text = await answer.text()
    found: dict[str, list[tuple[Labels, float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


async def test_lanes_breakers_and_outcomes_are_counted(operator: Operator) -> None:
    lane = {"store": "0042", "vendor": "tiny-ca"}
    member = {"kind": "email", "value": "ana@example.test"}
    await operator.till.ask("PUT", "/orders/1", latte(member=member))
    operator.house.hold()
    await operator.till.ask("PUT", "/orders/2", latte("2", total="666.00"), wait=0)
    found = await scraped(operator)
    assert ({**lane, "state": "done"}, 1.0) in found["tillbridge_lane_entries"]
    assert ({**lane, "state": "queued"}, 1.0) in found["tillbridge_lane_entries"]
    assert ({"vendor": "tiny-ca"}, 1.0) in found["tillbridge_breaker_open"]
    waiting = {**lane, "state": "waiting", "reason": "unreachable"}
    assert (waiting, 1.0) in found["tillbridge_lane_state"]
    applied = {**lane, "operation": "submit", "outcome": "applied", "reason": ""}
    assert (applied, 1.0) in found["tillbridge_entry_outcomes_total"]
    answered = {"vendor": "tiny-ca", "operation": "submit", "result": "answered"}
    assert (answered, 1.0) in found["tillbridge_calls_total"]
    assert ({"event": "entry.parked"}, 0.0) in found["tillbridge_alarms_total"]
    assert "ana@" not in str(found)


async def test_a_decline_nobody_was_told_shows_until_it_is_noted(operator: Operator) -> None:
    operator.house.hold()
    await operator.till.ask("PUT", "/orders/1", latte(total="666.00"), wait=0)
    operator.house.back()
    lane = {"store": "0042", "vendor": "tiny-ca"}

    async def unattended() -> bool:
        return (lane, 1.0) in (await scraped(operator))["tillbridge_lane_unattended"]

    assert await eventually(unattended)


async def test_requests_are_timed_by_route_and_never_by_address(operator: Operator) -> None:
    await operator.till.ask("GET", "/orders/secret-1")
    found = await scraped(operator)
    labels = {"method": "GET", "route": "/v1/stores/{store}/orders/{order_id}", "status": "404"}
    assert (labels, 1.0) in found["tillbridge_request_seconds_count"]
    assert "secret-1" not in str(found)


async def test_what_a_person_must_see_is_an_alarm(operator: Operator) -> None:
    sell = ("PUT", "/orders/1", latte())
    await operator.house.doubt(lambda: operator.till.ask(*sell, wait=0))
    assert ({"event": "entry.parked"}, 1.0) in (await scraped(operator))["tillbridge_alarms_total"]
