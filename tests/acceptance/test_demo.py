"""The demo, as whoever tries Tillbridge first runs it."""

import os
import subprocess
import sys
from pathlib import Path

MINUTE = 60


def test_the_demo_proves_all_it_shows_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "demo"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=MINUTE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ All 9 acts hold" in done.stdout
    assert "✗" not in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
