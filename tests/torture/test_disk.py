"""A disk that fails stops the process, a full one takes nothing new, and nothing is lost."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from gateway.cli.peer import Heard
from gateway.edge.outbox import RESERVE_BYTES
from tests.torture.clearing import Clearing
from tests.torture.gateway_process import Desk, GatewayProcess
from tests.torture.oracle import judge
from tests.torture.ordeal import Ordeal, selling_on
from tests.torture.scene import Scene, open_scene
from tests.torture.strace import Injection, why_not
from tests.torture.tills import Ledger, Till, open_tills

pytestmark = pytest.mark.torture

STORAGE_FAILED = 5

SYNCS = tuple(
    Injection(call="fdatasync", nth=nth, what="error=EIO") for nth in range(1, 101)
) + tuple(Injection(call="pwrite64", nth=nth, what="error=EIO") for nth in range(1, 301, 30))
"""The first hundred syncs (this SQLite says fdatasync for all of them), and some pages."""

DISK_BYTES = 80 * 1024 * 1024
"""Little more than twice the reserve: filled in a moment."""

ENDS_SECONDS = 20.0


async def test_a_disk_that_fails_stops_the_process_and_loses_nothing(tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(reason)
    result = await Ordeal(tmp_path, selling_on).endure(SYNCS)
    print(result)
    assert not result.verdict.faults
    assert set(result.codes) == {STORAGE_FAILED}
    assert result.hits > len(SYNCS) / 2
    assert "Traceback" not in result.said


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own in memory; skips the test where none can be mounted."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount the small disk this needs")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "tmpfs", str(folder)]
    told = subprocess.run(mount, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if told.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {told.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607 - as above


class Filler:
    """A file that takes a disk's room."""

    def __init__(self, disk: Path) -> None:
        self._disk = disk
        self._file = disk / "filler"

    def fill(self, leaving_bytes: int) -> None:
        """Take all but so many bytes."""
        self.free()
        left = os.statvfs(self._disk)
        size = left.f_bavail * left.f_frsize - leaving_bytes
        with self._file.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def free(self) -> None:
        """Give it back."""
        self._file.unlink(missing_ok=True)


@asynccontextmanager
async def store_on(disk: Path, folder: Path) -> AsyncIterator[tuple[Scene, Till, Ledger]]:
    """A store whose outbox lives on this disk, and one till in it."""
    ledger = Ledger()
    async with open_scene(folder, data=disk / "data") as scene:
        [till, *_] = open_tills(scene, ledger=ledger)
        async with till.desk:
            yield scene, till, ledger


async def sell(till: Till, *, prefer: str = "respond-async") -> Heard:
    sale = till.sale()
    return await till.desk.put(till.shop.store, sale.order_id, sale.order, prefer=prefer)


async def test_a_full_disk_takes_nothing_new_delivers_the_old_and_resumes_by_itself(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        async with store_on(disk, tmp_path) as (scene, till, ledger):
            filler, server = Filler(disk), scene.servers[till.shop.vendor]
            await server.unplug()
            async with GatewayProcess(scene), Desk(scene) as desk:
                for _ in range(20):
                    assert (await sell(till)).status == 202
                filler.fill(RESERVE_BYTES - 1024 * 1024)
                refused = await sell(till)
                assert refused.status == 503
                assert refused.json()["code"] == "storage_full"
                assert refused.json()["retryable"] is True
                assert len(await desk.entries()) == 20
                await server.plug_in()
                await Clearing(scene, till.chance).clear(desk)
                assert {entry["outcome"] for entry in await desk.entries()} == {"applied"}
                assert (await sell(till)).status == 503
                filler.free()
                assert (await sell(till, prefer="wait=5")).status == 200
                verdict = await judge(scene, ledger, desk)
            assert not verdict.faults
            assert verdict.applied == 21


async def test_a_disk_without_a_byte_left_stops_the_process_and_room_brings_it_back(
    tmp_path: Path,
) -> None:
    """Past the reserve a write fails after it began: what became of it is unknown until a start."""
    with small_disk(tmp_path / "disk") as disk:
        async with store_on(disk, tmp_path) as (scene, till, ledger):
            filler, server = Filler(disk), scene.servers[till.shop.vendor]
            gateway = GatewayProcess(scene)
            await server.unplug()
            await gateway.start()
            for _ in range(20):
                await till.put(till.sale(), prefer="respond-async")
            filler.fill(0)
            await server.plug_in()
            async with Desk(scene) as desk:
                lane = f"{till.shop.store}/{till.shop.vendor}"
                await asyncio.gather(
                    desk.ops("POST", f"/lanes/{lane}/resume", {}), return_exceptions=True
                )
            assert await gateway.ended(ENDS_SECONDS) == STORAGE_FAILED
            gateway.bear()
            gateway.let_go()
            assert await gateway.ended(ENDS_SECONDS) == STORAGE_FAILED
            filler.free()
            async with gateway, Desk(scene) as desk:
                await Clearing(scene, till.chance).clear(desk)
                verdict = await judge(scene, ledger, desk)
            assert not verdict.faults
            assert verdict.acknowledged == 20
            assert "Traceback" not in gateway.said
