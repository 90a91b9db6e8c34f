"""The acts of the outage: the plug is pulled, sales go on, the gateway dies, all is replayed."""

import asyncio
from collections.abc import Sequence

from gateway.cli.demo.baskets import CAFE, Sale
from gateway.cli.demo.online import ANA, LANE, VENDOR
from gateway.cli.demo.proof import Act, Stage
from gateway.cli.demo.scene import Scene, Sold
from gateway.cli.demo.selling import QUEUED, path_of, sell
from gateway.cli.demo.stores import WAIT_SECONDS

BRANDIN = {"kind": "email", "value": "brandin@spoonity.com"}

BEFORE_THE_KILL = 3
"""Of the five: some are only on disk when the process is gone, some come after."""

ON_THE_WAY_SECONDS = 0.5
"""What a busy machine may add to the wait, from till to gateway and back."""

DRAIN_SECONDS = 45.0
"""The gateway notices within half a minute that a vendor is back; after seconds it is far less."""

POLL_SECONDS = 0.1


async def sell_through_outage(stage: Stage, scene: Scene) -> list[Sold]:
    """Pull the plug, sell five orders from two tills, kill and restart the gateway between."""
    act = stage.begin(
        "Pull Spoonity's plug, sell on from two tills, kill -9 the gateway in between",
        "Every till had its answer in time, and no sale was lost with the process.",
    )
    await scene.vendors[VENDOR].server.unplug()
    stage.note("the plug is out: whoever connects to Spoonity is refused")
    sold = [await _sell(stage, scene, act, number) for number in range(BEFORE_THE_KILL)]
    pid = scene.process.pid
    await scene.process.kill()
    await scene.process.start(scene.peer)
    stage.note(f"kill -9 {pid}; the gateway starts again as {scene.process.pid}")
    for one in sold:
        now = await one.till.ask("GET", path_of(one.sale))
        act.expect(f"{one.sale.receipt} after the restart", "queued", now.body.get("outcome"))
    rest = range(BEFORE_THE_KILL, len(CAFE))
    sold += [await _sell(stage, scene, act, number) for number in rest]
    places = [one.sequence(VENDOR) for one in sold]
    act.expect("places in the lane", list(range(places[0], places[0] + len(sold))), places)
    lane = await scene.lane(LANE)
    stage.note(
        f"the operator sees lane {LANE}: {lane.get('state')}, {lane.get('queued')} queued, "
        f"oldest {lane.get('oldest_age_seconds')} s, {lane.get('reason')}"
    )
    act.expect("entries queued in the lane", len(sold), lane.get("queued"))
    stage.end(act)
    return sold


async def _sell(stage: Stage, scene: Scene, act: Act, number: int) -> Sold:
    """Sell from the two tills in turn, to two members in turn."""
    till = ("0042-1", "0042-2")[number % 2]
    sale = Sale(
        till=till,
        receipt=f"{till[-1]}{201 + number:05d}",
        currency="CAD",
        basket=CAFE[number],
        member=(ANA, BRANDIN)[number % 2],
    )
    sold = await sell(stage, scene, act, sale, status=QUEUED)
    in_time = sold.told.milliseconds <= (WAIT_SECONDS + ON_THE_WAY_SECONDS) * 1000
    act.expect(f"{sale.receipt} in time, {WAIT_SECONDS:g} s", expected=True, found=in_time)
    return sold


async def replay(stage: Stage, scene: Scene, sold: Sequence[Sold]) -> None:
    """Plug the vendor back in and watch the lane drain."""
    act = stage.begin(
        "Plug Spoonity back in, watch the lane drain",
        "Every sale arrived once, in the strict sequence that the tills were told.",
    )
    vendor = scene.vendors[VENDOR]
    already = len(vendor.sandbox.ledger)
    await vendor.server.plug_in()
    await _drain(stage, act, sold)
    arrived = vendor.sandbox.ledger[already:]
    in_sequence = sorted(sold, key=lambda one: one.sequence(VENDOR))
    act.expect(
        "receipts at Spoonity, in the order in which they came",
        [one.sale.receipt for one in in_sequence],
        [one.receipt for one in arrived],
    )
    lane = await scene.lane(LANE)
    left = {name: lane.get(name) for name in ("queued", "parked")}
    act.expect("what is left in the lane", {"queued": 0, "parked": 0}, left)
    act.expect("accepted, as done", lane.get("accepted"), lane.get("done"))
    stage.end(act)


async def _drain(stage: Stage, act: Act, sold: Sequence[Sold]) -> None:
    """Watch until every sale is final, and show each as it ends."""
    waiting = list(sold)
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while waiting:
                for one in tuple(waiting):
                    now = await one.till.ask("GET", path_of(one.sale))
                    if now.body["final"]:
                        waiting.remove(one)
                        place = f"number {one.sequence(VENDOR)}, {one.sale.receipt}"
                        words = f"{now.body['outcome']}: {now.body['cashier']['text']}"
                        stage.note(f"{place}: {words}")
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        receipts = [one.sale.receipt for one in waiting]
        act.need(f"sales not final after {DRAIN_SECONDS:.0f} s", [], receipts)
