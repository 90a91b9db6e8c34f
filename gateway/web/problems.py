"""Everything that can go wrong between till and gateway, as RFC 9457 problems."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Literal

from aiohttp import web

from gateway.core.frozen import Frozen
from gateway.core.totals import Fault
from gateway.engine.refusal import RETRYABLE
from gateway.web.cashier import Action, CashierText, problem_text

RETRY_SECONDS = 2
"""What Retry-After says: longer than a hiccup, shorter than a guest's patience."""


class ProblemPlace(Frozen):
    """One wrong place; line and column where the body is not JSON."""

    path: str
    message: str
    line: int | None = None
    column: int | None = None


class Problem(Frozen):
    """What went wrong (RFC 9457)."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    retryable: bool
    cashier: CashierText
    errors: tuple[ProblemPlace, ...] = ()
    trace_id: str
    server_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One code of the contract: its status, its title, and what the cashier does."""

    status: int
    title: str
    action: Action = "call_manager"


KINDS = {
    "malformed_json": Kind(status=400, title="The body is not JSON"),
    "unauthenticated": Kind(status=401, title="The till is not known"),
    "clock_skew": Kind(status=401, title="The till's clock is wrong"),
    "replayed": Kind(status=401, title="This very request was seen before"),
    "wrong_store": Kind(status=403, title="The till belongs to another store"),
    "forbidden": Kind(status=403, title="Not with a till's key"),
    "unknown_store": Kind(status=404, title="No such store"),
    "not_found": Kind(status=404, title="No such address"),
    "order_not_found": Kind(status=404, title="No such order"),
    "visit_not_found": Kind(status=404, title="No such visit", action="ask_member"),
    "member_not_found": Kind(
        status=404, title="The vendor knows no such member", action="ask_member"
    ),
    "entry_not_found": Kind(status=404, title="No such entry"),
    "lane_not_found": Kind(status=404, title="No such lane"),
    "method_not_allowed": Kind(status=405, title="Not that way"),
    "too_slow": Kind(status=408, title="The body did not arrive in time", action="retry"),
    "order_conflict": Kind(status=409, title="The same id with another body"),
    "stale_revision": Kind(status=409, title="A later revision is known"),
    "quote_drift": Kind(status=409, title="The order is not what was quoted"),
    "quote_expired": Kind(status=409, title="The quote is over", action="retry"),
    "operation_conflict": Kind(status=409, title="It is too late for that"),
    "code_used": Kind(status=409, title="The code was used before", action="ask_member"),
    "member_differs": Kind(status=409, title="Another member", action="ask_member"),
    "too_large": Kind(status=413, title="The body is too large"),
    "unsupported_media_type": Kind(status=415, title="The body is not application/json"),
    "invalid_order": Kind(status=422, title="The body does not fit the contract"),
    "totals_mismatch": Kind(status=422, title="Totals do not add up"),
    "payments_mismatch": Kind(status=422, title="Payments do not make the total"),
    "card_number_refused": Kind(status=422, title="A full card number is never taken"),
    "unsupported_by_vendor": Kind(status=422, title="The vendor cannot be told this"),
    "unsupported_operation": Kind(status=501, title="The vendor cannot do this"),
    "partial_refund_unsupported": Kind(status=422, title="Only the whole order can come back"),
    "configuration_invalid": Kind(status=422, title="The configuration is not valid"),
    "visit_required": Kind(status=422, title="Identify the member first", action="ask_member"),
    "too_many_requests": Kind(status=429, title="Too many at once", action="retry"),
    "internal_error": Kind(status=500, title="The gateway failed"),
    "vendor_unreachable": Kind(status=503, title="The vendor cannot be reached", action="retry"),
    "offline_refused": Kind(status=503, title="Not without the vendor", action="continue"),
    "storage_full": Kind(status=503, title="The gateway's disk is full"),
    "draining": Kind(status=503, title="The gateway is stopping", action="retry"),
}
"""Codes of till-api.md §4, and a few of HTTP's own."""

PLACES = {
    "visit_not_found": "visit_id",
    "visit_required": "visit_id",
    "quote_expired": "quote_id",
    "stale_revision": "revision",
}
"""Codes that are about one field, wherever they are raised."""

SEND_AGAIN = RETRYABLE | {"too_many_requests", "too_slow", "internal_error"}
"""Codes after which the very same request may be sent again: repeating is safe."""


def problem(
    code: str,
    detail: str,
    *,
    trace_id: str,
    locale: str = "en",
    faults: tuple[Fault, ...] = (),
    status: int | None = None,
    server_time: datetime | None = None,
) -> Problem:
    """Spell a problem; `status` where a place answers another one than the code's own."""
    kind = KINDS[code]
    return Problem(
        title=kind.title,
        status=status or kind.status,
        code=code,
        detail=detail,
        retryable=code in SEND_AGAIN,
        cashier=problem_text(code, locale, kind.action),
        errors=tuple(map(_place, faults)) or _own_place(code, detail),
        trace_id=trace_id,
        server_time=server_time,
    )


def response(spelled: Problem, headers: Mapping[str, str] | None = None) -> web.Response:
    """Send a problem."""
    retry = {"Retry-After": str(RETRY_SECONDS)} if spelled.status in (429, 503) else {}
    return web.Response(
        status=spelled.status,
        text=spelled.model_dump_json(exclude_none=True),
        content_type="application/problem+json",
        headers={**retry, **(headers or {})},
        reason=HTTPStatus(spelled.status).phrase,
    )


def _place(fault: Fault) -> ProblemPlace:
    return ProblemPlace(
        path=fault.path,
        message=fault.message,
        line=fault.line or None,
        column=fault.column or None,
    )


def _own_place(code: str, detail: str) -> tuple[ProblemPlace, ...]:
    return (ProblemPlace(path=PLACES[code], message=detail),) if code in PLACES else ()
