"""A gateway that dies in the middle of an export: nothing half is left, and it is said."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

HALF = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"id": 1}\r\n'


@pytest.fixture
def dying() -> Iterator[str]:
    """The address of a gateway that says half an answer, once."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            caller, _ = door.accept()
            with caller:
                caller.recv(65536)
                caller.sendall(HALF)

        talking = threading.Thread(target=answer)
        talking.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        talking.join()


def test_half_an_export_is_no_file(shell: Shell, dying: str, tmp_path: Path) -> None:
    out = tmp_path / "entries.ndjson"
    token = {"TILLBRIDGE_OPS_TOKEN": "token"}
    result = shell("outbox", "export", "--out", out, "--url", dying, environment=token)
    assert result.exit_code == 1
    assert "broke off in the middle of its answer" in result.stderr
    assert list(tmp_path.iterdir()) == []
