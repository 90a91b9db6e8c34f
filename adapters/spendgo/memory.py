"""What we keep of Spendgo between operations, and what it proves."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import JsonValue

from adapters.spendgo.members import GUEST
from adapters.spendgo.settings import SpendgoSite
from adapters.spendgo.shapes import Transaction
from gateway.core.frozen import Frozen
from gateway.core.money import DecimalString
from gateway.core.operation import Refund, VendorQuote, Void
from gateway.core.order import Order, State
from gateway.core.outcome import Outcome, Reward, declined

Status = Literal["checkout", "placed", "billed", "completed", "voided", "refunded"]

SEQUENCE: tuple[Status, ...] = ("checkout", "placed", "billed", "completed")
"""The fixed order of calls (dossier 4 rule 1)."""

WANTED: dict[State, int] = {"placed": 1, "paid": 3, "completed": 4}
"""How much of the sequence each state of an order asks for."""


class Kept(Frozen):
    """How far an order has come at Spendgo.

    `account` is the path id it was said under, `basket` names what the checkout validated,
    `validated` is the reward's discount in currency units, `transaction` Spendgo's own id (T18),
    `values` the listed rewards' projected values, sent at checkout and never reckoned with.
    """

    statuses: tuple[Status, ...] = ()
    account: str = GUEST
    basket: str | None = None
    validated: DecimalString | None = None
    transaction: str | None = None
    values: dict[str, DecimalString | None] | None = None

    def resume(self, basket: str, account: str, quote: VendorQuote | None) -> Self:
        """Go on from here, from the quote's checkout, or from nothing if the basket is another."""
        if "placed" in self.statuses:
            return self
        quoted = type(self).model_validate(quote.keep) if quote else type(self)()
        for earlier in (quoted, self):
            if earlier.basket == basket and earlier.statuses:
                return earlier
        return type(self)(account=account, basket=basket, values=self.values)

    def after(self, status: Status, heard: Transaction | None) -> Self:
        """Remember a status that was taken; None heard means it had been taken before."""
        transaction = heard.id if heard and heard.id else self.transaction
        return self.model_copy(
            update={"statuses": (*self.statuses, status), "transaction": transaction}
        )

    def with_values(self, rewards: Iterable[Reward]) -> Self:
        """Remember the rewards listed for this order: they are not asked for twice (T22)."""
        return self.model_copy(update={"values": {each.reward_id: each.value for each in rewards}})

    def listed_value(self, reward_id: str | None) -> Decimal | None:
        """The projected value a checkout must repeat (dossier 4 rule 2), None if not listed."""
        return (self.values or {}).get(reward_id) if reward_id else None

    def with_validated(self, discount: Decimal) -> Self:
        """Remember the discount that is carried unchanged from here on."""
        return self.model_copy(update={"validated": discount})

    def keep(self) -> dict[str, JsonValue]:
        """Spell it for an order's `keep`: whole, so that a later one replaces an earlier."""
        return self.model_dump(mode="json")


def remembered(keep: Mapping[str, Any]) -> Kept:
    """Find how far an order has come in a `keep`; nowhere, where that is empty."""
    return Kept.model_validate(keep)


def missing(kept: Kept, order: Order, site: SpendgoSite) -> tuple[Status, ...]:
    """List the statuses that lead from what was said to the order's state."""
    wanted = WANTED[order.state]
    if order.state == "placed" and order.payments:
        wanted = 2
    if order.state == "paid" and site.auto_complete:
        wanted = 4
    return tuple(status for status in SEQUENCE[:wanted] if status not in kept.statuses)


def barred(ask: Void | Refund, kept: Kept, status: Status, site: SpendgoSite) -> Outcome | None:
    """Tell why an order cannot be undone, None if it can."""
    if not kept.statuses:
        return declined("order_not_known", "no status of this order is recorded at Spendgo")
    last = kept.statuses[-1]
    if last in ("voided", "refunded"):
        return declined("already_voided")
    if status == "refunded":
        sold = ask.order.closed_at or ask.order.opened_at
        if site.refund_window and (ask.at - sold).total_seconds() > site.refund_window:
            return declined("too_old", "the sale is older than this account's refund_window")
        if kept.transaction is None:
            return declined("order_not_known", "Spendgo's transaction id was never learnt")
    elif last not in site.void_allowed_from:
        return declined("unsupported_by_vendor", f"this account's orders stay once {last}")
    return None
