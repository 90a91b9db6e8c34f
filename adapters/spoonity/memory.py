"""What we keep of Spoonity between operations, and what it proves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from pydantic import JsonValue

from adapters.spoonity.shapes import Earning, Onscreen, ReceiptData, Spending
from gateway.core.operation import VendorVisit
from gateway.core.order import Order
from gateway.core.outcome import Points

LOOK_WITHIN = timedelta(minutes=5)
"""Balances further apart prove nothing: the next visit of a regular buys the same coffee."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A member's session as it was read; `at` is the vendor's clock, None where it did not say."""

    session: str
    onscreen: Onscreen
    at: datetime | None

    @property
    def member_id(self) -> str | None:
        """Spoonity's id of the member."""
        return self.onscreen.user.id if self.onscreen.user else None

    def usable(self) -> tuple[Spending, ...]:
        """Tell which rewards the member may use now (T19)."""
        return tuple(r for r in self.onscreen.spending() if r.available and r.available > 0)

    def keep(self) -> dict[str, JsonValue]:
        """Spell it for a visit's `keep`: the session, and what its rewards go by in an order."""
        identifiers: dict[str, JsonValue] = {
            rule.id: rule.catalog.identifier
            for rule in self.usable()
            if rule.catalog and rule.catalog.identifier
        }
        return {"session": self.session, "identifiers": identifiers}


@dataclass(frozen=True, kw_only=True)
class Spend:
    """The rewards an order uses; `cost` in points, None where the session does not tell."""

    redeems: bool
    cost: Decimal | None


def session_of(visit: VendorVisit | None) -> str | None:
    """Find the session a visit opened."""
    session = visit.keep.get("session") if visit else None
    return session if isinstance(session, str) else None


def identifiers_of(visit: VendorVisit) -> Mapping[str, str]:
    """Find what a visit's rewards are called inside an order, by their id."""
    kept = visit.keep.get("identifiers")
    return {key: str(name) for key, name in kept.items()} if isinstance(kept, dict) else {}


def recorded(before: Seen, after: Seen, *, subtotal: Decimal, redeems: bool) -> bool:
    """Tell whether balances prove that an order over `subtotal` was recorded between two looks.

    Only where one rule gives so many points for each unit of money, and the same member gained
    just those, within LOOK_WITHIN. A reward's cost or a second rule would make it a guess.
    """
    if redeems or before.member_id is None or before.member_id != after.member_id:
        return False
    if (
        before.at is None
        or after.at is None
        or not before.at <= after.at <= before.at + LOOK_WITHIN
    ):
        return False
    rule = _only_rule(before.onscreen)
    if rule is None:
        return False
    currency, rate = rule
    had, has = before.onscreen.points().get(currency), after.onscreen.points().get(currency)
    if had is None or has is None:
        return False
    least, most = _rounded(rate * subtotal, ROUND_FLOOR), _rounded(rate * subtotal, ROUND_CEILING)
    return 0 < least <= has - had <= most


def spend_of(order: Order, seen: Seen) -> Spend:
    """Add up what an order's rewards cost, as the session priced them."""
    costs: dict[str, Decimal | None] = {}
    for rule in seen.onscreen.spending():
        costs[rule.id] = rule.cost
        if rule.catalog and rule.catalog.identifier:
            costs[rule.catalog.identifier] = rule.cost
    used = [costs.get(d.reward_id) for d, _ in order.all_discounts() if d.reward_id]
    known = [cost for cost in used if cost is not None]
    cost = sum(known, Decimal(0)) if len(known) == len(used) else None
    return Spend(redeems=bool(used), cost=cost)


def moved(
    receipt: ReceiptData | None, before: Mapping[str, Decimal], spend: Spend
) -> Points | None:
    """Tell earned points from spent ones; `redeemed` is None where a reward's spend is not shown.

    A spend may be listed below zero, above zero, or not at all: then the balances show it (T21).
    """
    if receipt is None or not receipt.points:
        return None
    listed = sum((entry.amount for entry in receipt.points if entry.amount > 0), Decimal(0))
    below = sum((entry.amount for entry in receipt.points if entry.amount < 0), Decimal(0))
    if below or not spend.redeems or spend.cost == 0:
        return Points(earned=listed, redeemed=abs(below))
    gone = listed - _gained(before, receipt.user.points() if receipt.user else {}, listed)
    if spend.cost is None or gone < spend.cost:
        return Points(earned=listed)
    listed_too = gone == 2 * spend.cost
    return Points(earned=listed - spend.cost if listed_too else listed, redeemed=spend.cost)


def _gained(
    before: Mapping[str, Decimal], after: Mapping[str, Decimal], unknown: Decimal
) -> Decimal:
    shared = before.keys() & after.keys()
    if not shared:
        return unknown
    return sum((after[currency] - before[currency] for currency in shared), Decimal(0))


def _only_rule(onscreen: Onscreen) -> tuple[str, Decimal] | None:
    """Currency and points per unit of money, where one plain rule is all there is."""
    rules = [rule for rule in onscreen.earning() if _is_active(rule)]
    if len(rules) != 1:
        return None
    [rule] = rules
    plain = rule.max_award_amount is None and rule.catalog is None and not rule.catalogs
    if not plain or rule.award_amount is None or rule.currency is None or rule.currency.id is None:
        return None
    return rule.currency.id, rule.award_amount


def _is_active(rule: Earning) -> bool:
    return rule.status is None or (rule.status.name or "active").lower() == "active"


def _rounded(points: Decimal, rounding: str) -> Decimal:
    return points.quantize(Decimal(1), rounding=rounding)
