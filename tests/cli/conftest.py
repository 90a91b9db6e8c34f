"""A configuration for four played vendors, the vendors themselves, and a gateway to talk to."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.app.finding import find_adapters
from gateway.cli import SHELL
from gateway.cli.demo.stores import VENDORS, Written, write
from gateway.edge.clock import SystemClock
from gateway.sandbox.server import SandboxServer

START_SECONDS = 30.0
NOBODY = "http://127.0.0.1:9"

Shell = Callable[..., Result]
Story = dict[str, Any]


@pytest.fixture
def shell() -> Shell:
    """Runs a command as the shell would."""

    def run(*words: object, environment: Mapping[str, str] | None = None) -> Result:
        return CliRunner().invoke(SHELL, [str(word) for word in words], env=environment)

    return run


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A configuration whose vendors nobody plays."""
    return write(tmp_path, 8470, dict.fromkeys(VENDORS, NOBODY))


def order_file(folder: Path, store: str, order_id: str, **changes: Any) -> Path:
    """A latte for Ana, in a file as tills' developers keep them."""
    order: Story = {
        "till": f"{store}-1",
        "receipt_number": order_id,
        "business_date": "2026-11-20",
        "opened_at": "2026-11-20T12:00:00-05:00",
        "channel": "in_store",
        "service_mode": "eat_in",
        "currency": "CAD",
        "member": {"kind": "email", "value": "ana@example.test"},
        "lines": [
            {"line_id": "1", "sku": "s", "name": "Latte", "quantity": "1", "unit_price": "5.00"}
        ],
        "subtotal": "5.00",
        "total": "5.00",
        "payments": [{"tender": "cash", "amount": "5.00"}],
        **changes,
    }
    path = folder / f"{order_id}.json"
    path.write_text(json.dumps({"store": store, "order_id": order_id, "order": order}))
    return path


class Loop:
    """An event loop of its own beside the test, for servers the command line talks to."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something there to its end."""
        running: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return running.result(START_SECONDS)

    def close(self) -> None:
        """End the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        self._loop.close()


@dataclass(frozen=True, kw_only=True)
class Street:
    """Four played vendors, and the loop they live on."""

    loop: Loop
    servers: Mapping[str, SandboxServer]

    @property
    def urls(self) -> dict[str, str]:
        """Where they answer."""
        return {name: server.url for name, server in self.servers.items()}

    def command(self, vendor: str, what: str, said: Any) -> None:
        """Tell a vendor's control to do something."""
        url = self.servers[vendor].control_url + what
        request = urllib.request.Request(url, json.dumps(said).encode())  # noqa: S310 - loopback
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
            assert answer.status == 200


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    """Four vendors, played beside the tests of a module."""
    loop = Loop()
    adapters = find_adapters()
    servers = {
        name: SandboxServer(adapters[adapter].sandbox(), SystemClock())
        for name, adapter in VENDORS.items()
    }
    for server in servers.values():
        loop.do(server.start())
    yield Street(loop=loop, servers=servers)
    for server in servers.values():
        loop.do(server.stop())
    loop.close()


@dataclass(frozen=True, kw_only=True)
class Running:
    """A gateway that runs, and the keys to it."""

    written: Written
    folder: Path

    @property
    def token_file(self) -> Path:
        """The operator's token."""
        return self.folder / "secrets" / "ops-token"

    def secret_file(self, till: str) -> Path:
        """A till's secret."""
        return self.folder / "secrets" / f"till-{till}"


@pytest.fixture(scope="module")
def running(street: Street, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway process before the played vendors; store 0042 has voids unwound."""
    folder = tmp_path_factory.mktemp("gateway")
    with socket.socket() as seat:
        seat.bind(("127.0.0.1", 0))
        port = seat.getsockname()[1]
    written = write(folder, port, street.urls)
    config = json.loads(written.path.read_text())
    config["stores"]["0042"]["routes"][0]["void_policy"] = "unwind"
    written.path.write_text(json.dumps(config))
    words = [sys.executable, "-m", "gateway", "serve", "--config", str(written.path)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TILLBRIDGE_")}
    with subprocess.Popen(words, env=environment) as process:  # noqa: S603 - our own program
        try:
            _until_ready(written.url, process)
            yield Running(written=written, folder=folder)
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def _until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the gateway ended at once"
        try:
            with urllib.request.urlopen(f"{url}/readyz") as answer:  # noqa: S310 - loopback
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the gateway was not ready in time")
