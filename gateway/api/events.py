"""Server-sent events: every outcome of a store, resumable, for a bounded number of listeners."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import web

from gateway.api.door import TillRequest
from gateway.core import strict_json
from gateway.engine.doors import Doors
from gateway.engine.notices import Listening, store_bell
from gateway.engine.refusal import Refused
from gateway.engine.rows import Event
from gateway.web.door import invalid

AT_ONCE = 100
"""Events read in one look: a listener that was away long never keeps the writer."""

HEARTBEAT_SECONDS = 15.0
"""Shorter than any proxy's patience; a dead listener is noticed at the next but one."""

LISTENERS_PER_STORE = 32
"""More than a store has tills."""

LISTENERS = 512
"""Connections this process keeps open for listening, all stores together."""

EVENT_ID_DIGITS = 18
"""What fits into the outbox's integers."""


@dataclass(kw_only=True)
class Events:
    """GET of events; `draining` ends every stream, so that a restart is not waited for."""

    draining: Callable[[], bool]
    _listening: Counter[str] = field(default_factory=Counter)
    _closing: bool = False

    async def stream(self, doors: Doors, asked: TillRequest) -> web.StreamResponse:
        """Send what came after `Last-Event-ID`, without one all that is kept; then what comes."""
        after = _last_event_id(asked.request)
        store = asked.store.code
        with self._place(store), doors.desk.notices.listen([store_bell(store)]) as listening:
            found = await _read(doors, store, after)
            response = web.StreamResponse(
                headers={
                    "Content-Type": "text/event-stream",
                    "Cache-Control": "no-store",
                    "X-Accel-Buffering": "no",
                }
            )
            asked.knock.streaming = True
            await response.prepare(asked.request)
            with suppress(ConnectionError):  # gone: it comes back with its last id
                await self._pour(doors, store, found, after, response, listening)
            return response

    async def close(self, doors: Doors) -> None:
        """End every stream: the process stops."""
        self._closing = True
        for store in self._listening:
            doors.desk.notices.ring(store_bell(store))

    async def _pour(
        self,
        doors: Doors,
        store: str,
        found: list[Event],
        after: int,
        response: web.StreamResponse,
        listening: Listening,
    ) -> None:
        await response.write(b": listening\n\n")
        while not (self._closing or self.draining()):
            if found:
                await response.write(b"".join(_spelled(found)))
                after = found[-1].id
            elif not await listening.rung(HEARTBEAT_SECONDS):
                await response.write(b": heartbeat\n\n")
            found = await _read(doors, store, after)

    @contextmanager
    def _place(self, store: str) -> Iterator[None]:
        """Take a listener's place; Refused `too_many_requests` where there is none."""
        if self._listening[store] >= LISTENERS_PER_STORE or self._listening.total() >= LISTENERS:
            raise Refused(
                "too_many_requests",
                f"a store may have {LISTENERS_PER_STORE} listeners, all stores {LISTENERS}",
            )
        self._listening[store] += 1
        try:
            yield
        finally:
            self._listening[store] -= 1


async def _read(doors: Doors, store: str, after: int) -> list[Event]:
    return await doors.desk.outbox.read(lambda tx: tx.events(store, after, AT_ONCE))


def _spelled(events: Iterable[Event]) -> Iterator[bytes]:
    for event in events:
        body = {"at": event.at.isoformat(), "store": event.store, **event.body}
        yield b"id: %d\nevent: outcome\ndata: %s\n\n" % (event.id, strict_json.dumps(body))


def _last_event_id(request: web.Request) -> int:
    text = request.headers.get("Last-Event-ID", "").strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= EVENT_ID_DIGITS):
        raise invalid("Last-Event-ID", "must be the number of an event, as its id line said")
    return int(text)
