"""What vendors' answers to an identification make of a visit: pure."""

from collections.abc import Sequence
from typing import Any

from gateway.core.operation import Identify, VendorVisit
from gateway.core.outcome import Identified
from gateway.engine.refusal import Refused
from gateway.engine.routing import Route

REFUSALS = {
    "member_not_found": "member_not_found",
    "member_inactive": "member_not_found",
    "code_used": "code_used",
    "member_differs": "member_differs",
}
"""What a vendor's decline of an identification is to the till."""


def given_by(
    ask: Identify, routes: Sequence[Route], results: Sequence[Any]
) -> dict[str, VendorVisit]:
    """What each vendor that knows the member gave."""
    return {
        route.vendor: VendorVisit(
            visit_id=ask.visit_id,
            member=ask.member,
            member_id=result.member.id if result.member else None,
            rewards=result.rewards,
            keep=result.keep,
            holds=result.holds,
            till=ask.till,
            receipt_number=ask.receipt_number,
            cashier=ask.cashier,
            service_mode=ask.service_mode,
            order_id=ask.order_id,
        )
        for route, result in zip(routes, results, strict=True)
        if isinstance(result, Identified) and result.outcome == "applied"
    }


def failure_of(result: Any) -> Exception | None:
    """Why the primary vendor's answer is no visit."""
    if isinstance(result, Exception):
        return result
    if result.outcome == "applied":
        return None
    code = REFUSALS.get(result.reason or "", "member_not_found")
    return Refused(code, result.detail or f"the vendor says {result.reason}")


def answers_of(routes: Sequence[Route], results: Sequence[Any]) -> list[dict[str, Any]]:
    """What the till is told of each vendor."""
    answers = []
    for route, result in zip(routes, results, strict=True):
        spelled: dict[str, Any] = {"vendor": route.vendor, "adapter": route.adapter}
        if isinstance(result, Identified):
            spelled |= result.model_dump(mode="json", exclude={"keep", "holds"})
        else:
            detail = result.detail if isinstance(result, Refused) else "the gateway failed"
            spelled |= {"outcome": "declined", "reason": "unreachable", "detail": detail}
        answers.append(spelled)
    return answers
