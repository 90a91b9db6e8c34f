"""The hands and eyes of whoever tests against a sandbox: everything under /_sandbox/."""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from gateway.core import strict_json
from gateway.core.frozen import Frozen
from gateway.core.sandbox import Held, Sandbox
from gateway.sandbox.faults import Fault, Faults

PREFIX = "/_sandbox/"

KEPT_REQUESTS = 200
"""What a person scrolls through; the count goes on."""

KEPT_BODY = 16 * 1024
"""Characters kept of a body: longer than any order."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One request and what became of it; `status` is None where nothing was answered."""

    method: str
    target: str
    body: str
    fault: str | None
    status: int | None


@dataclass(kw_only=True)
class Record:
    """What a vendor heard: how much, and the latest of it."""

    count: int = 0
    latest: deque[Heard] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))

    def add(self, heard: Heard) -> None:
        """Remember one more."""
        self.count += 1
        self.latest.append(heard)


class Plug(Frozen):
    """Whether the vendor is to be gone."""

    out: bool


_ORDERED: TypeAdapter[Fault | list[Fault]] = TypeAdapter(Fault | list[Fault])


@dataclass(frozen=True, kw_only=True)
class Control:
    """Answers what is asked about, and done to, one sandbox.

    `plug(out)` unplugs it or plugs it in; `door()` is the URL where it can be plugged in again.
    """

    sandbox: Sandbox
    faults: Faults
    record: Record
    plug: Callable[[bool], Awaitable[None]]
    door: Callable[[], str]

    async def answer(self, method: str, path: str, body: bytes) -> web.Response:
        """Answer one request; refusals say what is allowed."""
        name = path.removeprefix(PREFIX).partition("?")[0]
        acts = {
            "GET ledger": self._ledger,
            "GET violations": self._violations,
            "GET requests": self._requests,
            "POST faults": self._order_faults,
            "DELETE faults": self._clear_faults,
            "POST plug": self._turn_plug,
        }
        act = acts.get(f"{method} {name}")
        if act is None:
            return _told(404, {"error": f"no {method} {path}; there are {', '.join(acts)}"})
        try:
            return _told(200, await act(body))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the body"
            return _told(422, {"error": f"{place}: {first['msg']}"})
        except ValueError as error:
            return _told(422, {"error": str(error)})

    async def _ledger(self, _: bytes) -> list[dict[str, Any]]:
        return [_shown(held) for held in self.sandbox.ledger]

    async def _violations(self, _: bytes) -> list[str]:
        return list(self.sandbox.violations)

    async def _requests(self, _: bytes) -> dict[str, Any]:
        return {
            "count": self.record.count,
            "requests": [asdict(heard) for heard in self.record.latest],
        }

    async def _order_faults(self, body: bytes) -> dict[str, int]:
        ordered = _ORDERED.validate_json(body)
        faults = ordered if isinstance(ordered, list) else [ordered]
        self.faults.add(faults)
        return {"ordered": len(faults)}

    async def _clear_faults(self, _: bytes) -> dict[str, int]:
        self.faults.clear()
        return {"ordered": 0}

    async def _turn_plug(self, body: bytes) -> dict[str, Any]:
        plug = Plug.model_validate_json(body)
        await self.plug(plug.out)
        return {"out": plug.out, "control": self.door()}


def _shown(held: Held) -> dict[str, Any]:
    return {**asdict(held), "amount": str(held.amount)}


def _told(status: int, value: Any) -> web.Response:
    return web.Response(
        status=status, body=strict_json.dumps(value), content_type="application/json"
    )
