"""What the played SpotOn knows, how it is set to behave, and what has happened there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from gateway.core.money import from_minor_units
from gateway.core.sandbox import Held

CURRENCY = "USD"
"""The currency is implicit in every SpotOn amount (dossier 3)."""

PREFIXES = {
    "state": "ORDER_STATE_",
    "type": "FULFILLMENT_TYPE_",
    "status": "FULFILLMENT_STATUS_",
    "schedule": "SCHEDULE_TYPE_",
    "payment": "PAYMENT_TYPE_",
}
"""What the `prefixed` spelling puts before a word (dossier 3.2)."""


def written(at: datetime) -> str:
    """Spell a UTC time as SpotOn does: RFC 3339, whole seconds (dossier 3)."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, kw_only=True)
class Switches:
    """What the dossier leaves open (3, 5 and 7), with its defaults."""

    auth_mode: Literal["oauth_client_credentials", "api_key"] = "oauth_client_credentials"
    api_key_header: str = "x-api-key"
    token_seconds: int = 86_400
    """How long a service token lives."""
    path_propose: str = "/order/v1/locations/{location_id}/orders/propose"
    path_submit: str = "/order/v1/locations/{location_id}/orders/submit"
    path_cancel: str = "/order/v1/locations/{location_id}/orders/{order_id}/cancel"
    request_wrapper: Literal["order"] | None = None
    response_wrapper: Literal["order"] | None = "order"
    enum_style: Literal["bare", "prefixed"] = "bare"
    """How SpotOn spells enums in answers; it reads both."""
    strict: bool = True
    """Refuse a partial customer, EXTERNAL without a provider, and totals that do not add up."""
    requires_signature: bool = False
    signature_seconds: int = 900
    """A signature is stale after this long."""
    dedupe_by_external_reference_id: bool = False
    """A second submit of one reference is answered with the first order, nothing is cooked."""
    cancel_answers_body: bool = True
    """Otherwise a cancel is answered 204."""
    fulfillment_status: str = "ACCEPTED"
    """What an accepted order says; words not documented today will come (dossier 4.1)."""
    prep_minutes: int = 15
    """The kitchen's lead time."""
    delivery_minutes: int = 20
    """What delivery adds to the kitchen's lead time."""
    reporting_lag_seconds: int = 0
    """Reporting shows a change only when it is this old."""
    page_size: int = 50
    """Entries on one page of reporting, menus or items."""

    def spelt(self, kind: str, word: str) -> str:
        """Spell an enum in the configured style."""
        return word if self.enum_style == "bare" else PREFIXES[kind] + word


@dataclass(frozen=True, kw_only=True)
class Location:
    """A restaurant; `granted` says whether it is connected to this client."""

    location_id: str
    name: str
    granted: bool
    timezone: str = "America/Chicago"


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something a menu sells, modifiers included; `price_cents` is its fixed price."""

    item_id: str
    name: str
    price_cents: int
    available: bool

    def answer(self) -> dict[str, Any]:
        """Say the item as the menu does; the name of its availability is our guess."""
        price = {"amount": self.price_cents, "pricing_kind": "FIXED"}
        return {"id": self.item_id, "name": self.name, "price": price, "available": self.available}


@dataclass(frozen=True, kw_only=True)
class Menu:
    """A menu of one location, its items in the order in which they are listed."""

    menu_id: str
    location_id: str
    name: str
    items: Mapping[str, Item]


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A cart as it was priced; `signature` is None for a partner that signs no carts."""

    location_id: str
    cart: Mapping[str, Any]
    totals: Mapping[str, int]
    signature: Any
    expires_at: datetime

    def prices(self, cart: Mapping[str, Any], totals: Mapping[str, int]) -> bool:
        """Whether this cart was priced so; a tip may come later, it is the guest's."""
        parts = ("subtotal", "discounts_total", "tax_total", "fees_total")
        return self.cart == cart and all(totals[part] == self.totals[part] for part in parts)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """An order in the restaurant, as it was submitted; `canceled_at` is None while it stands."""

    order_id: str
    location_id: str
    cart: Mapping[str, Any]
    totals: Mapping[str, int]
    fulfillment: Mapping[str, str]
    customer_id: str | None
    payments: tuple[Mapping[str, Any], ...]
    placed_at: datetime
    canceled_at: datetime | None = None

    @property
    def reference(self) -> str | None:
        """The caller's own number, None if none was sent."""
        return self.cart.get("external_reference_id")

    @property
    def updated_at(self) -> datetime:
        """When it last changed."""
        return self.canceled_at or self.placed_at

    def answer(self, switches: Switches) -> dict[str, Any]:
        """Say the order as submit and cancel do (dossier 3.3)."""
        void = self.canceled_at is not None
        status = "CANCELED" if void else switches.fulfillment_status
        answer = {
            "id": self.order_id,
            "external_reference_id": self.reference,
            "state": switches.spelt("state", "CANCELED" if void else "CLOSED"),
            "fulfillment": {**self.fulfillment, "status": switches.spelt("status", status)},
            "totals": self.totals,
            "customer": self.customer_id and {"id": self.customer_id},
        }
        return {name: value for name, value in answer.items() if value is not None}

    def row(self, switches: Switches) -> dict[str, Any]:
        """Say the order as reporting does: no reference, and `source` a string (T10).

        `state` is there because T9 has a poll show CANCELED.
        """
        void = self.canceled_at is not None
        shown = {"is_refund": False, "is_void": void}
        return {
            "id": self.order_id,
            "location_id": self.location_id,
            "source": self.cart["source"]["name"],
            "state": switches.spelt("state", "CANCELED" if void else "CLOSED"),
            "fulfillment_type": self.fulfillment["type"],
            "line_items": self.cart["line_items"],
            "payments": [{**p, **shown, "order_payment_id": p["id"]} for p in self.payments],
            "totals": self.totals,
            "discounts": self.cart.get("discounts", []),
            "taxes": [{"name": "Sales tax", "amount": self.totals["tax_total"]}],
            "created_at": written(self.placed_at),
            "last_updated_at": written(self.updated_at),
            "closed_at": written(self.placed_at),
            "customer": {"id": self.customer_id} if self.customer_id else {},
        }


@dataclass(kw_only=True)
class World:
    """Everything the played SpotOn knows; what is granted and sold first, what happened after.

    `tokens` are the live service tokens and when they expire: clearing them revokes all.
    `tax_rate` is a share of the discounted subtotal.
    """

    client_id: str
    client_secret: str
    api_key: str
    scopes: frozenset[str]
    locations: Mapping[str, Location]
    menus: Mapping[str, Menu]
    tax_rate: Decimal
    customers: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, datetime] = field(default_factory=dict)
    proposals: list[Proposed] = field(default_factory=list)
    orders: dict[str, Placed] = field(default_factory=dict)
    deeds: list[tuple[str, str]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def numbered(self, word: str) -> str:
        """Give the next name of a kind: `ord-0001`, `ord-0002` and so on."""
        self.numbers[word] = self.numbers.get(word, 0) + 1
        return f"{word}-{self.numbers[word]:04d}"

    def place(self, order: Placed) -> Placed:
        """Take an order into the restaurant."""
        self.orders[order.order_id] = order
        self.deeds.append(("submit", order.order_id))
        return order

    def cancel(self, order_id: str, now: datetime) -> Placed:
        """Cancel a standing order for the caller of the API."""
        self.merchant_cancels(order_id, now)
        self.deeds.append(("void", order_id))
        return self.orders[order_id]

    def merchant_cancels(self, order_id: str, now: datetime) -> None:
        """Play the merchant, who cancels on the POS without telling the caller (T9).

        The ledger gets no row for it; the submit just stands no longer. ValueError if there is
        no such order, or it is canceled already.
        """
        standing = [name for name, order in self.orders.items() if order.canceled_at is None]
        if order_id not in standing:
            raise ValueError(f"no standing order {order_id!r}; standing are {standing}")
        self.orders[order_id] = replace(self.orders[order_id], canceled_at=now)

    def reported(self, location_id: str, then: datetime) -> list[Placed]:
        """List a location's orders as they stood at that time, oldest first."""
        return [
            replace(order, canceled_at=at if (at := order.canceled_at) and at <= then else None)
            for order in self.orders.values()
            if order.location_id == location_id and order.placed_at <= then
        ]

    def held(self) -> tuple[Held, ...]:
        """List every submit, and every cancel by the caller, in the order they took effect.

        A submit stands until anybody cancels it; a cancel stands for good.
        """
        return tuple(
            Held(
                kind=kind,
                receipt=order.reference,
                member=order.customer_id,
                amount=from_minor_units(order.totals["grand_total"], CURRENCY),
                reference=order.order_id,
                standing=kind == "void" or order.canceled_at is None,
            )
            for kind, order in ((kind, self.orders[order_id]) for kind, order_id in self.deeds)
        )


def sample_world() -> World:
    """Build what the examples and the demo need.

    Client `spoton-id` / `spoton-secret`, or key `spoton-key`. BL-AAAA-BBBB-CCCC is connected,
    BL-DDDD-EEEE-FFFF is not. `menu-main` sells burger, fries, cola and combo with cheese and bacon;
    the salad is sold out. Tax is 8 % of the discounted subtotal. Dana is a known customer. The
    name of the scope for writing orders is not public; `order:orders:write` stands for it here.
    """
    main, lake = "BL-AAAA-BBBB-CCCC", "BL-DDDD-EEEE-FFFF"
    sold = {
        "itm-burger": ("Burger", 900),
        "itm-fries": ("Fries", 350),
        "itm-cola": ("Cola", 250),
        "itm-combo": ("Burger combo", 1200),
        "itm-salad": ("Salad", 750),
        "mod-cheese": ("Cheese", 150),
        "mod-bacon": ("Bacon", 200),
    }
    items = {
        item_id: Item(
            item_id=item_id, name=name, price_cents=cents, available=item_id != "itm-salad"
        )
        for item_id, (name, cents) in sold.items()
    }
    menu = Menu(menu_id="menu-main", location_id=main, name="Main menu", items=items)
    dana = {"first_name": "Dana", "last_name": "Lee"}
    dana |= {"email": "dana@example.test", "phone": "+15555550100"}
    return World(
        client_id="spoton-id",
        client_secret="spoton-secret",  # noqa: S106 - a played vendor's made-up secret
        api_key="spoton-key",
        scopes=frozenset({"order:orders:write", "reporting:orders:read", "business:all:read"}),
        locations={
            main: Location(location_id=main, name="Main St", granted=True),
            lake: Location(location_id=lake, name="Lake St", granted=False),
        },
        menus={menu.menu_id: menu},
        tax_rate=Decimal("0.08"),
        customers={"cus-dana": dana},
    )
