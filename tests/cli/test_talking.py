"""`send`, `lanes` and `outbox` before a gateway that runs: a till's sale, an operator's day."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.peer import ask_once
from tests.cli.conftest import Running, Shell, Street, order_file

PATIENCE_SECONDS = 20.0


@pytest.fixture
def send(shell: Shell, running: Running, tmp_path: Path) -> Callable[..., Any]:
    """Sells a latte of store 0042, signed, with options and changes."""

    def act(order_id: str, *options: object, **changes: Any) -> Any:
        secret = ("--secret-file", running.secret_file("0042-1"))
        path = order_file(tmp_path, "0042", order_id, **changes)
        return shell("send", path, "--url", running.written.url, *secret, *options)

    return act


@pytest.fixture
def operate(shell: Shell, running: Running) -> Callable[..., Any]:
    """Runs an operator's command; returns its JSON."""

    def act(*words: object) -> Any:
        keys = ("--url", running.written.url, "--token-file", running.token_file, "--json")
        result = shell(*words, *keys)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return act


def _until(what: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to that in time")


def test_a_signed_order_is_applied_and_shown(send: Callable[..., Any]) -> None:
    result = send("s-1")
    assert result.exit_code == 0, result.stderr
    assert "200 applied, final; the order is completed" in result.stdout
    assert "The cashier reads: 50 points added [continue]" in result.stdout


def test_programs_get_status_and_answer(send: Callable[..., Any]) -> None:
    told = json.loads(send("s-2", "--json").stdout)
    assert (told["status"], told["answer"]["outcome"]) == (200, "applied")


def test_an_order_alone_is_sent_under_the_names_given(
    shell: Shell, running: Running, tmp_path: Path
) -> None:
    path = order_file(tmp_path, "0042", "s-3")
    path.write_text(json.dumps(json.loads(path.read_text())["order"]))
    keys = ("--url", running.written.url, "--secret-file", running.secret_file("0042-2"))
    names = ("--store", "0042", "--order-id", "other", "--till", "0042-2")
    told = json.loads(shell("send", path, *keys, *names, "--json").stdout)
    assert told["answer"]["order_id"] == "other"


def test_an_unsigned_order_is_refused(shell: Shell, running: Running, tmp_path: Path) -> None:
    result = shell("send", order_file(tmp_path, "0042", "s-4"), "--url", running.written.url)
    assert result.exit_code == 1
    assert "401 unauthenticated" in result.stdout


def test_a_wrong_order_is_refused_with_its_places(send: Callable[..., Any]) -> None:
    result = send("s-5", total="5.01")
    assert result.exit_code == 1
    assert "422 totals_mismatch" in result.stdout
    assert "total: expected 5.00, got 5.01" in result.stdout


def test_an_operator_settles_what_nobody_knows_of(
    send: Callable[..., Any],
    operate: Callable[..., Any],
    shell: Shell,
    running: Running,
    street: Street,
) -> None:
    fault = {"kind": "drop_before", "match": "POST /order", "times": 1}
    street.command("spoonity-ca", "faults", fault)
    assert send("p-1", "--wait", "0").exit_code == 0
    [parked] = _until(lambda: operate("outbox", "list"))
    assert (parked["order"], parked["reason"]) == ("p-1", "in_doubt")
    shown = operate("outbox", "show", parked["id"])
    assert "post_order" in [step["name"] for step in shown["steps"]]
    [lane] = [one for one in operate("lanes") if one["lane"] == "0042/spoonity-ca"]
    assert lane["parked"] == 1

    settled = operate("outbox", "settle", parked["id"], "--reference", "17009999")
    assert (settled["outcome"], settled["reference"]) == ("applied", "17009999")
    keys = ("--url", running.written.url, "--token-file", running.token_file)
    again = shell("outbox", "skip", parked["id"], "--reason", "twice", *keys)
    assert again.exit_code == 1
    assert "operation_conflict" in again.stderr
    assert shell("outbox", "show", parked["id"], *keys).stdout.count("17009999") == 1


def test_an_operator_has_it_sent_again_who_has_looked(
    send: Callable[..., Any], operate: Callable[..., Any], street: Street
) -> None:
    fault = {"kind": "drop_before", "match": "POST /order", "times": 1}
    street.command("spoonity-ca", "faults", fault)
    assert send("p-2", "--wait", "0").exit_code == 0
    [parked] = _until(lambda: operate("outbox", "list", "--lane", "0042/spoonity-ca"))
    operate("outbox", "retry", parked["id"], "--send-again", "--by", "Mia")
    ended = _until(lambda: operate("outbox", "show", parked["id"])["finished_at"])
    assert ended
    assert operate("outbox", "show", parked["id"])["outcome"] == "applied"


def test_a_lane_that_waits_is_resumed_and_shown(
    send: Callable[..., Any],
    operate: Callable[..., Any],
    shell: Shell,
    running: Running,
    street: Street,
) -> None:
    keys = ("--url", running.written.url, "--token-file", running.token_file)
    street.command("spoonity-ca", "plug", {"out": True})
    result = send("w-1", "--wait", "0")
    assert result.exit_code == 0
    assert "202 queued, not final yet" in result.stdout
    listed = shell("outbox", "list", "--state", "queued", *keys).stdout
    assert "w-1" in listed
    street.command("spoonity-ca", "plug", {"out": False})
    operate("outbox", "resume", "0042/spoonity-ca")
    _until(lambda: not operate("outbox", "list", "--state", "queued"))
    assert "0042/spoonity-ca" in shell("lanes", *keys).stdout


def test_an_operator_with_a_wrong_token_is_told_so(
    shell: Shell, running: Running, tmp_path: Path
) -> None:
    wrong = tmp_path / "token"
    wrong.write_text("wrong")
    wrong.chmod(0o600)
    result = shell("lanes", "--url", running.written.url, "--token-file", wrong)
    assert result.exit_code == 1
    assert result.stderr.startswith("tillbridge: 401 ")


def test_a_second_gateway_on_the_same_outbox_is_refused(running: Running) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "gateway", "serve", "--config", str(running.written.path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "another process holds the outbox" in done.stderr


def test_a_gateway_at_work_is_examined_through_itself_and_keeps_its_file(
    operate: Callable[..., Any], shell: Shell, running: Running
) -> None:
    assert operate("outbox", "verify")["findings"] == []
    for words in (("outbox", "verify"), ("outbox", "confirm")):
        result = shell(*words, "--config", running.written.path)
        assert result.exit_code == 4
        assert "the gateway runs" in result.stderr


def test_a_copy_is_made_once_under_a_name(
    operate: Callable[..., Any], shell: Shell, running: Running
) -> None:
    copy = Path(operate("outbox", "backup", "day-1")["path"])
    assert copy == running.folder / "data" / "day-1.db"
    assert copy.stat().st_size > 0
    keys = ("--url", running.written.url, "--token-file", running.token_file)
    again = shell("outbox", "backup", "day-1", *keys)
    assert again.exit_code == 1
    assert "409 operation_conflict" in again.stderr
    assert operate("outbox", "verify")["ok"]


def test_an_export_goes_to_a_file_or_to_standard_output(
    send: Callable[..., Any], shell: Shell, running: Running, tmp_path: Path
) -> None:
    assert send("e-1").exit_code == 0
    keys = ("--url", running.written.url, "--token-file", running.token_file)
    out = tmp_path / "entries.ndjson"
    result = shell("outbox", "export", "--out", out, *keys)
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr
    orders = [json.loads(line)["order"] for line in out.read_text().splitlines()]
    assert orders.count("e-1") == 1
    assert shell("outbox", "export", *keys).stdout == out.read_text()
    nowhere = shell("outbox", "export", "--out", tmp_path / "no" / "file", *keys)
    assert nowhere.exit_code == 1
    assert "cannot be written: No such file or directory" in nowhere.stderr


def test_the_plan_of_a_void_is_read_and_approved(
    send: Callable[..., Any], operate: Callable[..., Any], shell: Shell, running: Running
) -> None:
    for order_id in ("u-1", "u-2"):
        assert send(order_id, "--wait", "20").exit_code == 0
    _void(running, "u-1")
    [parked] = _until(lambda: operate("outbox", "list"))
    steps = ["void u-2", "void u-1", "submit u-2 again"]
    assert operate("outbox", "show", parked["id"], "--plan")["plan"] == steps
    keys = ("--url", running.written.url, "--token-file", running.token_file)
    said = shell("outbox", "show", parked["id"], "--plan", *keys).stdout
    for number, step in enumerate(steps, start=1):
        assert f"  {number}. {step}\n" in said
    assert f"tillbridge outbox retry {parked['id']} approves" in said
    operate("outbox", "retry", parked["id"], "--reason", "the guest went back")
    _until(lambda: operate("outbox", "show", parked["id"])["outcome"] == "applied")
    over = shell("outbox", "show", parked["id"], "--plan", *keys)
    assert over.exit_code == 1
    assert "has no plan that waits for you: it is done" in over.stderr


def _void(running: Running, order_id: str) -> None:
    target, body = f"/v1/stores/0042/orders/{order_id}/void", b'{"reason": "wrong table"}'
    proof = running.written.tills["0042-1"].authorization("POST", target, body)
    headers = {"Authorization": proof, "Content-Type": "application/json"}
    assert ask_once(running.written.url, "POST", target, body=body, headers=headers).status == 202
