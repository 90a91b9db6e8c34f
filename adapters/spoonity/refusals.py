"""Spoonity's refusals, sorted into our reasons."""

import re

from adapters.spoonity import shapes
from gateway.core.errors import VendorNonsense
from gateway.core.flow import Reply
from gateway.core.outcome import Outcome, Reason, declined

_SHORT = r"insufficient|not enough|too (low|few|little|small)|\black|\bfunds\b|\bbalance\b"
"""Words for having less than is asked for, of whatever it is."""

_THAN = r"\b(less|fewer|lower) than\b|exceed|\b(has|have|only)\b\D{0,8}[0-9]"
"""Words that compare what is asked for with what there is: "the customer has 250"."""

_WORDS: tuple[tuple[re.Pattern[str], Reason], ...] = (
    (
        re.compile(r"already.*(void|cancel|revers)|(void|cancel|revers).*already", re.IGNORECASE),
        "already_voided",
    ),
    (
        re.compile(r"newe(r|st)|recent|latest|last order|\bin (the )?order\b", re.IGNORECASE),
        "void_not_newest",
    ),
    (
        re.compile(
            rf"{_SHORT}|{_THAN}|\bamount\b.*\b(high|large|more|higher|larger|greater|available)\b",
            re.IGNORECASE,
        ),
        "insufficient_value",
    ),
    (
        re.compile(
            rf"{_SHORT}|^(?=.*\bpoints?\b).*({_THAN}|\b(short|needs?|requires?)\b)",
            re.IGNORECASE,
        ),
        "insufficient_points",
    ),
    (re.compile(r"reward|redem|perk|spending", re.IGNORECASE), "reward_unavailable"),
    (
        re.compile(
            r"(customer|member|user|card).*(not found|unknown|not exist)|unknown (customer|member)",
            re.IGNORECASE,
        ),
        "member_not_found",
    ),
)
"""Spoonity has no codes, only English sentences nobody lists (dossier 3.10): what these words
do not sort is `vendor_declined`, and the sentence is passed on in any case."""

VOID: frozenset[Reason] = frozenset({"already_voided", "void_not_newest"})
SALE: frozenset[Reason] = frozenset(
    {"insufficient_points", "reward_unavailable", "member_not_found"}
)
DEBIT: frozenset[Reason] = frozenset({"insufficient_value", "member_not_found"})
CREDIT: frozenset[Reason] = frozenset({"member_not_found"})
POINTS: frozenset[Reason] = frozenset({"insufficient_points", "member_not_found"})
"""Reasons that make sense for one kind of call; a word elsewhere means something else."""


def understands(reply: Reply) -> bool:
    """Tell whether a 4xx is Spoonity's own refusal, shape A; a 5xx never proves anything."""
    if not 400 <= reply.status < 500:
        return False
    try:
        problem = reply.parse(shapes.Problem)
    except VendorNonsense:
        return False
    return problem.object == "error" or bool(problem.error.errors)


def refusal(
    reply: Reply, among: frozenset[Reason] = frozenset(), *, absent: Reason = "member_not_found"
) -> Outcome:
    """Say no in Spoonity's own sentence; `absent` is what a 404 means to this call."""
    sentence = "; ".join(reply.parse(shapes.Answer).complaints())
    if reply.status == 404:
        return declined(absent, sentence)
    for words, reason in _WORDS:
        if reason in among and words.search(sentence):
            return declined(reason, sentence)
    return declined("vendor_declined", sentence)
