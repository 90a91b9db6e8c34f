"""What README and runbook say is so: the vendor table, the commands, the configurations."""

import asyncio
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from adapters import ADAPTERS
from gateway.app import DATABASE
from gateway.app.finding import find_adapters
from gateway.cli import SHELL
from gateway.edge.keys import seal_keys
from gateway.edge.outbox import ForeignFile, SqlOutbox, free_bytes
from gateway.edge.outbox.database import ThreadedDatabase, instance_of
from gateway.edge.seal import Seal
from gateway.settings import load
from tests.docs import vendor_table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
RUNBOOK = (ROOT / "deploy" / "RUNBOOK.md").read_text()
MADE_UP = "bWFkZS11cC1mb3ItdGVzdHM="


def blocks(text: str, language: str) -> list[str]:
    """Every fenced block of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def command_lines(text: str) -> Iterator[list[str]]:
    """Every `tillbridge …` in a shell block or a code span, as words."""
    shell = "\n".join(blocks(text, "sh")).replace("\\\n", " ")
    said = re.findall(r"^(?:[A-Z_]+=\S+ )?tillbridge (.+)$", shell, re.MULTILINE)
    said += re.findall(r"`tillbridge ([^`]+)`", text)
    for line in said:
        yield shlex.split(line, comments=True)


def command_named(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words begin with, and the words behind its name."""
    command: Any = typer.main.get_command(SHELL)
    while hasattr(command, "commands") and words and words[0].isalpha() and words[0].islower():
        assert words[0] in command.commands, f"no command {words[0]} in {command.name}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


def test_the_vendor_table_is_what_the_manifests_say() -> None:
    assert vendor_table.written(README, ADAPTERS) == README, "python -m tests.docs.vendor_table"


@pytest.mark.parametrize("text", [README, RUNBOOK], ids=["README", "RUNBOOK"])
def test_every_command_and_option_that_is_named_exists(text: str) -> None:
    lines = list(command_lines(text))
    assert len(lines) > 10
    for words in lines:
        command, rest = command_named(words)
        known = {spelling for option in command.params for spelling in option.opts}
        wrong = {word for word in rest if word.startswith("--")} - known
        assert not wrong, f"tillbridge {' '.join(words)}: no {', '.join(wrong)}"


def test_every_command_explains_itself() -> None:
    names = {
        tuple(words[: len(words) - len(command_named(words)[1])]) for words in command_lines(README)
    }
    for name in names:
        answer = CliRunner().invoke(SHELL, [*name, "--help"])
        assert answer.exit_code == 0, name
        assert "Usage" in answer.output


def test_what_is_said_to_be_missing_is_missing() -> None:
    missing = README.partition("Not there yet")[2].partition("\n\n")[0]
    shell: Any = typer.main.get_command(SHELL)
    outbox = shell.commands["outbox"].commands
    for name in re.findall(r"`([a-z ]+)`", " ".join(missing.split())):
        known = outbox if name.startswith("outbox ") else shell.commands
        assert name.removeprefix("outbox ").split()[0] not in known, f"{name} is there: say so"


def loads(config: Path, text: str) -> None:
    """Load a configuration, with every secret it names made up."""
    for name in re.findall(r"{file: ([^/}][^}]*)}", text):
        path = config / name if config.is_dir() else config.parent / name
        if path.name != "seal.key":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(MADE_UP)
            path.chmod(0o600)
    environment = dict.fromkeys(re.findall(r"{env: (\w+)}", text), MADE_UP)
    assert load(config, find_adapters(), environment).plan.stores


@pytest.mark.parametrize("text", blocks(README, "yaml"))
def test_every_configuration_in_the_readme_loads(text: str, tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text(text)
    loads(tmp_path / "gateway.yaml", text)


@pytest.mark.parametrize("name", ["gateway.yaml", "first.yaml", "chain"])
def test_every_example_loads(name: str, tmp_path: Path) -> None:
    source, config = ROOT / "config" / name, tmp_path / "config" / name
    said = ""
    for file in source.rglob("*.yaml") if source.is_dir() else [source]:
        place = config / file.relative_to(source) if source.is_dir() else config
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.read_text())
        said += file.read_text()
    loads(config, said)


def test_every_file_that_is_named_is_there() -> None:
    for page, place in ((README, ROOT), (RUNBOOK, ROOT / "deploy")):
        for name in re.findall(r"`((?:config|deploy|adapters|gateway|tests)/[\w./*-]+)`", page):
            assert list(ROOT.glob(name)), name
        anchors = {
            re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")
            for title in re.findall(r"^#+ (.+)$", page, re.MULTILINE)
        }
        for link in re.findall(r"\]\((?!http)([^)]+)\)", page):
            known = link[1:] in anchors if link.startswith("#") else (place / link).exists()
            assert known, link


def test_the_runbook_s_confirmation_takes_over_a_copied_outbox(tmp_path: Path) -> None:
    text = 'till_auth: none\ndata_dir: ./data\nvendors:\n  v: {adapter: spoton, base_url: "http://[::1]:1"}\n'
    config = tmp_path / "gateway.yaml"
    config.write_text(text)
    settings = load(config, find_adapters(), {})
    file = settings.data_dir / DATABASE
    file.parent.mkdir()

    async def start(instance: str | None = None) -> None:
        outbox = SqlOutbox(
            await ThreadedDatabase.open(file),
            Seal(seal_keys(settings.seal_keys, {}, first_start=True)),
            free_bytes=lambda: free_bytes(file.parent),
            on_failure=print,
        )
        try:
            await outbox.start(instance=instance or instance_of(file))
        finally:
            await outbox.stop()

    asyncio.run(start("another machine"))
    with pytest.raises(ForeignFile):
        asyncio.run(start())
    words = next(said for said in command_lines(RUNBOOK) if said[:2] == ["outbox", "confirm"])
    words[words.index("--config") + 1] = str(config)
    answer = CliRunner().invoke(SHELL, words)
    assert (answer.exit_code, "is taken over" in answer.stdout) == (0, True), answer.output
    asyncio.run(start())
