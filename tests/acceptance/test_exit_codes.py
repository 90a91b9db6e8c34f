"""How the process ends tells its supervisor, or a person, what to do next."""

import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.torture.gateway_process import Desk, GatewayProcess
from tests.torture.scene import Scene, open_scene
from tests.torture.tills import Ledger, open_tills

STOPPED, CONFIGURATION, HELD, STORAGE, DAMAGED, NEWER = 0, 3, 4, 5, 6, 7

ENDS_WITHIN_SECONDS = 20.0


def copy_the_file(scene: Scene) -> None:
    """As a restored backup or a cloned disk has it: the same bytes in another file."""
    copy = scene.database.with_name("copy.db")
    shutil.copy(scene.database, copy)
    copy.replace(scene.database)


def age_the_program(scene: Scene) -> None:
    with sqlite3.connect(scene.database) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()


def damage_the_header(scene: Scene) -> None:
    with scene.database.open("r+b") as file:
        file.write(b"\x00" * 100)


def damage_a_page(scene: Scene) -> None:
    """The schema's own page, behind the header."""
    with scene.database.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 3000)


def lose_the_seal_key(scene: Scene) -> None:
    [key] = scene.folder.rglob("seal.key")
    key.write_text("00" * 32 + "\n")


def put_a_file_in_the_folders_place(scene: Scene) -> None:
    scene.data.rename(scene.folder / "elsewhere")
    scene.data.touch()


def show_the_seal_key(scene: Scene) -> None:
    [key] = scene.folder.rglob("seal.key")
    key.chmod(0o644)


def cut_the_seal_key(scene: Scene) -> None:
    [key] = scene.folder.rglob("seal.key")
    key.write_text("not a key\n")


def misspell_a_key(scene: Scene) -> None:
    scene.config.write_text(scene.config.read_text().replace("till_auth", "till_aut"))


ENDS: list[tuple[Callable[[Scene], None], int, str]] = [
    (copy_the_file, DAMAGED, "another instance"),
    (age_the_program, NEWER, "version 99"),
    (damage_the_header, DAMAGED, "cannot be read as an outbox"),
    (damage_a_page, DAMAGED, "cannot be read as an outbox"),
    (lose_the_seal_key, DAMAGED, "a key that is not configured"),
    (put_a_file_in_the_folders_place, STORAGE, "File exists"),
    (show_the_seal_key, CONFIGURATION, "can be read by others"),
    (cut_the_seal_key, CONFIGURATION, "seal key"),
    (misspell_a_key, CONFIGURATION, "unknown key till_aut"),
]


@pytest.mark.parametrize(("harm", "code", "says"), ENDS, ids=[end[0].__name__ for end in ENDS])
async def test_what_a_person_must_look_at_ends_the_start_with_its_own_code(
    harm: Callable[[Scene], None], code: int, says: str, tmp_path: Path
) -> None:
    async with open_scene(tmp_path) as scene:
        gateway = GatewayProcess(scene)
        await gateway.start()
        assert await gateway.stop() == STOPPED
        harm(scene)
        before = len(gateway.said)
        gateway.bear()
        gateway.let_go()
        assert await gateway.ended(ENDS_WITHIN_SECONDS) == code
    assert says in gateway.said[before:]
    assert "Traceback" not in gateway.said


async def test_a_second_process_is_turned_away_and_the_first_sells_on(tmp_path: Path) -> None:
    async with open_scene(tmp_path) as scene, GatewayProcess(scene) as first:
        second = GatewayProcess(scene)
        second.bear()
        second.let_go()
        assert await second.ended(ENDS_WITHIN_SECONDS) == HELD
        assert "another process holds the outbox" in first.said
        ledger = Ledger()
        [till, *_] = open_tills(scene, ledger=ledger)
        async with till.desk:
            assert await till.put(till.sale())
    assert [told.standing for told in ledger.told] == ["queued"]
    assert "Traceback" not in first.said


async def test_an_address_that_is_taken_ends_the_start_and_is_named(tmp_path: Path) -> None:
    async with open_scene(tmp_path) as scene:
        gateway = GatewayProcess(scene)
        with socket.socket() as seat:
            seat.bind(("127.0.0.1", scene.port))
            seat.listen()
            gateway.bear()
            gateway.let_go()
            assert await gateway.ended(ENDS_WITHIN_SECONDS) == CONFIGURATION
    assert f"listen: 127.0.0.1:{scene.port}" in gateway.said
    assert "Traceback" not in gateway.said


async def test_told_to_stop_it_stops_in_peace_and_keeps_what_it_has(tmp_path: Path) -> None:
    async with open_scene(tmp_path) as scene:
        for server in scene.servers.values():
            await server.unplug()
        gateway, ledger = GatewayProcess(scene), Ledger()
        await gateway.start()
        [till, *_] = open_tills(scene, ledger=ledger)
        async with till.desk:
            await till.put(till.sale(), prefer="respond-async")
        assert await gateway.stop() == STOPPED
        async with gateway, Desk(scene) as desk:
            assert [entry["state"] for entry in await desk.entries()] == ["queued"]
    assert "Traceback" not in gateway.said
