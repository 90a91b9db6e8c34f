"""How the demo's tills sell: say the order, show the answer, and remember both for the end."""

from collections.abc import Mapping
from typing import Any

from gateway.cli.demo.baskets import Sale
from gateway.cli.demo.proof import Act, Stage, listed
from gateway.cli.demo.scene import Scene, Sold, Till, Told

QUEUED, FINAL = 202, 200


async def sell(
    stage: Stage, scene: Scene, act: Act, sale: Sale, *, status: int = FINAL, what: str = ""
) -> Sold:
    """Sell, and end the story where the till is not told this status."""
    till = scene.till(sale.till)
    sold = Sold(sale=sale, till=till, told=await till.ask("PUT", path_of(sale), sale.order()))
    stage.told(
        till, f"{what or 'sells'} {sale.total} {sale.currency}", sold.told, _words(sold.told)
    )
    act.need(f"status of {sale.receipt}", status, sold.told.status)
    scene.sold.append(sold)
    return sold


async def identify(
    stage: Stage, act: Act, till: Till, member: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Identify a member; returns the visit's id and what the vendor gave."""
    told = await till.ask("POST", "/visits", {"till": till.name, "member": member})
    act.need("status of the visit", 201, told.status)
    given = dict(told.body["results"][0])
    balances = [f"{one['amount']} {one['unit']}" for one in given["balances"]]
    offers = [one["name"] for one in given["rewards"]]
    offers += [f"picked {one['kind']} {one['sku']}" for one in given["lines"]]
    name = given["member"]["name"] or f"member {given['member']['id']}"
    words = f"{name}: {listed(balances)}; {listed(offers)}"
    stage.told(till, f"identifies {member['kind']}", told, words)
    return str(told.body["visit_id"]), given


def path_of(sale: Sale) -> str:
    """Where an order lives, below its store."""
    return f"/orders/{sale.till}-{sale.receipt}"


def _words(told: Told) -> str:
    if "results" not in told.body:
        return str(told.body.get("detail"))
    results = told.body["results"]
    if told.status == QUEUED:
        return listed(
            [f"queued: number {one['sequence']} in lane {one['lane']}" for one in results]
        )
    words = listed([f"{one['vendor']} {one['outcome']}" for one in results])
    return f"{words}: {told.body['cashier']['text']}"
