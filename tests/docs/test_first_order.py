"""The README's first order, typed as it stands there, against real processes on loopback."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.test_readme import README, ROOT, blocks

STORY = README.partition("## A first order of your own")[2].partition("\n## ")[0]
SECONDS = 30
"""A machine with much else to do needs a third of it."""


def free_ports() -> tuple[int, int, int]:
    """Ports for the gateway, the vendor, and 100 above it the vendor's control."""
    while True:
        with socket.socket() as first, socket.socket() as second, socket.socket() as third:
            first.bind(("127.0.0.1", 0))
            second.bind(("127.0.0.1", 0))
            vendor = second.getsockname()[1]
            try:
                third.bind(("127.0.0.1", vendor + 100))
            except OSError:
                continue
            return first.getsockname()[1], vendor, vendor + 100


class Desk:
    """Terminals in a copy of the checkout, where other ports stand for those of the README."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = dict(zip(("8470", "8481", "8581"), map(str, free_ports()), strict=True))
        self._running: list[subprocess.Popen[str]] = []
        (folder / "config").mkdir()
        for name in ("first.yaml", "first-order.json"):
            text = (ROOT / "config" / name).read_text()
            (folder / "config" / name).write_text(self._placed(text))

    def _placed(self, text: str) -> str:
        for written, port in self._ports.items():
            text = re.sub(rf"\b{written}\b", port, text)
        return text

    def _environment(self) -> dict[str, str]:
        tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {
            **os.environ,
            "PATH": tools,
            "TILLBRIDGE_URL": f"http://127.0.0.1:{self._ports['8470']}",
        }

    def type(self, block: str) -> str:
        """Type a block into the first terminal; what it prints."""
        text = block.replace('export PATH="$PWD/.venv/bin:$PATH"\n', "")
        typed = self._terminal("-euo", "pipefail", "-c", self._placed(text))
        said, _ = typed.communicate(timeout=SECONDS)
        assert typed.returncode == 0, text
        return said

    def leave_running(self, block: str) -> None:
        """Type a block into a terminal of its own."""
        port = f" --port {self._ports['8481']}" if "sandbox" in block else ""
        self._running.append(self._terminal("-c", f"exec env {block.strip()}{port}"))

    def wait_for(self, url: str) -> None:
        """Wait until somebody answers."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(self._placed(url), timeout=5):  # noqa: S310 - loopback
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"nobody answers at {url}")

    def _terminal(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - what is typed is this house's README
            ["bash", *words],  # noqa: S607 - the reader's own
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE if "pipefail" in words else subprocess.DEVNULL,
            text=True,
        )

    def stop(self) -> int:
        """Ctrl-C in the terminal opened last; the exit code."""
        process = self._running.pop()
        process.send_signal(signal.SIGINT)
        return process.wait(SECONDS)

    def leave(self) -> None:
        """Close every terminal, all at once."""
        for process in self._running:
            process.send_signal(signal.SIGINT)
        while self._running:
            self._running.pop().wait(SECONDS)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    opened.leave()


def test_the_order_that_is_shown_is_the_one_that_is_sent() -> None:
    shown = blocks(STORY, "json")[0]
    assert shown == (ROOT / "config" / "first-order.json").read_text()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's first order takes curl")
def test_the_first_order_goes_as_the_readme_says(desk: Desk) -> None:
    secrets, sandbox, serve, first, out, back, doubt, ledger, signed, send = blocks(STORY, "sh")
    health = "http://127.0.0.1:8470/healthz"
    desk.type(secrets)
    desk.leave_running(sandbox)
    desk.leave_running(serve)
    desk.wait_for("http://127.0.0.1:8581/_sandbox/ledger")
    desk.wait_for(health)

    assert json.loads(desk.type(first)) == json.loads(blocks(STORY, "json")[1])

    said = desk.type(out)
    assert '"outcome":"queued"' in said
    assert "Saved; points follow by themselves" in said
    assert "\n202\n" in said
    assert "waiting" in said

    assert '"outcome":"applied"' in desk.type(back)

    said = desk.type(doubt)
    assert '"outcome":"parked","reason":"in_doubt"' in said
    assert "\n202\n" in said
    assert "in_doubt" in said.partition("\n202\n")[2]
    said = desk.type(ledger)
    assert '"reference":"17000002","standing":false' in said
    assert "is now applied" in said.replace("\n", " ")

    assert desk.stop() == 0
    desk.leave_running(signed)
    desk.wait_for(health)
    assert '"code":"unauthenticated"' in desk.type(first)
    assert "200 applied" in desk.type(send)
