"""One cell of the table: a whole gateway before one vendor on a socket of its own."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from gateway.core.adapter import Adapter, Link
from gateway.core.operation import Identify, Load, Pay
from gateway.core.order import Order
from gateway.edge.outbox import SqlOutbox
from gateway.edge.outbox.database import InLoopDatabase
from gateway.edge.seal import Seal
from gateway.edge.vendor import VendorClient
from gateway.engine.doors import Doors, make_doors
from gateway.engine.refusal import Refused
from gateway.engine.rows import Entry
from tests.ambiguity.wire import CuttingServer, SkippingClock, Striking
from tests.baskets import basket
from tests.simulation.vendors import Account, plan_of
from tests.world import KEY, ROOM, Log, fast_file

CONNECT_SECONDS = 10.0
"""Loopback refuses at once; a machine that stalls must not look like a refusal."""

READ_SECONDS = 0.3
"""Nothing here takes longer but what is lost."""

WAIT_SECONDS = 2.0
LOOK_SECONDS = 61.0
POLL_SECONDS = 0.02
PATIENCE = 6
"""Polls without a call after which time is set forward to the next look."""

POLLS = 1000
"""More than any entry needs: then it is stuck."""

CONVERSATIONS = ("identify", "rewards", "quote")
MEMBERS = {"rbi": {"kind": "vendor_id", "value": "0f7b3f7e-55a2-4f43-8a3c-2b8a1f6f9c10"}}
CODE = {"kind": "short_code", "value": "600001"}


class Still:
    """No chance at all: every backoff is as short as it can be."""

    def __init__(self) -> None:
        self._count = 0

    def random(self) -> float:
        return 0.0

    def identity(self) -> str:
        self._count += 1
        return f"id{self._count}"


@dataclass(kw_only=True)
class Scene:
    """A store with one vendor, and what a till asks of it."""

    account: Account
    clock: SkippingClock = field(default_factory=SkippingClock)

    async def start(self) -> None:
        """Open the vendor's socket, and the gateway's first life."""
        self.path = fast_file()
        self.sandbox = (self.account.sandbox or self.account.adapter.sandbox)()
        self.server = CuttingServer(self.sandbox, self.clock)
        await self.server.start()
        site = {**self.account.site}
        if self.account.adapter.authorize is not None:
            site["token_url"] = f"{self.server.url}/oauth2/v1/token"
        self.account = replace(self.account, site=site)
        self.plan = plan_of((self.account,))
        self.store = self.plan.stores[self.account.store]
        self.client = VendorClient(self._who, self.clock)
        await self.client.start()
        self.wire = Striking(client=self.client, server=self.server)
        await self._begin()

    async def restart(self) -> None:
        """The process dies, and another takes its place."""
        await self._die()
        await self._begin()

    async def stop(self) -> None:
        """End it all."""
        await self._die()
        await self.client.stop()
        await self.server.stop()

    async def prepare(self, operation: str) -> None:
        """What must have happened before, untroubled."""
        if operation == "release" or (operation == "quote" and self._can("identify")):
            await self.identify()
        if operation in ("void", "refund"):
            await self.submit()
            await self.ended("submit")
        if operation == "reverse":
            await self.pay()
            await self.ended("pay")

    async def ask(self, operation: str) -> Any:
        """Ask as the till does; raises Refused."""
        asks: dict[str, Callable[[], Awaitable[Any]]] = {
            "identify": self.identify,
            "release": self._release,
            "rewards": self._rewards,
            "quote": self._quote,
            "submit": self.submit,
            "void": lambda: self._undo("void"),
            "refund": lambda: self._undo("refund"),
            "pay": self.pay,
            "load": lambda: self.pay("load"),
            "reverse": self._reverse,
        }
        return await asks[operation]()

    async def ended(self, operation: str) -> Entry | None:
        """Wait until an entry is done or parked; looks that lie ahead come at once."""
        quiet, calls = 0, len(self.wire.calls)
        for _ in range(POLLS):
            entry = await self._entry(operation)
            if entry is None or entry.state != "queued":
                return entry
            await asyncio.sleep(POLL_SECONDS)
            quiet = quiet + 1 if len(self.wire.calls) == calls else 0
            calls = len(self.wire.calls)
            if quiet >= PATIENCE:
                quiet = 0
                self.clock.skip(LOOK_SECONDS)
                self.doors.desk.lanes.lane(self.store.code, self.account.vendor).wake()
        raise AssertionError(f"{operation} never ends")

    async def identify(self) -> Any:
        ask = {
            "at": self.clock.now(),
            "visit_id": "v-1",
            "till": "1",
            "member": CODE if self.account.adapter.name == "rbi" else self._member(),
            "receipt_number": "r-1",
        }
        return await self.doors.visits.open(
            self.store,
            Identify.model_validate(ask),
            "said",
            replaces=None,
            deadline=self._deadline(),
            trace_id="t",
        )

    async def submit(self) -> Any:
        return await self.doors.orders.put(
            self.store, "o-1", self._order(), deadline=self._deadline(), trace_id="t"
        )

    async def pay(self, kind: Literal["pay", "load"] = "pay") -> Any:
        now = self.clock.now()
        payment = (Pay if kind == "pay" else Load)(
            at=now,
            payment_id="p-1",
            instrument="gift_card",
            amount=Decimal("1.00"),
            currency=self.account.currency,
            member=self._member(),
            till="1",
            receipt_number="p-1",
            paid_at=now,
        )
        return await self.doors.payments.put(
            self.store, payment, "said", visit_id=None, deadline=self._deadline(), trace_id="t"
        )

    async def _release(self) -> Any:
        return await self.doors.visits.close(
            self.store, "v-1", deadline=self._deadline(), trace_id="t"
        )

    async def _rewards(self) -> Any:
        return await self.doors.quotes.rewards(self.store, deadline=self._deadline(), trace_id="t")

    async def _quote(self) -> Any:
        order = self._order(visit_id="v-1") if self._can("identify") else self._order()
        return await self.doors.quotes.ask(
            self.store, "o-1", order, deadline=self._deadline(), trace_id="t"
        )

    async def _undo(self, undo: Literal["void", "refund"]) -> Any:
        return await self.doors.undoing.undo(
            self.store, "o-1", undo, reason="mistake", deadline=self._deadline(), trace_id="t"
        )

    async def _reverse(self) -> Any:
        return await self.doors.payments.reverse(
            self.store, "p-1", "mistake", deadline=self._deadline(), trace_id="t"
        )

    async def _begin(self) -> None:
        self.outbox = SqlOutbox(
            InLoopDatabase(self.path),
            Seal([KEY]),
            free_bytes=lambda: ROOM,
            on_failure=lambda _failure: None,
        )
        await self.outbox.start()
        self.doors: Doors = make_doors(
            outbox=self.outbox,
            send=self.wire,
            clock=self.clock,
            chance=Still(),
            log=Log(),
            plan=lambda: self.plan,
            rate=lambda _vendor: 1000,
            retention_seconds=lambda: 1e9,
        )
        await self.doors.open()

    async def _die(self) -> None:
        left = [task for task in asyncio.all_tasks() if _desk_of(task) is self.doors.desk]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self.doors.close()
        await self.outbox.stop()

    async def _entry(self, operation: str) -> Entry | None:
        subject = {"release": "v-1", "pay": "p-1", "load": "p-1", "reverse": "p-1"}
        store, about = self.store.code, subject.get(operation, "o-1")
        with suppress(Refused):
            for entry in reversed(await self._entries(store, about)):
                if entry.operation == operation:
                    return entry
        return None

    async def _entries(self, store: str, about: str) -> list[Entry]:
        found: list[Entry] = []
        for state in ("done", "queued", "parked"):
            found += await self.doors.operator.entries(state, f"{store}/{self.account.vendor}")
        return sorted((e for e in found if e.subject == about), key=lambda entry: entry.id)

    def _order(self, **facts: Any) -> Order:
        member = None if "visit_id" in facts else self._member()
        body = basket(
            random.Random(1),
            receipt="r-1",
            currency=self.account.currency,
            member=member,
            **facts,
        )
        return Order.model_validate(body)

    def _member(self) -> Any:
        known = next((member for member in self.account.members if member), None)
        return MEMBERS.get(self.account.adapter.name, known)

    def _can(self, operation: str) -> bool:
        return operation in self.account.adapter.operations

    def _who(self, _vendor: str, _store: str) -> tuple[Adapter, Link, Any]:
        adapter = self.account.adapter
        link = Link(
            base_url=self.server.url,
            rate_per_second=1000,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
        )
        return adapter, link, adapter.credentials.model_validate(self.account.credentials)

    def _deadline(self) -> float:
        return self.clock.monotonic() + WAIT_SECONDS


def _desk_of(task: asyncio.Task[Any]) -> Any:
    """Whose desk a task talks at: conversations outlive the till that began them."""
    frame = getattr(task.get_coro(), "cr_frame", None)
    return None if frame is None else getattr(frame.f_locals.get("self"), "desk", None)
