"""`check` and `config show`: what a configuration is, or everything that is wrong with it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.demo.stores import Written, write
from tests.cli.conftest import Shell, Street


def _edited(written: Written, old: str, new: str) -> Path:
    text = written.path.read_text()
    assert old in text
    written.path.write_text(text.replace(old, new))
    return written.path


def test_a_good_configuration_is_described(shell: Shell, written: Written) -> None:
    result = shell("check", "--config", written.path)
    assert result.exit_code == 0
    assert f"{written.path} is good." in result.stdout
    assert "5 stores: every kind of order has exactly one primary route." in result.stdout
    assert "seal.key is made at the first start" in result.stdout
    assert not (written.path.parent / "seal.key").exists()


def test_programs_get_the_same_facts(shell: Shell, written: Written) -> None:
    told = json.loads(shell("check", "--config", written.path, "--json").stdout)
    routes = {(one["store"], one["vendor"]): one for one in told["routes"]}
    assert len(routes) == 6
    assert routes["0088", "spoton-us"]["role"] == "follower"
    assert routes["0088", "spoton-us"]["when"] == "channel kiosk, web"
    assert routes["0088", "spoton-us"]["source"].startswith(f"{written.path}:")
    assert told["online"] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"till_auth": "hmac"', '"till_auth": "hmca"', "did you mean hmac?"),
        ('"role": "follower"', '"role": "primary"', "2 primary routes"),
        ('"adapter": "rbi"', '"adapter": "rib"', "did you mean rbi?"),
        ("secrets/till-0077-1", "secrets/till-0077-9", "cannot be read"),
        ('"store_id": "20177"', '"store_ids": "20177"', "unknown key store_ids"),
    ],
)
def test_an_error_is_said_with_its_place(
    shell: Shell, written: Written, old: str, new: str, said: str
) -> None:
    path = _edited(written, old, new)
    result = shell("check", "--config", path)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert f"{path}:" in result.stderr
    assert said in result.stderr


def _bad_seal_key(folder: Path) -> str:
    (folder / "seal.key").write_text("secret")
    (folder / "seal.key").chmod(0o600)
    return ""


def _bad_certificate(folder: Path) -> str:
    for name in ("cert.pem", "key.pem"):
        (folder / name).write_text("no certificate")
        (folder / name).chmod(0o600)
    return '"tls": {"certificate": {"file": "cert.pem"}, "key": {"file": "key.pem"}}, '


@pytest.mark.parametrize(
    ("spoil", "said"), [(_bad_seal_key, "seal key"), (_bad_certificate, "tls: ")]
)
def test_keys_that_cannot_be_used_are_found_before_the_start(
    shell: Shell, written: Written, spoil: Callable[[Path], str], said: str
) -> None:
    more = spoil(written.path.parent)
    path = _edited(written, '"listen"', f'{more}"listen"')
    result = shell("check", "--config", path)
    assert result.exit_code == 3
    assert said in result.stderr


def test_what_is_allowed_and_odd_is_noted(shell: Shell, written: Written) -> None:
    value = json.loads(written.path.read_text())
    del value["ops"], value["tills"], value["stores"]["20177"]
    written.path.write_text(json.dumps(value))
    said = shell("check", "--config", written.path).stdout
    assert "ops has no token" in said
    assert "there are no tills" in said
    assert "no store has a route to rbi-de" in said


def test_online_asks_what_moves_nothing_and_names_nobody(
    shell: Shell, street: Street, tmp_path: Path
) -> None:
    written = write(tmp_path, 8470, street.urls)
    heard = {name: server.record.count for name, server in street.servers.items()}
    result = shell("check", "--config", written.path, "--online", "--json")
    assert result.exit_code == 0
    told = {one["vendor"]: one for one in json.loads(result.stdout)["online"]}
    assert {name: one["result"] for name, one in told.items()} == {
        "spoonity-ca": "good",
        "spendgo-us": "skipped",
        "spoton-us": "good",
        "rbi-de": "skipped",
    }
    assert "speaks of a member or an order" in told["rbi-de"]["detail"]
    asked = {name: s.record.count - heard[name] for name, s in street.servers.items()}
    assert asked == {"spoonity-ca": 1, "spendgo-us": 0, "spoton-us": 1, "rbi-de": 0}


def test_online_finds_a_credential_that_is_refused(
    shell: Shell, street: Street, tmp_path: Path
) -> None:
    written = write(tmp_path, 8470, street.urls)
    for name in ("0042-spoonity-ca-api_key", "spoton-us-client_secret"):
        (tmp_path / "secrets" / name).write_text("wrong")
    result = shell("check", "--config", written.path, "--online")
    assert result.exit_code == 1
    assert result.stdout.count("failed: HTTP 401: the vendor refuses our credential") == 2


def test_online_finds_a_vendor_that_is_not_there(shell: Shell, written: Written) -> None:
    result = shell("check", "--config", written.path, "--online")
    assert result.exit_code == 1
    assert result.stdout.count("failed: ") == 2


def test_every_value_is_shown_with_its_place_and_no_secret(shell: Shell, written: Written) -> None:
    said = shell("config", "show", "--config", written.path, "--origin").stdout
    assert f"{written.path}:2" in said
    assert "secrets/till-0042-1" in said
    assert written.ops_token not in said
    environment = {"TILLBRIDGE_WAIT": "2s"}
    told = shell(
        "config", "show", "--config", written.path, "--origin", "--json", environment=environment
    )
    wait = next(one for one in json.loads(told.stdout) if one["path"] == "wait")
    assert wait == {"path": "wait", "value": "'2s'", "source": "TILLBRIDGE_WAIT"}
