"""What the cashier reads: short, in the store's language, and what to do next."""

from typing import Literal

from gateway.core.frozen import Frozen
from gateway.core.money import plain
from gateway.core.outcome import Outcome
from gateway.web.texts import LANGUAGES, TEXTS

Action = Literal["continue", "ask_member", "call_manager", "retry"]


class CashierText(Frozen):
    """What the cashier reads, in the store's language, and what to do."""

    text: str
    action: Action


ACTIONS: dict[str, Action] = {
    "member_not_found": "ask_member",
    "member_inactive": "ask_member",
    "code_used": "ask_member",
    "member_differs": "ask_member",
    "reward_unavailable": "ask_member",
    "reward_limit": "ask_member",
    "insufficient_points": "ask_member",
    "insufficient_value": "ask_member",
    "no_member": "continue",
    "not_yet": "continue",
    "unreachable": "continue",
    "throttled": "continue",
    "waiting_for": "continue",
}
"""What a cashier does about a reason; every other one is for the manager."""


OTHERWISE = {"retry": "again", "ask_member": "visit_required"}
"""What is said of a problem without a text of its own: never another thing than to do."""


def language(locale: str) -> str:
    """The language of a locale's texts: its own, else English."""
    tongue = locale.replace("_", "-").split("-")[0].lower()
    return tongue if tongue in LANGUAGES else "en"


def outcome_text(
    standing: str, reason: str | None, outcome: Outcome | None, operation: str, locale: str
) -> CashierText:
    """Say how an operation stands."""
    tongue = language(locale)
    if standing == "applied":
        return CashierText(text=_applied(outcome, operation, tongue), action="continue")
    if standing in ("queued", "cancelled"):
        return CashierText(text=_text(standing, tongue), action="continue")
    if standing == "skipped":
        key = reason if reason in ("no_member", "not_yet") else "skipped"
        return CashierText(text=_text(key, tongue), action="continue")
    if standing == "parked":
        return CashierText(text=_text("parked", tongue), action="call_manager")
    action = ACTIONS.get(reason or "", "call_manager")
    return CashierText(text=_text(reason or "declined", tongue, "declined"), action=action)


def problem_text(code: str, locale: str, action: Action) -> CashierText:
    """Say what is wrong with a request."""
    otherwise = OTHERWISE.get(action, "problem")
    return CashierText(text=_text(code, language(locale), otherwise), action=action)


def _applied(outcome: Outcome | None, operation: str, tongue: str) -> str:
    if operation in ("void", "refund", "reverse"):
        return _text("undone", tongue)
    if operation in ("pay", "load"):
        return _text("paid" if operation == "pay" else "loaded", tongue)
    earned = outcome.points.earned if outcome and outcome.points else None
    if earned:
        return _text("earned", tongue).format(points=plain(earned.normalize()))
    return _text("applied", tongue)


def _text(key: str, tongue: str, otherwise: str = "problem") -> str:
    row = TEXTS.get(key) or TEXTS[otherwise]
    return row[LANGUAGES.index(tongue)]
