"""Lets a till in: its body read, its key checked, its store found, its wait counted."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel

from gateway.api.auth import Guard
from gateway.api.prefer import wait_seconds
from gateway.core.money import decimals, exponent, plain
from gateway.engine.doors import Doors
from gateway.engine.refusal import Refused
from gateway.engine.routing import Store
from gateway.engine.rows import About
from gateway.web.bodies import id_of, json_of, model_of, read_body
from gateway.web.door import KNOCK, Handler, Knock, invalid

M = TypeVar("M", bound=BaseModel)

SUBJECTS: Mapping[str, About] = {
    "order_id": "order",
    "payment_id": "payment",
    "visit_id": "visit",
}
"""What an address is about, by the name of its id."""


@dataclass(frozen=True, kw_only=True)
class TillRequest:
    """One request of a till, let in; `deadline` is by the steady clock."""

    request: web.Request
    knock: Knock
    store: Store
    deadline: float
    body: bytes = field(repr=False)

    @property
    def trace_id(self) -> str:
        """The name of this request in every log line."""
        return self.knock.trace_id

    def id(self, name: str) -> str:
        """Read an id of the path."""
        return id_of(self.request, name)

    def order_id(self) -> str:
        """Read the order's id; log lines of this request will name it."""
        found = self.id("order_id")
        self.knock.facts["order"] = found
        return found

    def json(self) -> Any:
        """Read the body as JSON."""
        return json_of(self.request, self.body)

    def model(self, model: type[M]) -> M:
        """Read the body as a model."""
        return model_of(self.request, self.body, model)


TillHandler = Callable[[Doors, TillRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """The till's side of the door; without a guard everybody is let in (till_auth: none)."""

    doors: Doors
    guard: Guard | None
    draining: Callable[[], bool]

    def to(self, handler: TillHandler, *, undoes: bool = False) -> Handler:
        """Lead to a handler; where something is undone, a vendor's inability is 422, not 501."""

        async def come_in(request: web.Request) -> web.StreamResponse:
            knock = request[KNOCK]
            if undoes:
                knock.status_of["unsupported_operation"] = 422
            arrived = self.doors.desk.clock.now()
            till = await self._let_in(request, knock)
            answer = await handler(self.doors, till)
            if request.transport is None or request.transport.is_closing():
                await self._hung_up(till, arrived)
            return answer

        return come_in

    async def _hung_up(self, till: TillRequest, arrived: datetime) -> None:
        """Nobody is there to be told: what a person must know waits for one."""
        for name, about in SUBJECTS.items():
            subject = till.request.match_info.get(name)
            if subject is not None:
                await self.doors.desk.nobody_heard(till.store, subject, about, arrived)

    async def _let_in(self, request: web.Request, knock: Knock) -> TillRequest:
        if self.draining():
            raise Refused("draining", "the gateway is stopping; it is back in a moment")
        code = id_of(request, "store")
        body = await read_body(request)
        if self.guard is not None:
            self.guard.check(
                request.headers.get("Authorization"),
                store=code,
                method=request.method,
                target=request.raw_path,
                body=body,
            )
        store = self.doors.desk.store(code)
        knock.facts["store"] = store.code
        knock.locale = store.locale
        wait = wait_seconds(request.headers.getall("Prefer", ()), store.wait_seconds)
        return TillRequest(
            request=request,
            knock=knock,
            store=store,
            deadline=knock.arrived + wait,
            body=body,
        )


def check_currency(store: Store, currency: str) -> None:
    """Raise BadInput for another currency than the store sells in."""
    if currency != store.currency:
        message = f"store {store.code} sells in {store.currency}, got {currency}"
        raise invalid("currency", message)


def check_decimals(path: str, amount: Any, currency: str) -> None:
    """Raise BadInput for more decimals than the currency has."""
    places = exponent(currency)
    if decimals(amount) > places:
        raise invalid(path, f"{currency} has {places} decimals, got {plain(amount)}")


def answered(answer: BaseModel, status: int = 200) -> web.Response:
    """Send an answer."""
    return web.Response(
        status=status, text=answer.model_dump_json(), content_type="application/json"
    )
