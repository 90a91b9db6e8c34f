"""SpotOn's refusals, sorted into our reasons."""

from collections.abc import Mapping
from typing import Any

from gateway.core.errors import VendorNonsense
from gateway.core.flow import Reply
from gateway.core.outcome import Failure, Outcome, Reason, cut, declined

TRANSIENT = (401, 408, 425, 429)
"""Statuses of the 4xx that say "not now", whatever their body says (dossier 3.4)."""

ALARMS = {
    403: "SpotOn has not granted this account the location: check location_id and the scopes",
    404: "SpotOn knows no such path or menu: check path_propose, path_submit, menu_id",
    405: "SpotOn does not take this method there: check path_propose, path_submit, path_cancel",
}
"""What only a person can mend: a path must never be guessed at run time (dossier 6, T4)."""


def understands(reply: Reply) -> bool:
    """Tell whether a 4xx is SpotOn's own refusal; a 5xx never is (dossier 3.4)."""
    if not 400 <= reply.status < 500 or reply.status in TRANSIENT:
        return False
    try:
        return any(_said(reply.json()))
    except VendorNonsense:
        return False


def refusal(reply: Reply) -> Outcome:
    """Say no in SpotOn's own sentence: only the status is known to mean something."""
    return declined(_reason(reply), sentence(reply), alarm=ALARMS.get(reply.status))


def failures(reply: Reply) -> tuple[Failure, ...]:
    """Name each thing SpotOn holds against a cart; it never says which line it is about."""
    return tuple(
        Failure(code="vendor_declined", detail=cut(detail))
        for detail in _details(_body(reply).get("details"))
    )


def sentence(reply: Reply) -> str:
    """Read what SpotOn says is wrong, for staff to read."""
    body = _body(reply)
    code, message = _said(body)
    return "; ".join([": ".join(filter(None, (code, message))), *_details(body.get("details"))])


def _reason(reply: Reply) -> Reason:
    return "unauthorized" if reply.status == 403 else "vendor_declined"


def _body(reply: Reply) -> Mapping[str, Any]:
    body = reply.json()
    return body if isinstance(body, dict) else {}


def _said(body: Any) -> tuple[str, str]:
    """Read code and message from wherever they stand (dossier 3.4)."""
    if not isinstance(body, dict):
        return "", ""
    error = body.get("error")
    inner = error if isinstance(error, dict) else {}
    codes = (body.get("code"), inner.get("code"), error)
    messages = (body.get("message"), inner.get("message"), body.get("error_description"))
    return _first_text(codes), _first_text(messages)


def _first_text(candidates: tuple[Any, ...]) -> str:
    return next((text for text in candidates if isinstance(text, str) and text.strip()), "")


def _details(details: Any) -> list[str]:
    listed = details if isinstance(details, list) else []
    return [
        ": ".join(str(part) for part in detail.values()) if isinstance(detail, dict) else detail
        for detail in listed
        if isinstance(detail, dict | str) and detail
    ]
