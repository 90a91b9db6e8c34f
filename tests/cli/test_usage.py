"""What the shell gets for words that are right, and for words that are not."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.demo.stores import Written
from tests.cli.conftest import Shell, order_file

COMMANDS = [
    "serve",
    "check",
    "sandbox",
    "demo",
    "send",
    "route",
    "lanes",
    "config schema",
    "config show",
    *(f"outbox {act}" for act in ("list", "show", "retry", "skip", "settle", "ack", "resume")),
    *(f"outbox {act}" for act in ("verify", "export", "backup", "confirm")),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(shell: Shell, command: str) -> None:
    result = shell(*command.split(), "--help", environment={"COLUMNS": "100"})
    assert result.exit_code == 0
    assert f"tillbridge {command}" in result.stdout


def test_the_first_help_names_every_command_and_exit_code(shell: Shell) -> None:
    said = " ".join(shell("--help", environment={"COLUMNS": "100"}).stdout.split())
    for command in COMMANDS:
        assert command.split()[0] in said
    assert "another process holds the outbox" in said


def test_help_loads_neither_network_nor_models() -> None:
    code = (
        "import sys, gateway.cli; "
        "print([m for m in ('aiohttp', 'pydantic', 'cryptography') if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sell"], "No such command"),
        (["serve"], "--config"),
        (["sandbox", "--vendor", "spoonty"], "did you mean spoonity?"),
        (["outbox", "list", "--state", "parkd"], "did you mean parked?"),
        (["outbox", "resume", "0042"], "allowed: STORE/VENDOR"),
        (["outbox", "show", "0"], "greater than or equal to 1"),
        (["outbox", "skip", "1"], "--reason"),
        (["outbox", "settle", "1"], "--reference"),
        (["outbox", "backup"], "NAME"),
        (["outbox", "confirm"], "--config"),
        (["lanes"], "TILLBRIDGE_OPS_TOKEN is not set"),
        (["send", "nowhere.json"], "nowhere.json cannot be read"),
    ],
)
def test_wrong_words_are_usage_errors(shell: Shell, words: list[str], said: str) -> None:
    result = shell(*words, environment={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", 'must hold {"store", "order_id", "order"}'),
        ('{"a": 1}', 'must hold {"store", "order_id", "order"}'),
        ('{"order": []}', 'must hold {"store", "order_id", "order"}'),
        ('{"order": {}, "stroe": "1"}', "found stroe beside store, order_id, order"),
        ('{"order": {},\n "order": {}}', "stands twice"),
        ('{"order": NaN}', "NaN"),
        ('{"order": {}}', "names no store; give it with --store"),
        ('{"store": "1", "order": {}}', "names no order-id; give it with --order-id"),
        ("{\n  nonsense", ":2:3: "),
    ],
)
def test_a_file_that_holds_no_order_says_what_it_should(
    shell: Shell, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "order.json"
    path.write_text(text)
    result = shell("send", path)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_too_large_to_be_an_order_is_not_read(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "order.json"
    path.write_bytes(b" " * (4 * 1024 * 1024 + 1))
    result = shell("send", path)
    assert result.exit_code == 2
    assert "larger than" in result.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9", "nobody answers at http://127.0.0.1:9: "),
        ("unix:/nowhere/socket", "nobody answers at unix:/nowhere/socket: "),
        ("127.0.0.1:8470", "127.0.0.1:8470 is no address; allowed: http://host:port"),
    ],
)
def test_a_gateway_nobody_runs_is_said_in_one_line(
    shell: Shell, tmp_path: Path, url: str, said: str
) -> None:
    result = shell("send", order_file(tmp_path, "0042", "1"), "--url", url)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_secret_others_can_read_is_not_used(shell: Shell, written: Written) -> None:
    secret = written.path.parent / "secrets" / "till-0042-1"
    secret.chmod(0o644)
    path = order_file(written.path.parent, "0042", "1")
    result = shell("send", path, "--secret-file", secret)
    assert result.exit_code == 2
    assert "can be read by others" in result.stderr


def test_serving_a_bad_configuration_ends_with_3(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("listn: 127.0.0.1:1\n")
    result = shell("serve", "--config", path)
    assert result.exit_code == 3
    assert "gateway.yaml:1:1: unknown key listn; did you mean listen?" in result.stderr


def test_the_schema_is_written_where_it_is_wanted(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    assert shell("config", "schema", path).exit_code == 0
    assert shell("config", "schema", "-").stdout == path.read_text()
    result = shell("config", "schema", tmp_path / "nowhere" / "schema.json")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
