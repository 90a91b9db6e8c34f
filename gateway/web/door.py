"""The door around every handler: a trace id, one log line, and problems instead of errors."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from gateway.core.reading import BadInput
from gateway.core.totals import Fault
from gateway.engine.ports import Chance, Clock, Log, StorageFull
from gateway.engine.refusal import Refused
from gateway.web.problems import KINDS, Problem, problem, response

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TRACE_HEADER = "X-Trace-Id"
"""Every answer carries its trace id, so that a till's report finds its log lines."""


@dataclass(kw_only=True)
class Knock:
    """What the door knows of one request; handlers add what it may be logged and answered by."""

    trace_id: str
    arrived: float
    locale: str = "en"
    facts: dict[str, Any] = field(default_factory=dict)
    status_of: dict[str, int] = field(default_factory=dict)
    streaming: bool = False


KNOCK: web.RequestKey[Knock] = web.RequestKey("knock", Knock)


class Unproved(Refused):
    """Who calls did not prove it; `server_time` is told where the clock is what is wrong."""

    def __init__(
        self, code: str, detail: str, scheme: str, *, server_time: datetime | None = None
    ) -> None:
        super().__init__(code, detail)
        self.scheme = scheme
        self.server_time = server_time


@dataclass(frozen=True, kw_only=True)
class Door:
    """Stands around every handler; a door inside another door lets everything through."""

    log: Log
    clock: Clock
    chance: Chance

    @property
    def middleware(self) -> Middleware:
        """The door as aiohttp wants it."""

        @web.middleware
        async def stand(request: web.Request, handler: Handler) -> web.StreamResponse:
            if KNOCK in request:
                return await handler(request)
            knock = Knock(trace_id=self.chance.identity(), arrived=self.clock.monotonic())
            request[KNOCK] = knock
            answer = await self._answer(request, knock, handler)
            if not knock.streaming:
                answer.headers[TRACE_HEADER] = knock.trace_id
            self._say(request, knock, answer.status)
            return answer

        return stand

    async def _answer(
        self, request: web.Request, knock: Knock, handler: Handler
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            return self._http(request, knock, error)
        except (BadInput, Refused, StorageFull) as error:
            self._say_no(request, knock, error)
            return spell(error, knock)
        except Exception as error:
            if knock.streaming:
                raise  # the answer has begun: all that is left is to hang up
            return self._failed(request, knock, error)

    def _say_no(
        self, request: web.Request, knock: Knock, error: BadInput | Refused | StorageFull
    ) -> None:
        """Tell in one line what was turned away: the desk must find it, though nothing is kept."""
        event = "request.refused"
        if isinstance(error, StorageFull):
            event = "storage.filled"
        elif isinstance(error, Unproved):
            event = "till.refused"
        self.log(
            event,
            method=request.method,
            route=route_of(request),
            code="storage_full" if isinstance(error, StorageFull) else error.code,
            trace_id=knock.trace_id,
            **knock.facts,
        )

    def _http(
        self, request: web.Request, knock: Knock, error: web.HTTPException
    ) -> web.StreamResponse:
        """What aiohttp itself says no to."""
        if isinstance(error, web.HTTPMethodNotAllowed):
            allowed = ", ".join(sorted(error.allowed_methods))
            detail = f"{error.method} is not for this address; it takes {allowed}"
            spelled = self._problem("method_not_allowed", detail, knock)
            return response(spelled, {"Allow": allowed})
        if isinstance(error, web.HTTPNotFound):
            detail = "nothing is at this address; GET /openapi.json lists all there is"
            return response(self._problem("not_found", detail, knock))
        if isinstance(error, web.HTTPRequestEntityTooLarge):
            return response(self._problem("too_large", error.text or "too large", knock))
        return self._failed(request, knock, error)

    def _failed(self, request: web.Request, knock: Knock, error: Exception) -> web.StreamResponse:
        """Our own fault: told in full to the log, and to nobody else."""
        self.log(
            "request.failed",
            method=request.method,
            route=route_of(request),
            error=type(error).__name__,
            place=_place(error),
            trace_id=knock.trace_id,
            **knock.facts,
        )
        detail = "the gateway failed; the same request, sent again, tells what became of it"
        return response(self._problem("internal_error", detail, knock))

    def _problem(self, code: str, detail: str, knock: Knock) -> Problem:
        return problem(code, detail, trace_id=knock.trace_id, locale=knock.locale)

    def _say(self, request: web.Request, knock: Knock, status: int) -> None:
        self.log(
            "request.answered",
            method=request.method,
            route=route_of(request),
            status=status,
            milliseconds=round((self.clock.monotonic() - knock.arrived) * 1000),
            trace_id=knock.trace_id,
            **knock.facts,
        )


def spell(error: BadInput | Refused | StorageFull, knock: Knock) -> web.Response:
    """Spell what was said no to."""
    if isinstance(error, StorageFull):
        spelled = problem("storage_full", str(error), trace_id=knock.trace_id, locale=knock.locale)
        return response(spelled)
    code = error.code if error.code in KINDS else "unsupported_by_vendor"
    proof = error if isinstance(error, Unproved) else None
    spelled = problem(
        code,
        str(error),
        trace_id=knock.trace_id,
        locale=knock.locale,
        faults=error.faults,
        status=knock.status_of.get(code),
        server_time=proof.server_time if proof else None,
    )
    wanted = proof and spelled.status == HTTPStatus.UNAUTHORIZED
    return response(spelled, {"WWW-Authenticate": proof.scheme} if proof and wanted else None)


def invalid(path: str, message: str) -> BadInput:
    """One wrong place, as an error to raise."""
    return BadInput([Fault(code="invalid_order", path=path, message=message)])


def route_of(request: web.Request) -> str:
    """The route's template: never the address itself, which may hold anything."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def _place(error: BaseException) -> str:
    """File and line that raised, without a word of what was being handled."""
    trace = error.__traceback__
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}"
