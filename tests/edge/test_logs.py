"""What a log line tells, and what it never tells."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.edge.events import EVENTS, LEVELS, Level
from gateway.edge.logs import FIELD_LENGTH, FIELDS, ITEMS, EventLog, UnknownEvent, cleaned, make_log
from gateway.engine.ports import Log

HOUSE = Path(__file__).parents[2] / "gateway"
SAID = re.compile(r"""(?:\blog|_log|_say)\(\s*"([^"]+)\"""")


class StillClock:
    """Always the same moment."""

    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, 31, 7, 123456, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


Told = Callable[..., dict[str, Any]]


@pytest.fixture
def told() -> Told:
    """Say one event and read its line back."""

    def say(event: str = "entry.parked", **facts: Any) -> dict[str, Any]:
        out = io.StringIO()
        log: Log = EventLog(out, StillClock(), level="debug")
        log(event, **facts)
        (line,) = out.getvalue().splitlines()
        read: dict[str, Any] = json.loads(line)
        return read

    return say


def test_a_line_tells_when_how_loud_what_and_its_facts(told: Told) -> None:
    line = told(
        "entry.parked", lane="0042/acme-ca", sequence=7, reason=None, amount=Decimal("1.50")
    )
    assert list(line.items()) == [
        ("at", "2026-11-20T12:31:07.123Z"),
        ("level", "error"),
        ("event", "entry.parked"),
        ("lane", "0042/acme-ca"),
        ("sequence", 7),
        ("reason", None),
        ("amount", "1.50"),
    ]


def test_every_event_is_a_noun_and_a_participle_with_a_level() -> None:
    for event, level in EVENTS.items():
        assert re.fullmatch(r"[a-z]+\.(?:[a-z]+ed|lost|unsent|held|given|overtaken|overdue)", event)
        assert level in LEVELS


def test_every_event_the_house_says_is_listed() -> None:
    said = {
        (event, path.name)
        for path in HOUSE.rglob("*.py")
        for event in SAID.findall(path.read_text("utf-8"))
    }
    assert ("call.answered", "runner.py") in said
    assert sorted(pair for pair in said if pair[0] not in EVENTS) == []


def test_an_unknown_event_is_refused_in_tests_and_told_loudly_in_a_store(told: Told) -> None:
    with pytest.raises(UnknownEvent, match=r"'entry\.exploded' is not in EVENTS"):
        EventLog(io.StringIO(), StillClock(), strict=True)("entry.exploded")
    assert told("entry.exploded")["level"] == "warning"


@pytest.mark.parametrize(
    ("level", "lines"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)]
)
def test_what_is_less_loud_than_asked_is_not_said(level: Level, lines: int) -> None:
    out = io.StringIO()
    log = EventLog(out, StillClock(), level=level)
    for event in ("call.answered", "entry.accepted", "call.lost", "entry.parked"):
        log(event)
    assert len(out.getvalue().splitlines()) == lines


@pytest.mark.parametrize(
    "fact",
    [
        {"api_key": "canary"},
        {"x-api-key": "canary"},
        {"Authorization": "Bearer canary"},
        {"client_secret": b"canary"},
        {"webhook_secret": "canary"},
        {"session_hash": ["canary"]},
        {"signature": "canary"},
        {"member": {"kind": "email", "value": "canary"}},
        {"facts": {"inner": [{"value": "canary"}]}},
        {"anything": SecretStr("canary")},
        {"anything": b"canary"},
        {"detail": "GET https://api.acme.test/v1/order?api_key=canary&x=1 failed"},
        {"detail": "sent api_key=canary"},
        {"detail": "header Authorization: Bearer canary-canary"},
        {"detail": "no member canary@example.test here"},
        {"detail": ValueError("canary")},
    ],
    ids=str,
)
@pytest.mark.parametrize("shape", ["json", "console"])
def test_no_secret_and_no_member_gets_into_a_line(fact: dict[str, Any], shape: Any) -> None:
    out = io.StringIO()
    EventLog(out, StillClock(), shape=shape)("entry.parked", **fact)
    assert "entry.parked" in out.getvalue()
    assert "canary" not in out.getvalue()


def test_a_phone_in_a_sentence_is_left_out_and_the_sentence_stays(told: Told) -> None:
    line = told(detail="guest +14165550100 not found at https://api.acme.test/v1?x=1 today")
    assert line["detail"] == (
        "guest [redacted] not found at https://api.acme.test/v1?[redacted] today"
    )


@pytest.mark.parametrize("shape", ["json", "console"])
def test_one_event_stays_one_line(shape: Any) -> None:
    out = io.StringIO()
    log = EventLog(out, StillClock(), shape=shape)
    log("entry.parked", detail="a\nb\r\u2028c\x1b[31m", **{"na\nme": 1}, items=["x\ny"])
    text = out.getvalue()
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text


def test_every_length_is_bounded() -> None:
    shown = cleaned(
        {"long": "x" * 10_000, "list": list(range(1000)), "deep": {"a": {"b": {"c": {"d": 1}}}}}
    )
    assert shown["long"] == "x" * FIELD_LENGTH + "… (of 10000)"
    assert len(shown["list"]) == ITEMS
    assert shown["deep"] == {"a": {"b": {"c": "<1 deeper>"}}}
    assert cleaned({"t": {1, 2, 3}, "e": Path("/x")}) == {"t": [1, 2, 3], "e": "/x"}
    many = cleaned({f"fact{n}": n for n in range(FIELDS + 5)})
    assert len(many) == FIELDS + 1
    assert many["facts_left_out"] == 5


def test_a_fact_cannot_pose_as_the_line_itself(told: Told) -> None:
    line = told(at="never", level="debug")
    assert (line["level"], line["level_"], line["at_"]) == ("error", "debug", "never")


class FullDisk(io.StringIO):
    """Takes nothing while full."""

    full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_a_full_disk_stops_nobody_and_is_told_afterwards() -> None:
    out = FullDisk()
    log = EventLog(out, StillClock())
    for _ in range(3):
        log("entry.accepted")
    out.full = False
    log("call.answered")  # too quiet to be written
    log("entry.finished")
    log("entry.finished")
    first, second = map(json.loads, out.getvalue().splitlines())
    assert first["lines_lost"] == 3
    assert "lines_lost" not in second


def test_a_file_is_continued_whatever_the_terminal_can_show(tmp_path: Path) -> None:
    path = tmp_path / "gateway.log"
    for store in ("0042", "café"):
        log = make_log(StillClock(), file=path)
        log("gateway.started", store=store)
        log.close()
    log("gateway.stopped")
    stores = [json.loads(line)["store"] for line in path.read_text("utf-8").splitlines()]
    assert stores == ["0042", "café"]


def test_without_a_file_lines_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    log = make_log(StillClock(), shape="console")
    log("gateway.started", port=8470)
    log.close()
    assert re.fullmatch(
        r"2026-11-20T12:31:07\.123Z \[info +\] gateway\.started +port=8470\n",
        capsys.readouterr().out,
    )


@pytest.mark.parametrize(("shape", "shown"), [("json", "caf\\u00e9"), ("console", "caf\\xe9")])
def test_a_terminal_that_knows_ascii_only_gets_the_line_escaped(shape: Any, shown: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    EventLog(out, StillClock(), shape=shape)("gateway.started", store="café")
    assert shown in raw.getvalue().decode("ascii")
