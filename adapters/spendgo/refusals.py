"""Spendgo's refusals, sorted into our reasons."""

from adapters.spendgo import shapes
from gateway.core.errors import VendorNonsense
from gateway.core.flow import Reply
from gateway.core.outcome import Outcome, declined

REFUSALS = frozenset({400, 409, 2003, 4002, 4003})
"""Codes that are a refusal whatever the HTTP status: a bad reward may be answered 5xx."""

CLASH = frozenset({400, 409})
"""Status and code where e-mail and phone belong to different members (T9)."""

BAD_PHONE, BAD_STORE, BAD_MEMBER = 2003, 4002, 4003


def understands(reply: Reply) -> bool:
    """Tell whether a 4xx or 5xx is Spendgo's own refusal; its own outages are not."""
    try:
        problem = reply.parse(shapes.Problem)
    except VendorNonsense:
        return False
    return reply.status < 500 or problem.code in REFUSALS


def refusal(reply: Reply, *, redeeming: bool = False) -> Outcome:
    """Sort an explicit refusal (dossier 3.5); what only the configuration can cause is alarmed."""
    problem = reply.parse(shapes.Problem)
    detail = problem.details or problem.message
    if problem.code == BAD_MEMBER or reply.status == 404:
        return declined("member_not_found", detail)
    if redeeming and (problem.code == 400 or reply.status == 403):
        return declined("reward_unavailable", detail)
    if problem.code == BAD_STORE or reply.status == 403:
        return declined(
            "vendor_declined",
            detail,
            alarm="Spendgo refuses our key, account_id or store_code: check the configuration",
        )
    return declined("vendor_declined", detail)


def unfound(reply: Reply) -> Outcome:
    """Sort a refusal to find or enrol a member."""
    problem = reply.parse(shapes.Problem)
    if problem.code == BAD_PHONE:
        return declined("member_not_found", problem.details)
    if reply.status in CLASH and problem.code in CLASH:
        return declined("member_differs", problem.details)
    return refusal(reply)
