"""One gateway, killed or failed at chosen system calls again and again, and judged at the end."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from gateway.cli.peer import Peer, Unanswered
from tests.torture.clearing import Clearing
from tests.torture.gateway_process import Dead, Desk, GatewayProcess
from tests.torture.oracle import Verdict, judge
from tests.torture.scene import Scene, open_scene
from tests.torture.strace import Injection, Tracer
from tests.torture.tills import Ledger, Till, open_tills

Scenario = Callable[[Scene, Till, str], Awaitable[None]]
"""What one till does while the system call comes up; `label` makes its orders this run's own."""

ENDS_SECONDS = 20.0
"""From the failing call to the end of the process."""


async def accepting(scene: Scene, till: Till, label: str) -> None:
    """Sell while the vendor is away: everything is only taken in."""
    await scene.servers[till.shop.vendor].unplug()
    for _ in range(3):
        await till.put(till.sale(label), prefer="respond-async")


async def delivering(scene: Scene, till: Till, label: str) -> None:
    """Sell and wait for the vendor's word."""
    await scene.servers[till.shop.vendor].plug_in()
    for _ in range(2):
        await till.put(till.sale(label), prefer="wait=2")


async def voiding(scene: Scene, till: Till, label: str) -> None:
    """Sell, and void at once."""
    await scene.servers[till.shop.vendor].plug_in()
    sale = till.sale(label)
    if await till.put(sale, prefer="wait=2") and sale.acknowledged:
        await till.void(sale, prefer="wait=2")


async def selling_on(scene: Scene, till: Till, label: str) -> None:
    """Sell many, one after the other, as long as they are taken."""
    await scene.servers[till.shop.vendor].plug_in()
    for _ in range(10):
        sale = till.sale(label)
        await till.put(sale, prefer="wait=1")
        if not sale.acknowledged:
            return


SCENARIOS: tuple[Scenario, ...] = (accepting, delivering, voiding)


@dataclass(kw_only=True)
class Result:
    """What became of it; `codes` counts how the runs ended whose call came up."""

    runs: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    parked: dict[str, int] = field(default_factory=dict)
    said: str = field(default="", repr=False)
    verdict: Verdict

    @property
    def hits(self) -> int:
        """Runs whose call came up."""
        return self.codes.total()

    def __str__(self) -> str:
        return (
            f"{self.runs} runs, in {self.hits} the call came up (exit codes {dict(self.codes)}): "
            f"{self.verdict}; parked on the way: {self.parked}"
        )


@dataclass
class Ordeal:
    """One scenario under many injections, all on one outbox."""

    folder: Path
    scenario: Scenario
    _runs: int = 0
    _codes: Counter[int] = field(default_factory=Counter)

    async def endure(self, injections: Iterable[Injection]) -> Result:
        """After each run a life without harm brings everything to its end."""
        ledger = Ledger()
        async with open_scene(self.folder) as scene, AsyncExitStack() as doors:
            gateway = GatewayProcess(scene)
            doors.push_async_callback(gateway.kill)
            clearing = Clearing(scene, random.Random(1120))
            tills = open_tills(scene, ledger=ledger)
            for till in tills:
                await doors.enter_async_context(till.desk)
            for injection in injections:
                await self._run(gateway, tills, injection)
                async with gateway, Desk(scene) as desk:
                    await _ask_again(tills)
                    await clearing.clear(desk)
            async with gateway, Desk(scene) as desk:
                verdict = await judge(scene, ledger, desk)
        return Result(
            runs=self._runs,
            codes=self._codes,
            parked=clearing.parked,
            said=gateway.said,
            verdict=verdict,
        )

    async def _run(self, gateway: GatewayProcess, tills: list[Till], injection: Injection) -> None:
        self._runs += 1
        gateway.bear()
        tracer = Tracer(gateway.pid, injection)
        await tracer.attach()
        gateway.let_go()
        try:
            await gateway.ready()
            label = f"-{injection}"
            await asyncio.gather(*(self.scenario(gateway.scene, till, label) for till in tills))
        except Dead:
            pass
        if not await _is_well(gateway.scene):
            self._codes[await gateway.ended(ENDS_SECONDS)] += 1
        await gateway.kill()
        await tracer.ended()


async def _ask_again(tills: Iterable[Till]) -> None:
    """Do what every till does that got no answer: repeating is safe."""
    for till in tills:
        for sale in till.mine:
            if not sale.acknowledged:
                await till.put(sale, prefer="respond-async")


async def _is_well(scene: Scene) -> bool:
    try:
        async with Peer(scene.url) as peer:
            return (await peer.ask("GET", "/readyz")).ok
    except Unanswered:
        return False
