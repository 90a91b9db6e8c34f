"""Our words and Spendgo's, side by side: one small function per thing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adapters.spendgo import basket
from adapters.spendgo.basket import Redeemed
from adapters.spendgo.settings import SpendgoSite
from gateway.core import strict_json
from gateway.core.errors import OrderRefused
from gateway.core.money import exponent, json_number
from gateway.core.order import Channel, Order, ServiceMode

DECIMALS = 2
"""Every amount in Spendgo's documents is dollars and cents."""

SOURCES: Mapping[Channel, str] = {"web": "web", "app": "mobileapp"}
"""Ordering channels; whatever stands in the store is `instore`."""

RENDITIONS: Mapping[ServiceMode, str] = {
    "eat_in": "onsite",
    "table_service": "onsite",
    "takeout": "pickup",
    "drive_thru": "pickup",
    "curbside": "pickup",
    "pickup": "pickup",
    "delivery": "delivery",
}


@dataclass(frozen=True, kw_only=True)
class Sale:
    """An order in Spendgo's words, the same for every status."""

    head: Mapping[str, Any]
    uuid: str
    entries: list[dict[str, Any]]
    payments: Any
    redeemed: Redeemed | None
    discounts: tuple[str, ...]

    def at(
        self, status: str, *, discount: Decimal | None = None, transaction: str | None = None
    ) -> dict[str, Any]:
        """Say the whole order in one status; `discount` is the reward's, in currency units."""
        contents: dict[str, Any] = {"uuid": self.uuid}
        if self.redeemed is not None:
            amount = self.redeemed.amount if discount is None else discount
            contents["rewards"] = [
                {
                    "provider": "Spendgo",
                    "id": self.redeemed.reward_id,
                    "level": "basket",
                    "discount": json_number(amount),
                }
            ]
        contents["posEntries"] = self.entries
        said = {"status": status, "transaction": transaction, **self.head}
        if status != "checkout":
            said["payments"] = self.payments
        return {**said, "basket": contents}

    @property
    def reward_id(self) -> str | None:
        """Spendgo's id of the order's reward, None without one."""
        return self.redeemed.reward_id if self.redeemed else None

    def digest(self, account: str) -> str:
        """Name what a checkout validated: member, lines, reward and the till's own discounts."""
        said = [account, self.reward_id, list(self.discounts), self.entries]
        return hashlib.sha256(strict_json.dumps(said)).hexdigest()


def sale(order_id: str, order: Order, site: SpendgoSite) -> Sale:
    """Translate an order; OrderRefused names what Spendgo has no words for."""
    if exponent(order.currency) != DECIMALS:
        raise OrderRefused(
            f"Spendgo's amounts have {DECIMALS} decimals, {order.currency} has "
            f"{exponent(order.currency)}",
            path="currency",
        )
    return Sale(
        head={
            "id": receipt(order_id, order, site),
            "source": SOURCES.get(order.channel, "instore"),
            "type": "regular",
            "rendition": RENDITIONS[order.service_mode],
            "currency": order.currency,
            **times(order),
            "vendor": site.store_code,
            "brand": site.account_id,
            **basket.sums(order),
        },
        uuid=basket_uuid(site.store, order_id),
        entries=basket.lines(order),
        payments=basket.payments(order, site),
        redeemed=basket.redeemed(order),
        discounts=basket.discounts(order),
    )


def receipt(order_id: str, order: Order, site: SpendgoSite) -> str:
    """Name the order by the number a guest reads on the receipt (dossier 4.7)."""
    if site.order_id_format == "order_id":
        return order_id
    if site.order_id_format == "without_leading_zeros":
        return order.receipt_number.lstrip("0") or "0"
    return order.receipt_number


def times(order: Order) -> dict[str, str]:
    """Say when the order was opened, and when it was or will be handed over, in UTC."""
    wanted = order.requested_for or order.closed_at
    said = {"placed": instant(order.opened_at)}
    return {**said, "wanted": instant(wanted)} if wanted else said


def instant(at: datetime) -> str:
    """Spell a time as Spendgo does."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def basket_uuid(store: str, order_id: str) -> str:
    """Name the basket by store and order, in the form of a UUID, the same in every status."""
    raw = bytearray(hashlib.sha256(f"{store}\n{order_id}".encode()).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x50
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
