"""The demo: the whole story on played vendors, each act proving what it shows."""

import asyncio
import time

from gateway.cli.demo import comparison, online, outage, vendors
from gateway.cli.demo.process import Dead
from gateway.cli.demo.proof import NotSo, Stage
from gateway.cli.demo.scene import Scene, open_scene
from gateway.cli.peer import Unanswered


def run() -> int:
    """Play every act; returns 0 if all that was shown is so, else 1."""
    return asyncio.run(_run(Stage()))


async def _run(stage: Stage) -> int:
    began = time.monotonic()
    try:
        async with open_scene() as scene:
            await _play(stage, scene)
    except NotSo:
        stage.end(stage.acts[-1])
    except (Dead, Unanswered) as error:
        act = stage.acts[-1] if stage.acts else stage.begin("Start", "The gateway starts.")
        act.wrong.append(str(error))
        stage.end(act)
    return stage.verdict(time.monotonic() - began)


async def _play(stage: Stage, scene: Scene) -> None:
    stage.note(f"gateway {scene.written.url} (process {scene.process.pid}), and four vendors:")
    for name, vendor in scene.vendors.items():
        stage.note(f"{name:<12} {vendor.server.url}")
    sale = await online.sell_to_member(stage, scene)
    await online.void(stage, scene, sale)
    sold = await outage.sell_through_outage(stage, scene)
    await outage.replay(stage, scene, sold)
    await vendors.four_ways(stage, scene)
    await vendors.rewards(stage, scene)
    await vendors.two_vendors(stage, scene)
    await comparison.compare(stage, scene)
    await comparison.ask_vendors(stage, scene)
