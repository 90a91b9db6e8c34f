"""Credentials that nobody may ever see, and members nobody may name."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import get_args

from pydantic import SecretStr, ValidationError

from gateway.core.adapter import Adapter, Credentials, Site
from gateway.core.flow import Call, Reply
from gateway.core.operation import Operation, VendorVisit, identifiers, member_of
from gateway.core.order import Member, Order
from gateway.edge.vendor import first_of, spelled
from gateway.engine.ports import Account
from tests.contract.story import Script
from tests.virtual import START

SHORTEST = 8
"""Shorter identifiers may stand in sealed bytes by chance."""


@dataclass(frozen=True, kw_only=True)
class Canaries:
    """One adapter with credentials made of canaries, in one of the ways it takes them."""

    adapter: Adapter
    credentials: Credentials
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.adapter.name}-{len(self.values)}"

    def in_(self, text: str) -> list[str]:
        """Name the canaries that stand in a text."""
        return [value for value in self.values if value in text]


def canaries_of(adapter: Adapter) -> Iterator[Canaries]:
    """Fill an adapter's secret fields, all that fit together; each of them is tried at least once.

    The values are letters and digits alone, and base64 too, so that every spelling shows them.
    """
    fields = [
        name
        for name, info in adapter.credentials.model_fields.items()
        if SecretStr in (info.annotation, *get_args(info.annotation))
    ]
    left = set(fields)
    for size in range(len(fields), 0, -1):
        for names in combinations(fields, size):
            values = {name: f"canary{adapter.name}{fields.index(name):024d}" for name in names}
            values = {name: value[: len(value) // 4 * 4] for name, value in values.items()}
            try:
                credentials = adapter.credentials.model_validate(values)
            except ValidationError:
                continue
            if left & set(names):
                left -= set(names)
                yield Canaries(
                    adapter=adapter, credentials=credentials, values=tuple(values.values())
                )
    assert not left, f"{adapter.name}: no way to fill {left}"


@dataclass(kw_only=True)
class Signing:
    """Signs every call as the edge does, looks at it before and after, and answers by script.

    `early` names what showed before it was signed, `shown` what a signature put on the wire.
    """

    canaries: Canaries
    scripts: dict[str, Script] = field(default_factory=dict)
    early: list[str] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)

    async def __call__(self, account: Account, call: Call, site: Site) -> Reply:
        outgoing = spelled(call)
        before = f"{call!r} {call.target()} {call.headers} {outgoing!r}"
        self.early += [f"{account.vendor}: {call.step}"] * bool(self.canaries.in_(before))
        signed = self.canaries.adapter.sign(outgoing, self.canaries.credentials, START)
        self.unsigned += [f"{account.vendor}: {call.step}"] * (signed == outgoing)
        self.shown.update(self.canaries.in_(f"{signed.target} {signed.headers}"))
        self._ask_for_a_token(site)
        return await self.scripts[account.vendor](account, call, site)

    def _ask_for_a_token(self, site: Site) -> None:
        """Sign what a token is asked for with, where there are tokens: it rests in memory alone."""
        authorize, credentials = self.canaries.adapter.authorize, self.canaries.credentials
        if authorize is not None and authorize.needed(credentials):
            signed = authorize.sign(spelled(first_of(authorize, site)), credentials, START)
            scheme, _, proof = signed.headers["Authorization"].partition(" ")
            assert scheme == "Basic", "look for the credential where this scheme puts it"
            self.shown.update(self.canaries.in_(b64decode(proof).decode()))


def identifiers_in(ask: Operation) -> set[str]:
    """Collect every identifier of a member that an operation names."""
    visit: VendorVisit | None = getattr(ask, "visit", None)
    order: Order | None = getattr(ask, "order", None)
    named: list[Member | None] = [member_of(ask)]
    named += [visit.member] if visit else []
    named += [order.member] if order else []
    return {
        value
        for member in named
        if member is not None
        for value in identifiers(member).values()
        if len(value) >= SHORTEST
    }
