"""The till's door: the HTTP contract, version 1."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from gateway.api import orders, payments, quotes, visits
from gateway.api.answers import HealthAnswer, ReadyAnswer
from gateway.api.auth import Guard, Tills
from gateway.api.door import Entrance, TillHandler, answered
from gateway.api.events import Events
from gateway.api.openapi import openapi_json
from gateway.api.routes import ROUTES
from gateway.engine.doors import Doors
from gateway.web.bodies import MAX_BODY_BYTES
from gateway.web.door import Door, Handler

HANDLERS: Mapping[str, TillHandler] = {
    "get_capabilities": quotes.get_capabilities,
    "list_rewards": quotes.list_rewards,
    "open_visit": visits.open_visit,
    "get_visit": visits.get_visit,
    "close_visit": visits.close_visit,
    "ask_quote": quotes.ask_quote,
    "put_payment": payments.put_payment,
    "get_payment": payments.get_payment,
    "reverse_payment": payments.reverse_payment,
    "put_order": orders.put_order,
    "get_order": orders.get_order,
    "void_order": orders.void_order,
    "refund_order": orders.refund_order,
}
"""Who answers a till, by the route's name."""


def make_app(
    doors: Doors,
    *,
    tills: Tills | None,
    ready: Callable[[], Mapping[str, bool]],
    metrics_text: Callable[[], Awaitable[str]],
    draining: Callable[[], bool],
) -> web.Application:
    """Put the till's side together.

    `tills` None lets everybody in (till_auth: none); `ready` names what must hold, each true or
    false; while `draining` tills are told to come again.
    """
    desk = doors.desk
    door = Door(log=desk.log, clock=desk.clock, chance=desk.chance)
    app = web.Application(middlewares=[door.middleware], client_max_size=MAX_BODY_BYTES)
    guard = None if tills is None else Guard(tills=tills, clock=desk.clock)
    entrance = Entrance(doors=doors, guard=guard, draining=draining)
    events = Events(draining=draining)
    of_tills = {**HANDLERS, "listen": events.stream}
    plain = _plain(ready, metrics_text)
    for route in ROUTES:
        handler = (
            entrance.to(of_tills[route.name], undoes=route.undoes)
            if route.of_a_till
            else plain[route.name]
        )
        app.router.add_route(route.method, route.path, handler)

    async def hang_up(_app: web.Application) -> None:
        await events.close(doors)

    app.on_shutdown.append(hang_up)
    return app


def _plain(
    ready: Callable[[], Mapping[str, bool]], metrics_text: Callable[[], Awaitable[str]]
) -> dict[str, Handler]:
    """What anybody may ask."""

    async def get_health(_request: web.Request) -> web.Response:
        return answered(HealthAnswer())

    async def get_readiness(_request: web.Request) -> web.Response:
        checks = dict(ready())
        fine = all(checks.values())
        return answered(ReadyAnswer(ready=fine, checks=checks), 200 if fine else 503)

    async def get_metrics(_request: web.Request) -> web.Response:
        return web.Response(
            text=await metrics_text(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    async def get_openapi(_request: web.Request) -> web.Response:
        return web.Response(text=openapi_json(), content_type="application/json")

    return {
        "get_health": get_health,
        "get_readiness": get_readiness,
        "get_metrics": get_metrics,
        "get_openapi": get_openapi,
    }
