"""Asks each vendor something harmless, to prove address and credential before the first guest."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from yarl import URL

from gateway.core.adapter import Adapter, Credentials, Link, Site
from gateway.core.errors import GatewayError
from gateway.core.flow import STEPS, Flow
from gateway.core.operation import Rewards
from gateway.edge.clock import SystemClock
from gateway.edge.vendor import VendorClient
from gateway.engine import policy
from gateway.engine.ports import Account
from gateway.settings import Settings

AT_ONCE = 8
"""Accounts asked at the same time: a chain has thousands, a vendor has patience."""

Result = Literal["good", "failed", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Probed:
    """What became of asking one account; `stores` says for whom it counts."""

    vendor: str
    stores: str
    asked: str
    result: Result
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Tell whether the account cannot be used as it is."""
        return self.result == "failed"

    @property
    def text(self) -> str:
        """The result as people read it."""
        return f"{self.result}: {self.detail}" if self.detail else self.result

    def facts(self) -> dict[str, Any]:
        """The result as programs read it."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """One account as some stores use it."""

    vendor: str
    store: str
    stores: str
    adapter: Adapter
    site: Site
    link: Link
    credentials: Credentials


def probe_all(settings: Settings, adapters: Mapping[str, Adapter]) -> list[Probed]:
    """Ask every account once, and once more for each store that changes it."""

    async def ask() -> list[Probed]:
        turn = asyncio.Semaphore(AT_ONCE)

        async def in_turn(subject: _Subject) -> Probed:
            async with turn:
                return await _probe(subject)

        return list(await asyncio.gather(*map(in_turn, _subjects(settings, adapters))))

    return asyncio.run(ask())


def _subjects(settings: Settings, adapters: Mapping[str, Adapter]) -> Iterator[_Subject]:
    shared: set[str] = set()
    for (vendor, code), account in settings.accounts.items():
        own = bool(account.overrides)
        route = settings.plan.stores[code].route_to(vendor)
        if route is None or (not own and vendor in shared):
            continue
        if not own:
            shared.add(vendor)
        yield _Subject(
            vendor=vendor,
            store=code,
            stores=f"store {code}" if own else "all stores",
            adapter=adapters[route.adapter],
            site=route.site,
            link=account.link,
            credentials=account.credentials,
        )


async def _probe(subject: _Subject) -> Probed:
    adapter = subject.adapter
    authorize = adapter.authorize
    if authorize is not None and authorize.needed(subject.credentials):
        place = URL(authorize.url(subject.site))
        link = subject.link.model_copy(update={"base_url": str(place.origin())})
        asker = replace(adapter, sign=authorize.sign, authorize=None)
        return await _ask(
            replace(subject, adapter=asker, link=link), "a token", authorize.flow(subject.site)
        )
    says = adapter.operations.get("rewards")
    if says is not None and says.doubt == "read":
        ask = Rewards(at=SystemClock().now())
        return await _ask(subject, "its list of rewards", says.flow(ask, subject.site))
    return Probed(
        vendor=subject.vendor,
        stores=subject.stores,
        asked="nothing",
        result="skipped",
        detail=f"every call of {adapter.title} speaks of a member or an order",
    )


async def _ask(subject: _Subject, asked: str, flow: Flow[Any]) -> Probed:
    client = VendorClient(
        lambda _vendor, _store: (subject.adapter, subject.link, subject.credentials), SystemClock()
    )
    await client.start()
    try:
        await _run(client, subject, flow)
    except GatewayError as error:
        result: Result = "failed"
        detail = error.detail
    else:
        result, detail = "good", ""
    finally:
        flow.close()
        await client.stop()
    return Probed(
        vendor=subject.vendor, stores=subject.stores, asked=asked, result=result, detail=detail
    )


async def _run(client: VendorClient, subject: _Subject, flow: Flow[Any]) -> None:
    """Drive a flow of reads to its end; GatewayError says why it did not come there."""
    account = Account(vendor=subject.vendor, store=subject.store)
    try:
        call = next(flow)
        for _ in range(STEPS):
            reply = await client(account, call, subject.site)
            call = flow.send(policy.judge(reply, subject.adapter.understands))
    except StopIteration:
        return
