"""Secrets and members whose every trace is recognised, the world that knows them, and who looks."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adapters.spendgo import world as spendgo
from adapters.spendgo.sandbox import SpendgoSandbox
from adapters.spoonity import world as spoonity
from adapters.spoonity.sandbox import SpoonitySandbox
from gateway.cli.peer import Heard, Peer
from gateway.cli.till import TillKey
from gateway.core import strict_json
from gateway.core.sandbox import Sandbox
from tests.torture.scene import SPENDGO_SHOP, SPOONITY_SHOP, Shop

SPOONITY_KEY = "canary0spoonity0api0key00001"
SPENDGO_KEY = "canary0spendgo0api0key000002"
SPENDGO_SECRET = "canary0spendgo0secret0000003"
TILL_SECRET = "canary0till0secret0000000004"
OPS_TOKEN = "canary0ops0token000000000005"
EMAIL = "canary6@example.test"
STRANGER = "canary7@example.test"
PHONE = "4157700123"
CARD = "7009912345678"
PAN = "4111111111111111"
FIRST_NAME = "Canarina"

SECRETS = (SPOONITY_KEY, SPENDGO_KEY, SPENDGO_SECRET, TILL_SECRET, OPS_TOKEN)
MEMBERS = (EMAIL, STRANGER, PHONE, CARD, PAN, FIRST_NAME)

TILLS = {"0042-1": SPOONITY_SHOP.store, "0077-1": SPENDGO_SHOP.store}

SHOPS: tuple[Shop, ...] = (
    replace(SPOONITY_SHOP, secrets={"api_key": SPOONITY_KEY}),
    replace(SPENDGO_SHOP, secrets={"api_key": SPENDGO_KEY, "secret": SPENDGO_SECRET}),
)


class Vendors:
    """The played vendors, who know the canaries until `forget` changes their locks."""

    def __init__(self) -> None:
        known = spoonity.sample_world()
        member = spoonity.Member(
            id="900007",
            first_name="Ann",
            card=CARD,
            email=EMAIL,
            phone=PHONE,
            points=50,
            money=Decimal("1.00"),
        )
        self._spoonity = spoonity.World(
            stores={SPOONITY_KEY: "0042"}, members=(*known.members, member), rewards=known.rewards
        )
        self._spendgo = spendgo.sample_world()
        account = spendgo.Account(id="90001", signing_key=SPENDGO_SECRET, stores=spendgo.STORES)
        self._spendgo.accounts = {SPENDGO_KEY: account}
        self.sandboxes: Mapping[str, Sandbox] = {
            SPOONITY_SHOP.vendor: SpoonitySandbox(world=self._spoonity),
            SPENDGO_SHOP.vendor: SpendgoSandbox(world=self._spendgo),
        }

    def forget(self) -> None:
        """Refuse the credentials from now on."""
        self._spoonity.stores = {}
        self._spendgo.accounts = {}


@dataclass
class Witness:
    """Asks as a till or as the operator, and keeps every answer."""

    peer: Peer
    answers: list[tuple[str, Heard]] = field(default_factory=list)

    async def till(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Heard:
        """Ask as the till of the store in the path; bytes go as they are."""
        store = target.split("/")[3]
        name = next((till for till, at in TILLS.items() if at == store), "0042-1")
        sent = body if isinstance(body, bytes) else b"" if body is None else strict_json.dumps(body)
        key = TillKey(till=name, secret=base64.b64decode(TILL_SECRET))
        proof = {"Authorization": key.authorization(method, target, sent)}
        return await self.ask(method, target, sent, {**proof, **(headers or {})})

    async def ops(self, method: str, path: str, body: Any = None) -> Heard:
        """Ask as the operator."""
        sent = b"" if body is None else strict_json.dumps(body)
        return await self.ask(method, f"/ops{path}", sent, {"Authorization": f"Bearer {OPS_TOKEN}"})

    async def ask(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Heard:
        """Ask with these very headers."""
        heard = await self.peer.ask(method, target, body=body, headers=headers)
        self.answers.append((f"{method} {target}", heard))
        return heard


def spellings(canary: str) -> set[bytes]:
    """Every way a canary may be written down."""
    found = {text.encode() for text in (canary, quote(canary, safe=""), canary.upper())}
    found.add(base64.b64encode(canary.encode()).rstrip(b"="))
    return found | {base64.b64decode(canary)} if canary in SECRETS else found


def traces(text: bytes) -> Iterator[str]:
    """Name the canaries that stand in a text, in any spelling."""
    for canary in (*SECRETS, *MEMBERS):
        if any(spelling in text for spelling in spellings(canary)):
            yield canary


def traces_in_files(folder: Path) -> list[str]:
    """Name the files of a folder that hold a canary, and which."""
    return [
        f"{file.name} holds {canary}"
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        for canary in traces(file.read_bytes())
    ]
