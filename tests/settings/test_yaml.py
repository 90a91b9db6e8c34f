from pathlib import Path

import pytest

from gateway.settings import yaml
from gateway.settings.faults import Faults, Place
from gateway.settings.yaml import Block, Rows, Scalar, plain


def read(tmp_path: Path, text: str | bytes) -> tuple[yaml.Node | None, list[str]]:
    path = tmp_path / "a.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    faults = Faults()
    node = yaml.read(path, faults)
    return node, [error.removeprefix(f"{tmp_path}/") for error in faults.error().errors]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("off", "off"),
        ("12:30:45", "12:30:45"),
        ("2026-11-20", "2026-11-20"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("42", 42),
        ("-7", -7),
        ("0", 0),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("null", None),
        ('"0042"', "0042"),
        ("'true'", "true"),
        ("|\n  two\n  lines", "two\nlines"),
    ],
)
def test_a_value_is_what_yaml_1_2_says(
    tmp_path: Path, written: str, value: str | float | bool | None
) -> None:
    node, errors = read(tmp_path, f"key: {written}")
    assert errors == []
    assert node is not None
    assert plain(node) == {"key": value}
    assert type(plain(node)["key"]) is type(value)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: 0123", ('1:4: would lose its zeros as a number: put quotes around a code, as in '
         '"0042", write a number without zeros before it')),
        ("0042: a", '1:1: a key must be text, found 0042: put quotes around it: "0042"'),
        ("true: a", '1:1: a key must be text, found true: put quotes around it: "true"'),
        ("? [a]\n: b", "1:3: a key must be text"),
        ("a: 1\nb: 2\na: 3", "3:1: a is already set in line 1; keep one of the two"),
        ("a: !!str 5", "1:4: tags are not read; quote a text that begins with !"),
        ("a: !!python/name:os.system x", "1:4: tags are not read; quote a text that begins with !"),
        ("a: !hunter!2 x", "1:4: is not YAML: found undefined tag handle"),
        ("a: *b", "1:4: no such anchor stands before; quote a text with *"),
        ("a: &b [*b]", "1:8: no such anchor stands before; quote a text with *"),
        ("a: 1\n---\nb: 2", "2:1: a second document; one file is one document"),
        ("%YAML 1.1\n---\na: NO", "2:1: is read as YAML 1.2; drop the directive"),
        ("a: [1, 2", "1:9: is not YAML: expected ',' or ']', but got '<stream end>'"),
        ("a:\n  b: 1\n c: 2", ("3:2: is not YAML: the indentation does not fit the lines above, "
         "or a quote or colon is missing")),
        ('a: "\\q"', "1:6: is not YAML: found unknown escape character 'q'"),
        ('a: "x\\0"', "1:4: has an escape that is a control or half a character"),
        ('"\\uD800": x', "1:1: has an escape that is a control or half a character"),
        ("a: 1\nb: x\x07y", "2:5: is a control character"),
        (b"a: 1\nb: \xff", "2:1: is not UTF-8 text"),
        ("a: " + "[" * 40, "1:19: is nested deeper than 16"),
    ],
)  # fmt: skip
def test_what_would_be_a_guess_is_an_error(tmp_path: Path, text: str | bytes, error: str) -> None:
    _, errors = read(tmp_path, text)
    assert errors == [f"a.yaml:{error}"]


def test_positions_are_those_of_an_editor(tmp_path: Path) -> None:
    node, _ = read(tmp_path, "# first\nouter:\n  inner: [a,\n    bc]\n")
    assert isinstance(node, Block)
    outer = node.values["outer"]
    assert isinstance(outer, Block)
    rows = outer.values["inner"]
    assert isinstance(rows, Rows)
    assert str(outer.keys["inner"]).endswith("a.yaml:3:3")
    assert str(rows.items[1].place).endswith("a.yaml:4:5")


def test_an_anchor_is_written_once_and_used_often(tmp_path: Path) -> None:
    node, errors = read(tmp_path, "a: &x [1, 2]\nb: *x\n")
    assert errors == []
    assert node is not None
    assert plain(node) == {"a": [1, 2], "b": [1, 2]}


def test_a_bomb_of_aliases_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    node, errors = read(tmp_path, "\n".join(lines))
    assert node is None
    assert errors == ["a.yaml:6:5: has more than 1000000 values with its aliases written out"]


def test_a_file_that_is_not_there_or_too_large_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults()
    yaml.read(tmp_path / "none.yaml", faults)
    assert str(faults.error()) == f"{tmp_path}/none.yaml: cannot be read: No such file or directory"
    monkeypatch.setattr(yaml, "FILE_BYTES", 8)
    assert read(tmp_path, "key: value")[1] == [
        "a.yaml: is larger than 8 bytes; split it into a folder"
    ]


def test_what_was_found_is_shown_short_and_without_a_password() -> None:
    def found(text: str) -> str:
        return yaml.found(Scalar(place=Place("a"), value=text, text=text))

    assert found("x" * 500) == repr("x" * yaml.FOUND_CHARACTERS + "…")
    assert found("https://me:pass@host/x") == "'https://…@host/x'"
