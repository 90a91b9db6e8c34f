"""RBI's refusals, sorted into our reasons."""

from decimal import Decimal

from adapters.rbi.shapes import Refusal, RuleFailure, word
from gateway.core.errors import VendorNonsense
from gateway.core.flow import Reply
from gateway.core.money import plain
from gateway.core.order import Order
from gateway.core.outcome import Failure, Outcome, Reason, cut, declined

NOT_CLAIMABLE = "transactionnotclaimable"
RULES_BROKEN = "rules"
GONE = frozenset({NOT_CLAIMABLE, "transactionnotfound"})
"""What a transaction says that was voided before (dossier 5)."""

CODE_LENGTH = 60
"""A code we do not know is shown up to here: the longest known one has 32 characters."""

REFUSALS: dict[str, tuple[Reason, str]] = {
    "identificationfailed": ("member_not_found", "RBI does not know this loyalty id"),
    "hashsetnotfound": ("member_not_found", "RBI does not know this code, or it has expired"),
    "usernotfound": ("member_not_found", "RBI does not know this guest"),
    "invalididentifier": ("member_not_found", "RBI cannot read this identifier"),
    "identifiertypedisabled": (
        "unsupported_by_vendor",
        "RBI does not take this kind of identifier in this market",
    ),
    "orderselectionstatusunclaimable": (
        "code_used",
        "the code was used before; the guest needs a new one",
    ),
    "rewardnotfound": ("reward_unavailable", "RBI does not know a reward of this order"),
    "offernotfound": ("reward_unavailable", "RBI does not know an offer of this order"),
    "redeemreward": ("reward_unavailable", "this restaurant does not take rewards"),
    "transactioninsufficientpoints": (
        "insufficient_points",
        "the guest no longer has the points for this order's rewards",
    ),
    "transactionnotfound": ("order_not_known", "RBI does not know this loyalty transaction"),
    NOT_CLAIMABLE: (
        "vendor_declined",
        "the loyalty transaction is closed: voided, expired or claimed with another basket",
    ),
    "storenotfound": ("vendor_declined", "RBI does not know this store_id"),
}
"""Endpoint errors by normalised code (dossier 3.8)."""

RULES: dict[str, tuple[Reason, str]] = {
    "exceedslimitperorder": ("reward_limit", "more of it than one order may have"),
    "exceedsmaxredemption": ("reward_limit", "redeemed as often as it may be"),
    "insufficientpointbalance": ("insufficient_points", "not enough points"),
    "invaliddayoftheweek": ("reward_unavailable", "not valid on this day of the week"),
    "invalidenddate": ("reward_unavailable", "no longer valid"),
    "invalidstartdate": ("reward_unavailable", "not yet valid"),
    "invalidenrollmentstartdate": (
        "reward_unavailable",
        "not valid for a guest who enrolled at this time",
    ),
    "invalidservicemode": ("reward_unavailable", "not valid in this service mode"),
    "invalidstoreid": ("reward_unavailable", "not valid in this restaurant"),
}
"""Rule failures by normalised code (dossier 3.8)."""


def understands(reply: Reply) -> bool:
    """Tell whether a 4xx or 5xx is RBI's own refusal.

    A 4xx speaks for RBI with a code, or with its own status in the body; a 5xx only with a code we
    know, as the status of a rule failure is undocumented (dossier 3.8, 7).
    """
    try:
        said = reply.parse(Refusal)
    except VendorNonsense:
        return False
    if reply.status >= 500:
        return _known(said)
    return bool(said.word) or said.status_code == str(reply.status)


def refused(reply: Reply) -> Refusal | None:
    """Find RBI's no in a reply, whatever its status; None if it is none.

    Raises VendorNonsense for a path or method RBI does not know: the account is misconfigured
    (T14).
    """
    try:
        said = reply.parse(Refusal)
    except VendorNonsense:
        if reply.ok:
            return None
        raise
    if reply.ok:
        return said if _known(said) else None
    if not said.word and reply.status in (404, 405):
        raise VendorNonsense(
            f"HTTP {reply.status} without a code: RBI does not know this path or method; check "
            "base_url and validate_method"
        )
    return said


def refusal(said: Refusal) -> Outcome:
    """Say no with a sentence for the staff."""
    return declined(*reason_of(said))


def reason_of(said: Refusal) -> tuple[Reason, str]:
    """Sort a refusal: a reason of the closed set and a sentence, never RBI's guest-unfit one."""
    if said.details.rule_evaluation:
        return _rule(said.details.rule_evaluation[0])
    if said.word == RULES_BROKEN:
        return "reward_unavailable", "an incentive is not valid for this order"
    if said.word in REFUSALS:
        reason, sentence = REFUSALS[said.word]
        return reason, f"{sentence} ({said.code})"
    code = (said.code or f"HTTP {said.status_code}")[:CODE_LENGTH]
    return "vendor_declined", f"RBI refuses: {code} {said.message}".strip()


def failures(said: Refusal, order: Order) -> tuple[Failure, ...]:
    """Name each broken rule with the line it is about, where RBI's incentive is in the basket."""
    broken = said.details.rule_evaluation
    if not broken:
        reason, sentence = reason_of(said)
        return (Failure(code=reason, detail=cut(sentence)),)
    found = []
    for rule in broken:
        reason, sentence = _rule(rule)
        found.append(
            Failure(code=reason, detail=cut(sentence), line_id=_line_of(rule.incentive_id, order))
        )
    return tuple(found)


def _known(said: Refusal) -> bool:
    return said.word in REFUSALS or said.word == RULES_BROKEN


def _rule(rule: RuleFailure) -> tuple[Reason, str]:
    code = rule.code or ""
    if word(code) not in RULES:
        return (
            "reward_unavailable",
            f"the incentive is not valid for this order ({code[:CODE_LENGTH] or 'no code'})",
        )
    reason, sentence = RULES[word(code)]
    values = (_number(rule.current_value), _number(rule.target_value))
    if None in values:
        return reason, f"{sentence} ({code})"
    return reason, f"{sentence}: {values[0]} of {values[1]} ({code})"


def _number(value: object) -> str | None:
    """Show a figure of RBI's; texts and lists stay untold."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return plain(Decimal(value))


def _line_of(incentive: str | None, order: Order) -> str | None:
    for line in order.lines:
        rewards = {discount.reward_id for discount in line.discounts}
        if incentive is not None and incentive in {line.incentive_id, line.engine_id, *rewards}:
            return line.line_id
    return None
