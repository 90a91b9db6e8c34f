"""Acts while everything works: a member is identified, sold to, and the sale is undone."""

from decimal import Decimal
from typing import Any

from gateway.cli.demo.baskets import LATTES, Sale
from gateway.cli.demo.proof import Act, Stage
from gateway.cli.demo.scene import Scene, Till
from gateway.cli.demo.selling import identify, path_of, sell

ANA = {"kind": "email", "value": "ana@example.test"}
VENDOR = "spoonity-ca"
LANE = "0042/spoonity-ca"


async def sell_to_member(stage: Stage, scene: Scene) -> Sale:
    """Identify a member, sell, and show the points before and after."""
    act = stage.begin(
        "Identify a member, sell, show points (Spoonity)",
        "The till was told the very points the vendor gave, and the vendor holds one sale.",
    )
    till = scene.till("0042-1")
    visit_id, given = await identify(stage, act, till, ANA)
    before = points(given)
    sale = Sale(
        till=till.name,
        receipt="000101",
        currency="CAD",
        basket=LATTES,
        member=ANA,
        extra={"visit_id": visit_id},
    )
    sold = await sell(stage, scene, act, sale)
    result = sold.told.result(VENDOR)
    act.need("outcome", "applied", result["outcome"])
    earned = Decimal(result["points"]["earned"])
    after = await _points_now(stage, act, till)
    stage.note(f"points before {before}, earned {earned}, after {after}")
    act.expect("points after the sale", before + earned, after)
    act.expect(
        "what Spoonity holds of the receipt",
        [("submit", sale.total, result["reference"], True)],
        [
            (one.kind, one.amount, one.reference, one.standing)
            for one in scene.vendors[VENDOR].holds(sale.receipt)
        ],
    )
    stage.end(act)
    return sale


async def void(stage: Stage, scene: Scene, sale: Sale) -> None:
    """Undo the sale."""
    act = stage.begin(
        "Void the sale, twice",
        "The points are back where they were; said twice, it was done once.",
    )
    till, path = scene.till(sale.till), path_of(sale)
    sold = (await till.ask("GET", path)).result(VENDOR)
    said = {"reason": "rung up by mistake"}
    told = await till.ask("POST", f"{path}/void", said)
    stage.told(till, "voids it", told, str(told.body["cashier"]["text"]))
    act.need("status of the void", 200, told.status)
    act.expect("state of the order", "voided", told.body["state"])
    again = await till.ask("POST", f"{path}/void", said)
    stage.told(till, "voids it once more", again, "the same answer")
    act.expect("the answer to the same void", told.body, again.body)
    before = points(sold) - Decimal(sold["points"]["earned"])
    act.expect("points after the void", before, await _points_now(stage, act, till))
    act.expect(
        "what Spoonity holds of the receipt",
        [("submit", False), ("void", True)],
        [(one.kind, one.standing) for one in scene.vendors[VENDOR].holds(sale.receipt)],
    )
    stage.end(act)


def points(result: dict[str, Any]) -> Decimal:
    """The points balance among a result's balances."""
    return next(Decimal(one["amount"]) for one in result["balances"] if one["kind"] == "points")


async def _points_now(stage: Stage, act: Act, till: Till) -> Decimal:
    """Ask the vendor by a visit of its own, which is closed again."""
    visit_id, given = await identify(stage, act, till, ANA)
    closed = await till.ask("DELETE", f"/visits/{visit_id}")
    act.expect("status of closing the visit", 204, closed.status)
    return points(given)
