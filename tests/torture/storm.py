"""Tills trade, vendors come and go, and the gateway is killed again and again."""

import asyncio
import random
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from gateway.sandbox.faults import Fault, FaultKind
from tests.torture.clearing import Clearing
from tests.torture.gateway_process import Desk, GatewayProcess
from tests.torture.oracle import Verdict, judge
from tests.torture.scene import SHOPS, Scene, open_scene
from tests.torture.tills import Ledger, open_tills

TILLS_EACH = 3
"""Tills in each store, all at once."""

KINDS: tuple[FaultKind, ...] = (
    "drop_before",
    "drop_after",
    "error_before",
    "error_after",
    "html",
    "empty",
    "throttle",
)
MATCHES = ("", "/order", "/order")
"""What a fault hits: any request, or one that moves value at either vendor."""

LIFE_SECONDS = 0.3
"""The longest life after the gateway was ready: some orders, and some calls, long."""

EARLY_RATE = 0.2
"""Lives that end before the gateway was ready."""

CALM_SECONDS = 0.25
"""The longest time between two changes of a vendor's mind."""


@dataclass
class Storm:
    """So many kills at moments of chance, out of one seed."""

    folder: Path
    seed: int
    kills: int
    orders_each: int
    gateway: GatewayProcess = field(init=False, repr=False)
    early: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    _start_seconds: float = 0.2

    async def rage(self) -> tuple[Verdict, Clearing]:
        """Live through it, let everything drain, and judge."""
        ledger, chance = Ledger(), random.Random(self.seed)
        async with open_scene(self.folder) as scene, AsyncExitStack() as doors:
            self.gateway = GatewayProcess(scene)
            doors.push_async_callback(self.gateway.kill)
            tills = open_tills(
                scene, each=TILLS_EACH, ledger=ledger, seed=self.seed, most=self.orders_each
            )
            for till in tills:
                await doors.enter_async_context(till.desk)
            async with asyncio.TaskGroup() as group:
                busy = [group.create_task(till.work()) for till in tills]
                busy.append(group.create_task(self._weather(scene)))
                for _ in range(self.kills):
                    await self._live_and_die(chance)
                for task in busy:
                    task.cancel()
            clearing = Clearing(scene, chance)
            async with self.gateway, Desk(scene) as desk:
                await clearing.clear(desk)
                return await judge(scene, ledger, desk), clearing

    async def _live_and_die(self, chance: random.Random) -> None:
        self.gateway.bear()
        self.gateway.let_go()
        began = time.monotonic()
        if chance.random() < EARLY_RATE:
            self.early += 1
            await asyncio.sleep(chance.random() * self._start_seconds)
        else:
            await self.gateway.ready()
            self._start_seconds = time.monotonic() - began
            await asyncio.sleep(chance.random() * LIFE_SECONDS)
        await self.gateway.kill()
        assert self.gateway.exit_code == -9, self.gateway.said[-2000:]

    async def _weather(self, scene: Scene) -> None:
        """A vendor is unplugged, plugged in, or fails some requests, until the storm is over."""
        chance = random.Random(f"{self.seed}/weather")
        while True:
            server = scene.servers[chance.choice(SHOPS).vendor]
            act = chance.choice(("out", "in", "in", "fail", "fail"))
            self.faults[act] += 1
            if act == "out":
                await server.unplug()
            elif act == "in":
                await server.plug_in()
            else:
                kinds = [chance.choice(KINDS) for _ in range(chance.randint(1, 4))]
                server.faults.clear()
                server.faults.add(Fault(kind=kind, match=chance.choice(MATCHES)) for kind in kinds)
            await asyncio.sleep(chance.random() * CALM_SECONDS)
