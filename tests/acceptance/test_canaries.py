"""A whole day in which nothing that must not be told is told: not in logs, files or answers."""

import json
import random
import re
from pathlib import Path
from typing import Any

from gateway.cli.peer import Heard, Peer
from gateway.edge.events import EVENTS
from gateway.sandbox.faults import Fault
from tests.acceptance.canaries import (
    CARD,
    EMAIL,
    FIRST_NAME,
    OPS_TOKEN,
    PAN,
    PHONE,
    SECRETS,
    SHOPS,
    STRANGER,
    TILL_SECRET,
    TILLS,
    Vendors,
    Witness,
    traces,
    traces_in_files,
)
from tests.baskets import basket
from tests.torture.gateway_process import GatewayProcess, until
from tests.torture.scene import Scene, open_scene

SPOONITY, SPENDGO = (shop.vendor for shop in SHOPS)
NAMED = {"first_name": FIRST_NAME, "email": EMAIL, "phone": PHONE}
BY_MAIL = {"kind": "email", "value": EMAIL, **NAMED}
BY_CARD = {"kind": "card", "value": CARD, **NAMED}
BY_PHONE = {"kind": "phone", "value": PHONE, "consent": {"enrol": True}, **NAMED}

SOMEBODY_ELSE = {"kind": "email", "value": "brandin@spoonity.com"}
"""Not kept waiting by what is parked."""

OUTCOME_SECONDS = 30.0


def order(order_id: str, member: Any, **facts: Any) -> dict[str, Any]:
    currency = "CAD" if order_id.startswith("0042") else "USD"
    chance = random.Random(order_id)
    return basket(chance, receipt=order_id, currency=currency, member=member, **facts)


def at(order_id: str, rest: str = "") -> str:
    return f"/v1/stores/{order_id[:4]}/orders/{order_id}{rest}"


async def sell(witness: Witness, order_id: str, member: Any, **facts: Any) -> Heard:
    body = order(order_id, member, **facts)
    return await witness.till("PUT", at(order_id), body, headers={"Prefer": "wait=1"})


async def stand(witness: Witness, order_id: str, outcome: str) -> None:
    """Look at an order until it stands so."""

    async def stands() -> bool:
        heard = await witness.till("GET", at(order_id))
        return bool(heard.json()["outcome"] == outcome)

    await until(stands, OUTCOME_SECONDS)


async def a_good_morning(witness: Witness) -> None:
    """Identified, sold, quoted, voided, refunded."""
    visit = {"till": "0042-1", "visit_id": "v-1", "member": BY_MAIL}
    assert (await witness.till("POST", "/v1/stores/0042/visits", visit)).status == 201
    assert (await sell(witness, "0042-1", None, visit_id="v-1")).json()["outcome"] == "applied"
    assert (await sell(witness, "0042-2", BY_CARD)).json()["outcome"] == "applied"
    assert (await sell(witness, "0077-1", BY_PHONE)).json()["outcome"] == "applied"
    for order_id in ("0042-2", "0077-1"):
        undone = await witness.till("POST", at(order_id, "/void"), {"reason": f"{EMAIL} left"})
        assert undone.status in (200, 202)
    payment = {"instrument": "gift_card", "action": "debit", "amount": "0.50", "currency": "CAD",
               "member": BY_MAIL, "till": "0042-1", "at": "2026-11-20T12:00:00-05:00"}  # fmt: skip
    await witness.till("PUT", "/v1/stores/0042/payments/p-1", payment)
    await witness.till("POST", "/v1/stores/0042/payments/p-1/reverse", {"reason": EMAIL})


async def an_outage(witness: Witness, scene: Scene) -> None:
    """Gone, lossy, talking nonsense, back."""
    for server in scene.servers.values():
        await server.unplug()
    assert (await sell(witness, "0042-3", BY_CARD)).status == 202
    assert (await sell(witness, "0077-3", BY_PHONE)).status == 202
    refused = {"till": "0042-1", "member": BY_MAIL}
    assert (await witness.till("POST", "/v1/stores/0042/visits", refused)).status == 503
    for server in scene.servers.values():
        await server.plug_in()
    scene.servers[SPOONITY].faults.add(
        [Fault(kind="drop_before", match="POST /order"), Fault(kind="html", match="POST /onscreen")]
    )
    scene.servers[SPENDGO].faults.add([Fault(kind="error_after"), Fault(kind="throttle")])
    for vendor, store in ((SPOONITY, "0042"), (SPENDGO, "0077")):
        await witness.ops("POST", f"/lanes/{store}/{vendor}/resume", {"reason": EMAIL})
    await stand(witness, "0042-3", "parked")
    await stand(witness, "0077-3", "applied")


async def what_is_refused(witness: Witness) -> None:
    """Malformed, mistyped, misplaced: whatever was sent is not repeated."""
    put, mail = at("0042-9"), json.dumps(EMAIL).encode()
    good = order("0042-9", BY_MAIL)
    for body in (
        b'{"member": ' + mail,
        b'{"member": ' + mail + b', "member": ' + mail + b"}",
        b"\xff" + mail,
        {**good, "member": EMAIL},
        {**good, "member": {"kind": EMAIL, "value": EMAIL}},
        {**good, "member": {**BY_MAIL, "value": EMAIL * 40}},
        {**good, "member": {**BY_MAIL, "value": {"mail": EMAIL}}},
        {**good, "total": EMAIL},
        {**good, "lines": [{**good["lines"][0], "quantity": EMAIL}]},
        {**good, "currency": EMAIL},
        {**good, "state": EMAIL},
        {**good, "till": EMAIL},
        {**good, "opened_at": EMAIL},
        {**good, "total": "999.99"},
        {**good, "visit_id": EMAIL},
        {**good, "extensions": {"spoonity": {"mail": EMAIL}}},
        {**good, "lines": [{**good["lines"][0], "kind": EMAIL}]},
        {**good, "lines": [{**good["lines"][0], "name": f"card {PAN}"}]},
        {**good, "member": {"kind": "email", "value": PAN}},
    ):
        assert 400 <= (await witness.till("PUT", put, body)).status < 500, body
    for target in ("/v1/stores/0042/orders/{}", "/v1/stores/{}/orders/1", "/v1/stores/0042/{}"):
        for told in (EMAIL.replace("@", "%40"), PAN):
            await witness.till("GET", target.format(told))
    await witness.till("GET", f"{at('0042-1')}?mail={EMAIL}")
    await witness.till("PUT", put, good, headers={"Content-Type": EMAIL})
    await witness.till("PUT", put, good, headers={"Prefer": EMAIL, "X-Mail": EMAIL})


async def what_is_declined(witness: Witness, vendors: Vendors) -> None:
    """Members nobody knows, callers who prove nothing, and credentials that are refused."""
    stranger = {"kind": "email", "value": STRANGER}
    visit = {"till": "0042-1", "member": stranger}
    assert (await witness.till("POST", "/v1/stores/0042/visits", visit)).status == 404
    assert (await sell(witness, "0042-4", stranger)).json()["outcome"] == "declined"
    for secret in SECRETS:
        for scheme in ("Bearer", "Basic", "Tillbridge-HMAC-SHA256 till=0042-1, sig="):
            proof = {"Authorization": f"{scheme} {secret}"}
            await witness.ask("GET", at("0042-1"), headers=proof)
            if secret != OPS_TOKEN:
                assert (await witness.ask("GET", "/ops/lanes", headers=proof)).status >= 400
    vendors.forget()
    refused = await sell(witness, "0042-5", SOMEBODY_ELSE)
    assert refused.json()["results"][0]["reason"] == "unauthorized"
    assert (await sell(witness, "0077-5", BY_PHONE)).json()["outcome"] == "queued"
    await witness.till("GET", "/v1/stores/0042/rewards")


async def an_operators_look(witness: Witness, scene: Scene) -> None:
    """Everything an operator may read, some acts, and secrets written where references belong."""
    await witness.ops("GET", "/lanes")
    for state in ("queued", "parked", "done"):
        for entry in (await witness.ops("GET", f"/entries?state={state}")).json()["entries"]:
            await witness.ops("GET", f"/entries/{entry['id']}")
            await witness.ops("GET", f"/receipts/{entry['store']}/{entry['receipt_number']}")
    [parked, *_] = (await witness.ops("GET", "/entries?state=parked")).json()["entries"]
    await witness.ops("POST", f"/entries/{parked['id']}/skip", {"reason": f"{EMAIL} complained"})
    await witness.ops("POST", f"/entries/{parked['id']}/settle", {"reference": EMAIL})
    good = scene.config.read_text("utf-8")
    for number, reference in enumerate(re.findall(r'\{\s*"file": "[^"]*"\s*\}', good)):
        secret = SECRETS[number % len(SECRETS)]
        scene.config.write_text(good.replace(reference, f'"{secret}"'), "utf-8")
        assert (await witness.ops("POST", "/reload")).status == 422
    scene.config.write_text(good, "utf-8")
    await witness.ops("POST", "/reload")
    for target in ("/metrics", "/readyz", "/v1/stores/0042/capabilities"):
        await witness.till("GET", target) if "/v1" in target else await witness.ask("GET", target)
    for order_id in ("0042-1", "0042-2", "0042-3", "0042-4", "0042-5", "0077-1", "0077-5"):
        await witness.till("GET", at(order_id))


async def test_a_whole_day_tells_no_secret_and_names_no_member(tmp_path: Path) -> None:
    vendors, log = Vendors(), tmp_path / "gateway.log"
    async with open_scene(tmp_path, shops=SHOPS, sandboxes=vendors.sandboxes) as scene:
        scene.overrides = {
            "till_auth": "hmac",
            "ops": {"token": scene.keep("ops", OPS_TOKEN)},
            "log": {"level": "debug", "format": "json", "file": str(log)},
            "tills": {
                name: {"store": store, "secret": scene.keep(f"till-{name}", TILL_SECRET)}
                for name, store in TILLS.items()
            },
        }
        scene.write()
        async with GatewayProcess(scene) as gateway, Peer(scene.url) as peer:
            witness = Witness(peer)
            await a_good_morning(witness)
            await an_outage(witness, scene)
            await what_is_refused(witness)
            await what_is_declined(witness, vendors)
            await an_operators_look(witness, scene)
            await gateway.kill()
        told = [
            f"{asked}: {canary} in {heard.body!r}"
            for asked, heard in witness.answers
            for canary in traces(heard.body + repr(dict(heard.headers)).encode())
        ]
        assert not told
        assert gateway.said == ""
        assert not list(traces(log.read_bytes()))
        assert {file.name for file in scene.data.iterdir()} >= {"outbox.db", "outbox.db-wal"}
        assert not traces_in_files(scene.data)
    _look_at_the_log(log)


def _look_at_the_log(log: Path) -> None:
    """One JSON object a line, each an event of the house."""
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert {line["event"] for line in lines} <= set(EVENTS)
    assert {"entry.parked", "credential.refused", "lane.held", "call.lost"} <= {
        line["event"] for line in lines
    }
    assert all({"at", "level", "event"} <= line.keys() for line in lines)
