from pathlib import Path

import pytest

from gateway.settings import Reference, SecretUnreadable, decoded, read_secret
from gateway.settings.references import SECRET_BYTES
from tests.settings.vendors import (
    ENVIRONMENT,
    HUSH,
    PointsCredentials,
    changed,
    errors_of,
    settings_of,
)

HOW = "write {env: NAME} or {file: PATH}"
KEY = "{env: KEY_0042}"


def kept(path: Path, data: bytes, mode: int = 0o600) -> Reference:
    path.write_bytes(data)
    path.chmod(mode)
    return Reference(kind="file", name=str(path))


@pytest.mark.parametrize(
    ("data", "secret"),
    [(b"abc", "abc"), (b"abc\n", "abc"), (b"abc\r\n", "abc"), (b" abc ", " abc ")],
)
def test_one_trailing_newline_is_no_part_of_a_secret(
    tmp_path: Path, data: bytes, secret: str
) -> None:
    assert read_secret(kept(tmp_path / "s", data), {}).get_secret_value() == secret


@pytest.mark.parametrize(
    ("data", "mode", "why"),
    [
        (b"abc", 0o640, "can be read by others (mode 0640); run chmod 600 on it"),
        (b"abc", 0o604, "can be read by others (mode 0604); run chmod 600 on it"),
        (b"abc\n\n", 0o600, "must be one line without control characters"),
        (b"a\x00c", 0o600, "must be one line without control characters"),
        (b"\n", 0o600, "is empty"),
        (b"\xff", 0o600, "is not UTF-8 text"),
        (b"x" * (SECRET_BYTES + 1), 0o600, "is larger than 65536 bytes"),
    ],
)
def test_a_secret_file_that_is_not_one_is_refused(
    tmp_path: Path, data: bytes, mode: int, why: str
) -> None:
    reference = kept(tmp_path / "s", data, mode)
    with pytest.raises(SecretUnreadable) as caught:
        read_secret(reference, {})
    assert str(caught.value) == f"{tmp_path}/s {why}"


def test_a_folder_is_no_secret(tmp_path: Path) -> None:
    with pytest.raises(SecretUnreadable, match="is not a regular file"):
        read_secret(Reference(kind="file", name=str(tmp_path)), {})


def test_systemd_shows_its_access_list_as_group_bits(tmp_path: Path) -> None:
    credentials = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    reference = kept(tmp_path / "s", b"abc", 0o440)
    assert read_secret(reference, credentials).get_secret_value() == "abc"
    (tmp_path / "s").chmod(0o444)
    with pytest.raises(SecretUnreadable, match="can be read by others"):
        read_secret(reference, credentials)


def test_a_variable_must_be_set_and_not_empty() -> None:
    reference = Reference(kind="env", name="KEY")
    assert read_secret(reference, {"KEY": "abc"}).get_secret_value() == "abc"
    with pytest.raises(SecretUnreadable, match="the environment variable KEY is not set"):
        read_secret(reference, {})
    with pytest.raises(SecretUnreadable, match="the environment variable KEY is empty"):
        read_secret(reference, {"KEY": ""})


def test_base64_is_read_whole_or_not_at_all() -> None:
    assert decoded(read_secret(Reference(kind="env", name="K"), {"K": "YWJj"})) == b"abc"
    with pytest.raises(SecretUnreadable, match="is not base64"):
        decoded(read_secret(Reference(kind="env", name="K"), {"K": "YWJ"}))


def test_a_path_starts_at_the_configuration_and_is_read(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    kept(tmp_path / "secrets/key", b"from-a-file\n")
    settings = settings_of(tmp_path, changed(KEY, "{file: secrets/key}"))
    credentials = settings.account("points-ca", "0042")[1]
    assert isinstance(credentials, PointsCredentials)
    assert credentials.api_key.get_secret_value() == "from-a-file"


@pytest.mark.parametrize(
    ("written", "error"),
    [
        (HUSH, f"27:18: api_key is a secret and never written here: {HOW}"),
        ("12345678", f"27:18: api_key is a secret and never written here: {HOW}"),
        ("null", f"27:18: api_key is missing: {HOW}"),
        (f"[{HUSH}]", f"27:18: api_key needs exactly one place to be kept: {HOW}"),
        ("{env: CLIENT, file: x}", f"27:18: api_key needs exactly one place to be kept: {HOW}"),
        (f"{{value: {HUSH}}}", f"27:19: api_key: {HOW}, nothing else"),
        ("{evn: CLIENT}", f"27:19: api_key: {HOW}, nothing else; did you mean env?"),
        (f"{{env: {HUSH}}}", ("27:24: api_key: env takes the name of a variable (A-Z, 0-9 and _), "
         "not a value")),
        ("{env: 12345678}", ("27:24: api_key: env takes the name of a variable (A-Z, 0-9 and _), "
         "not a value")),
        ("{env: KEY_0043}", "27:18: api_key: the environment variable KEY_0043 is not set"),
        ("{file: no}", "27:18: api_key: no cannot be read: No such file or directory"),
        ("{sealed: x}", ("27:27: api_key: sealed secrets are made by tillbridge secrets seal, "
         f"which this version does not have; {HOW}")),
    ],
)  # fmt: skip
def test_a_secret_is_referenced_and_never_written(tmp_path: Path, written: str, error: str) -> None:
    assert errors_of(tmp_path, changed(KEY, written)) == [f"gateway.yaml:{error}"]


@pytest.mark.parametrize(
    ("secret", "error"),
    [
        ("not base64: " + HUSH, ("secret: what is kept there is not base64, padding included; copy "
         "it whole")),
        ("c2hvcnQ=", "secret: is shorter than 16 bytes; make a longer one"),
    ],
)  # fmt: skip
def test_a_till_secret_is_base64_of_enough_bytes(tmp_path: Path, secret: str, error: str) -> None:
    environment = {**ENVIRONMENT, "TILL_1": secret}
    text = changed("{env: TILL_1}", "{env: TILL_1} ")
    assert errors_of(tmp_path, text, environment) == [f"gateway.yaml:6:37: {error}"]


def test_a_secret_that_is_missing_is_said_once_for_all_stores(tmp_path: Path) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "CLIENT"}
    text = changed(
        "api_key: {env: KEY_0077}, brand: other, date_mode: utc}",
        "api_key: {env: KEY_0077}}\n      - {vendor: kitchen-us, role: follower, location_id: B}",
    )
    assert errors_of(tmp_path, text, environment) == [
        "gateway.yaml:14:16: client_id: the environment variable CLIENT is not set"
    ]
