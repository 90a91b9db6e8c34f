"""Every address of the till's HTTP API, with what it takes and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from gateway.api import examples
from gateway.api.answers import (
    CapabilitiesAnswer,
    HealthAnswer,
    OrderAnswer,
    PaymentAnswer,
    QuoteAnswer,
    ReadyAnswer,
    RewardsAnswer,
    VisitAnswer,
)
from gateway.api.requests import (
    PaymentRequest,
    QuoteRequest,
    RefundRequest,
    ReverseRequest,
    VisitRequest,
    VoidRequest,
)
from gateway.core.order import Order

STORE = "/v1/stores/{store}"

EVERYWHERE = (
    "unauthenticated clock_skew replayed wrong_store unknown_store card_number_refused "
    "invalid_order too_large too_slow too_many_requests internal_error draining"
).split()
"""Problems any call of a till may meet."""

WITH_A_BODY = ["malformed_json", "unsupported_media_type", "storage_full"]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method of one address; `answers` is by status, None where there is no body.

    `undoes` says that a vendor's inability is 422 here (till-api.md §3), not 501. `waits` says
    that `Prefer` bounds the wait.
    """

    name: str
    method: str
    path: str
    summary: str
    answers: Mapping[int, type[BaseModel] | str | None]
    takes: type[BaseModel] | None = None
    example: Mapping[str, Any] | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    undoes: bool = False
    waits: bool = False

    @property
    def of_a_till(self) -> bool:
        """Tell whether a till must prove itself here."""
        return self.path.startswith(STORE)

    @property
    def all_problems(self) -> list[str]:
        """Every problem code this address may answer."""
        if not self.of_a_till:
            return []
        return sorted({*EVERYWHERE, *(WITH_A_BODY if self.takes else ()), *self.problems})


_ORDER = {"order_id": examples.ORDER_ID}
_RETURNED = {"order_id": examples.RETURNED_ID}
_PAYMENT = {"payment_id": examples.PAYMENT_ID}
_VISIT = {"visit_id": examples.VISIT_ID}
_TALK = ("unsupported_operation", "vendor_unreachable", "unsupported_by_vendor")
_UNDO = ("order_not_found", "operation_conflict", "unsupported_by_vendor", "unsupported_operation")

ROUTES = (
    Route(
        name="get_capabilities",
        method="GET",
        path=f"{STORE}/capabilities",
        summary="What this store can do just now, and why not",
        answers={200: CapabilitiesAnswer},
    ),
    Route(
        name="list_rewards",
        method="GET",
        path=f"{STORE}/rewards",
        summary="All active rewards of the brand",
        answers={200: RewardsAnswer},
        problems=_TALK,
        waits=True,
    ),
    Route(
        name="open_visit",
        method="POST",
        path=f"{STORE}/visits",
        summary="Identify a member",
        takes=VisitRequest,
        example=examples.VISIT,
        answers={201: VisitAnswer},
        problems=(
            *_TALK,
            "member_not_found",
            "visit_not_found",
            "code_used",
            "member_differs",
            "order_conflict",
        ),
        waits=True,
    ),
    Route(
        name="get_visit",
        method="GET",
        path=f"{STORE}/visits/{{visit_id}}",
        summary="Read a visit again, from the gateway's memory",
        ids=_VISIT,
        answers={200: VisitAnswer},
        problems=("visit_not_found",),
    ),
    Route(
        name="ask_quote",
        method="POST",
        path=f"{STORE}/quotes",
        summary="Validate a basket and price its rewards; moves nothing final",
        takes=QuoteRequest,
        example=examples.QUOTE,
        answers={200: QuoteAnswer},
        problems=(
            *_TALK,
            "totals_mismatch",
            "visit_required",
            "visit_not_found",
            "offline_refused",
        ),
        waits=True,
    ),
    Route(
        name="put_payment",
        method="PUT",
        path=f"{STORE}/payments/{{payment_id}}",
        summary="Take or add stored value, or pay with points",
        ids=_PAYMENT,
        takes=PaymentRequest,
        example=examples.PAYMENT,
        answers={200: PaymentAnswer, 202: PaymentAnswer},
        problems=(*_TALK, "order_conflict", "visit_not_found", "visit_required", "offline_refused"),
        waits=True,
    ),
    Route(
        name="get_payment",
        method="GET",
        path=f"{STORE}/payments/{{payment_id}}",
        summary="What became of a payment",
        ids=_PAYMENT,
        answers={200: PaymentAnswer},
        problems=("order_not_found",),
    ),
    Route(
        name="reverse_payment",
        method="POST",
        path=f"{STORE}/payments/{{payment_id}}/reverse",
        summary="Undo a payment, where the vendor can",
        ids=_PAYMENT,
        takes=ReverseRequest,
        example=examples.UNDO,
        answers={200: PaymentAnswer, 202: PaymentAnswer},
        problems=(*_UNDO, "vendor_unreachable", "offline_refused"),
        undoes=True,
        waits=True,
    ),
    Route(
        name="put_order",
        method="PUT",
        path=f"{STORE}/orders/{{order_id}}",
        summary="Record an order in this state",
        ids=_ORDER,
        takes=Order,
        example=examples.ORDER,
        answers={200: OrderAnswer, 202: OrderAnswer},
        problems=(
            "totals_mismatch",
            "payments_mismatch",
            "order_conflict",
            "stale_revision",
            "operation_conflict",
            "quote_drift",
            "quote_expired",
            "visit_not_found",
            "visit_required",
            "unsupported_by_vendor",
            "unsupported_operation",
            "offline_refused",
        ),
        waits=True,
    ),
    Route(
        name="get_order",
        method="GET",
        path=f"{STORE}/orders/{{order_id}}",
        summary="What became of an order",
        ids=_ORDER,
        answers={200: OrderAnswer},
        problems=("order_not_found",),
    ),
    Route(
        name="void_order",
        method="POST",
        path=f"{STORE}/orders/{{order_id}}/void",
        summary="The sale should not have happened",
        ids=_ORDER,
        takes=VoidRequest,
        example=examples.UNDO,
        answers={200: OrderAnswer, 202: OrderAnswer},
        problems=_UNDO,
        undoes=True,
        waits=True,
    ),
    Route(
        name="refund_order",
        method="POST",
        path=f"{STORE}/orders/{{order_id}}/refund",
        summary="The goods came back; partial only where the vendor can",
        ids=_RETURNED,
        takes=RefundRequest,
        example=examples.UNDO,
        answers={200: OrderAnswer, 202: OrderAnswer},
        problems=(*_UNDO, "partial_refund_unsupported"),
        undoes=True,
        waits=True,
    ),
    Route(
        name="close_visit",
        method="DELETE",
        path=f"{STORE}/visits/{{visit_id}}",
        summary="The member walks away: release holds, close sessions",
        ids=_VISIT,
        answers={204: None, 202: None},
        problems=("visit_not_found", "storage_full"),
        waits=True,
    ),
    Route(
        name="listen",
        method="GET",
        path=f"{STORE}/events",
        summary="Every outcome of this store as server-sent events, resumable by Last-Event-ID",
        answers={200: "text/event-stream"},
    ),
    Route(
        name="get_health",
        method="GET",
        path="/healthz",
        summary="The process answers",
        answers={200: HealthAnswer},
    ),
    Route(
        name="get_readiness",
        method="GET",
        path="/readyz",
        summary="Disk writable, configuration loaded",
        answers={200: ReadyAnswer, 503: ReadyAnswer},
    ),
    Route(
        name="get_metrics",
        method="GET",
        path="/metrics",
        summary="What Prometheus reads",
        answers={200: "text/plain"},
    ),
    Route(
        name="get_openapi",
        method="GET",
        path="/openapi.json",
        summary="This document",
        answers={200: "application/json"},
    ),
)
"""In an order in which their examples make one story, told by the tests."""
