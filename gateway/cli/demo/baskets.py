"""The demo's orders: a few lines each, added up as a till would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gateway.core.money import plain, round_half_up
from gateway.core.order import Channel, LineKind, ServiceMode
from gateway.edge.clock import SystemClock


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a basket; `price` in currency units, each of `extras` once under it."""

    sku: str
    name: str
    price: Decimal
    quantity: int = 1
    kind: LineKind = "item"
    incentive_id: str | None = None
    extras: tuple["Item", ...] = ()

    @property
    def total(self) -> Decimal:
        """The whole line, extras included."""
        return self.quantity * (self.price + sum((one.price for one in self.extras), Decimal(0)))


@dataclass(frozen=True, kw_only=True)
class Basket:
    """What is sold; `tax_percent` on top, `discount` off the first line as `discount_name`."""

    items: tuple[Item, ...]
    tax_percent: Decimal
    discount: Decimal = Decimal(0)
    discount_name: str = ""
    reward_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sale:
    """Who sells a basket to whom, and how."""

    till: str
    receipt: str
    currency: str
    basket: Basket
    member: Mapping[str, Any] | None = None
    channel: Channel = "in_store"
    service_mode: ServiceMode = "eat_in"
    state: str = "completed"
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """What the guest pays, in currency units."""
        taxes = sum(_taxes(self.basket, self.currency), Decimal(0))
        return _subtotal(self.basket) - self.basket.discount + taxes

    def order(self) -> dict[str, Any]:
        """The canonical order (till-api.md §2)."""
        now = SystemClock().now()
        basket, taxes = self.basket, _taxes(self.basket, self.currency)
        tax = sum(taxes, Decimal(0))
        discount = {
            "id": "reward",
            "name": basket.discount_name,
            "amount": plain(basket.discount),
            "reward_id": basket.reward_id,
        }
        return {
            "schema": "1",
            "state": self.state,
            "till": self.till,
            "receipt_number": self.receipt,
            "business_date": f"{now:%Y-%m-%d}",
            "opened_at": now.isoformat(),
            "closed_at": now.isoformat(),
            "channel": self.channel,
            "service_mode": self.service_mode,
            "currency": self.currency,
            "cashier": {"id": "c7", "name": "Sam"},
            "member": self.member,
            "lines": list(_lines(basket.items, taxes)),
            "discounts": [discount] if basket.discount else [],
            "taxes": [
                {"name": "Sales tax", "rate": plain(basket.tax_percent), "amount": plain(tax)}
            ],
            "subtotal": plain(_subtotal(basket)),
            "discount_total": plain(basket.discount),
            "tax_total": plain(tax),
            "total": plain(self.total),
            "payments": [
                {"tender": "card", "brand": "visa", "last4": "4242", "amount": plain(self.total)}
            ],
            **self.extra,
        }


def _subtotal(basket: Basket) -> Decimal:
    return sum((item.total for item in basket.items), Decimal(0))


def _taxes(basket: Basket, currency: str) -> list[Decimal]:
    """The tax of each line; the discount is taken off the first one."""
    off = [basket.discount, *[Decimal(0)] * (len(basket.items) - 1)]
    return [
        round_half_up((item.total - less) * basket.tax_percent / 100, currency)
        for item, less in zip(basket.items, off, strict=True)
    ]


def _lines(items: Sequence[Item], taxes: Sequence[Decimal]) -> list[dict[str, Any]]:
    lines = []
    for number, (item, tax) in enumerate(zip(items, taxes, strict=True), start=1):
        lines.append({**_line(str(number), item), "tax": plain(tax)})
        for place, extra in enumerate(item.extras, start=1):
            child = {"parent_id": str(number), "kind": "modifier"}
            lines.append({**_line(f"{number}.{place}", extra), **child})
    return lines


def _line(line_id: str, item: Item) -> dict[str, Any]:
    return {
        "line_id": line_id,
        "kind": item.kind,
        "sku": item.sku,
        "name": item.name,
        "quantity": str(item.quantity),
        "unit_price": plain(item.price),
        "incentive_id": item.incentive_id,
    }


def _item(sku: str, name: str, price: str, quantity: int = 1, *extras: Item) -> Item:
    return Item(sku=sku, name=name, price=Decimal(price), quantity=quantity, extras=extras)


HST = Decimal(13)
TAX = Decimal(8)
"""Percent; what a Toronto café and the others put on top."""

LATTES = Basket(items=(_item("latte", "Latte", "5.00", 2),), tax_percent=HST)

CAFE: tuple[Basket, ...] = tuple(
    Basket(items=(_item(sku, name, price, quantity),), tax_percent=HST)
    for sku, name, price, quantity in (
        ("latte", "Latte", "5.00", 1),
        ("bagel", "Bagel", "3.50", 2),
        ("mocha", "Mocha", "5.75", 1),
        ("scone", "Scone", "4.25", 3),
        ("tea", "Tea", "2.90", 2),
    )
)
"""What five guests have while the vendor is away: five different totals."""

BURGERS = Basket(
    items=(
        _item("itm-burger", "Burger", "9.00", 2, _item("mod-cheese", "Cheese", "1.50")),
        _item("itm-cola", "Cola", "2.50"),
    ),
    tax_percent=TAX,
)
"""The one basket that is said four ways."""
