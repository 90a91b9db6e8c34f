"""`sandbox`: served until told to stop, with everything a till developer must know."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

from tests.cli.conftest import START_SECONDS, Shell

KNOWN = ("key-0042", "account_id", "menu-main", "rbi-key-de")


def _free() -> int:
    """A port below those that systems hand out, so that no other test is given its neighbours."""
    for port in range(21000 + os.getpid() % 9000, 32000, 7):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no free port")


def test_all_four_are_played_on_consecutive_ports_until_told_to_stop() -> None:
    port = _free()
    words = [sys.executable, "-u", "-m", "gateway", "sandbox", "--port", str(port)]
    with subprocess.Popen(  # noqa: S603 - our own program
        words, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C ends it" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        for place, known in enumerate(KNOWN):
            url = f"http://127.0.0.1:{port + place}/_sandbox/ledger"
            with urllib.request.urlopen(url) as answer:
                assert json.loads(answer.read()) == []
            assert known in said
        process.send_signal(signal.SIGTERM)
        assert process.wait(START_SECONDS) == 0
    assert f"curl -d '{{\"out\": true}}' http://127.0.0.1:{port + 100}/_sandbox/plug" in said


def test_a_port_that_is_taken_is_said_in_one_line(shell: Shell) -> None:
    with socket.socket() as seat:
        seat.bind(("127.0.0.1", 0))
        seat.listen()
        port = seat.getsockname()[1]
        result = shell("sandbox", "--vendor", "rbi", "--port", port)
    assert result.exit_code == 1
    assert f"cannot listen at http://127.0.0.1:{port}" in result.stderr
    assert result.stderr.count("\n") == 1
