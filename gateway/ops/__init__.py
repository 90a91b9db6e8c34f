"""The operator's side: lanes and entries over HTTP, behind a token of its own."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, get_args

from aiohttp import web
from pydantic import BaseModel

from gateway.core.reading import read_model
from gateway.engine.doors import Doors
from gateway.engine.ports import Job
from gateway.engine.refusal import Refused
from gateway.engine.rows import Entry, EntryState, Step
from gateway.ops.answers import (
    Act,
    BackupRequest,
    EntriesAnswer,
    LanesAnswer,
    ReloadAnswer,
    RetryRequest,
    SettleRequest,
    SkipRequest,
    entry_view,
    lane_view,
)
from gateway.web.bodies import MAX_BODY_BYTES, id_of, model_of, read_body
from gateway.web.door import KNOCK, Door, Handler, Unproved, invalid

SCHEME = "Bearer"

ENTRY_ID_DIGITS = 18
"""What fits into the outbox's integers."""

FLAGS = {"1": True, "true": True, "0": False, "false": False}

STATES: tuple[EntryState, ...] = get_args(EntryState)

M = TypeVar("M", bound=BaseModel)

Reload = Callable[[], Awaitable[list[str]]]
"""Reads the configuration again and tells what changed; Refused `configuration_invalid`."""


def make_ops(doors: Doors, *, token: Callable[[], str], reload: Reload) -> web.Application:
    """Put the operator's side together, to be mounted at /ops; `token` may change under way."""
    desk = doors.desk
    door = Door(log=desk.log, clock=desk.clock, chance=desk.chance)
    app = web.Application(middlewares=[door.middleware], client_max_size=MAX_BODY_BYTES)
    ops = Ops(doors=doors, reload=reload)
    for method, path, handler in (
        ("GET", "/lanes", ops.lanes),
        ("GET", "/entries", ops.entries),
        ("GET", "/entries/{id}", ops.entry),
        ("GET", "/receipts/{store}/{receipt}", ops.receipt),
        ("POST", "/entries/{id}/retry", ops.retry),
        ("POST", "/entries/{id}/skip", ops.skip),
        ("POST", "/entries/{id}/settle", ops.settle),
        ("POST", "/entries/{id}/ack", ops.ack),
        ("POST", "/lanes/{store}/{vendor}/resume", ops.resume),
        ("POST", "/reload", ops.read_again),
        ("GET", "/verify", ops.verify),
        ("GET", "/export", ops.export),
        ("POST", "/backup", ops.backup),
    ):
        app.router.add_route(method, path, _behind(token, handler))
    return app


@dataclass(frozen=True, kw_only=True)
class Ops:
    """What an operator may look at and do."""

    doors: Doors
    reload: Reload

    async def lanes(self, _request: web.Request) -> web.Response:
        """Every lane."""
        found = await self.doors.operator.lanes()
        return _answered(LanesAnswer(lanes=tuple(map(lane_view, found))))

    async def entries(self, request: web.Request) -> web.Response:
        """Entries in a state, oldest first; parked ones unless another is asked for."""
        unattended = _flag(request, "unattended")
        state = request.query.get("state", "done" if unattended else "parked")
        known = next((one for one in STATES if one == state), None)
        if known is None:
            raise invalid("state", f"must be one of {', '.join(STATES)}")
        lane = request.query.get("lane") or None
        found = await self.doors.operator.entries(known, lane, unattended=unattended)
        return _answered(EntriesAnswer(entries=tuple(map(entry_view, found))))

    async def entry(self, request: web.Request) -> web.Response:
        """One entry, with the calls of its journal."""
        entry = await self.doors.operator.entry(_entry_id(request))
        steps = await self.doors.desk.outbox.read(_journal(entry))
        return _answered(entry_view(entry, steps))

    async def receipt(self, request: web.Request) -> web.Response:
        """Everything that was asked of vendors for one printed receipt, with its calls."""
        store = self.doors.desk.store(id_of(request, "store")).code
        receipt = request.match_info["receipt"]
        outbox = self.doors.desk.outbox
        entries = await outbox.read(lambda tx: tx.entries_of_receipt(store, receipt))
        if not entries:
            raise Refused("order_not_found", f"store {store} printed no receipt of this number")
        journals = [await outbox.read(_journal(entry)) for entry in entries]
        views = [entry_view(e, steps) for e, steps in zip(entries, journals, strict=True)]
        return _answered(EntriesAnswer(entries=tuple(views)))

    async def retry(self, request: web.Request) -> web.Response:
        """Put a parked entry back in its place."""
        entry_id, said = _entry_id(request), await _said(request, RetryRequest)
        retried = await self.doors.operator.retry(
            entry_id, said.by, reason=said.reason or "", send_again=said.send_again
        )
        return _done(retried)

    async def skip(self, request: web.Request) -> web.Response:
        """Give a parked entry up."""
        entry_id, said = _entry_id(request), await _said(request, SkipRequest)
        return _done(await self.doors.operator.skip(entry_id, said.reason, said.by))

    async def settle(self, request: web.Request) -> web.Response:
        """A parked entry did happen."""
        entry_id, said = _entry_id(request), await _said(request, SettleRequest)
        operator = self.doors.operator
        return _done(await operator.settle(entry_id, said.reference, said.reason, said.by))

    async def verify(self, _request: web.Request) -> web.Response:
        """Check the outbox's law and every box in it."""
        return web.json_response(await self.doors.upkeep.verify())

    async def backup(self, request: web.Request) -> web.Response:
        """Copy the outbox into its own folder."""
        said = await _said(request, BackupRequest)
        path = await self.doors.upkeep.backup(said.name)
        return web.json_response({"path": path})

    async def export(self, request: web.Request) -> web.StreamResponse:
        """Every entry, a line each, for finance: nothing of a member in it."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        request[KNOCK].streaming = True
        await response.prepare(request)
        async for entry in self.doors.upkeep.export():
            line = entry_view(entry).model_dump_json(exclude={"steps"})
            await response.write(line.encode() + b"\n")
        await response.write_eof()
        return response

    async def ack(self, request: web.Request) -> web.Response:
        """Take note of a decline nobody was told."""
        entry_id, said = _entry_id(request), await _said(request, Act)
        return _done(await self.doors.operator.ack(entry_id, said.by, reason=said.reason))

    async def resume(self, request: web.Request) -> web.Response:
        """Let a stopped or waiting lane go on."""
        lane = f"{id_of(request, 'store')}/{id_of(request, 'vendor')}"
        said = await _said(request, Act)
        await self.doors.operator.resume(lane, said.by, reason=said.reason)
        found = [one for one in await self.doors.operator.lanes() if one["lane"] == lane]
        return _answered(LanesAnswer(lanes=tuple(map(lane_view, found))))

    async def read_again(self, _request: web.Request) -> web.Response:
        """Read the configuration again."""
        return _answered(ReloadAnswer(changes=tuple(await self.reload())))


def _behind(token: Callable[[], str], handler: Handler) -> Handler:
    """Let the operator's token through, and nothing else."""

    async def check(request: web.Request) -> web.StreamResponse:
        scheme, _, said = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower().startswith("tillbridge-"):
            raise Refused("forbidden", "a till's key opens no door of the operator's")
        wanted = token()
        proved = hmac.compare_digest(
            said.strip().encode("utf-8", "surrogateescape"), wanted.encode()
        )
        if scheme.lower() != SCHEME.lower() or not proved or not wanted:
            raise Unproved(
                "unauthenticated", f"send Authorization: {SCHEME} and the ops token", SCHEME
            )
        return await handler(request)

    return check


def _entry_id(request: web.Request) -> int:
    text = request.match_info["id"]
    if not (text.isascii() and text.isdigit() and len(text) <= ENTRY_ID_DIGITS):
        raise invalid("id", "must be the number of an entry")
    return int(text)


def _flag(request: web.Request, name: str) -> bool:
    """Read a yes or no of the query; nothing said is no."""
    said = FLAGS.get(request.query.get(name, "0").lower())
    if said is None:
        raise invalid(name, f"must be one of {', '.join(FLAGS)}")
    return said


async def _said(request: web.Request, model: type[M]) -> M:
    """Read what comes with an act; nothing at all is an act without words."""
    body = await read_body(request)
    return model_of(request, body, model) if body else read_model(model, {})


def _journal(entry: Entry) -> Job[list[Step]]:
    return lambda tx: tx.steps(f"entry:{entry.id}")


def _done(entry: Entry) -> web.Response:
    return _answered(entry_view(entry))


def _answered(answer: BaseModel) -> web.Response:
    return web.Response(text=answer.model_dump_json(), content_type="application/json")
