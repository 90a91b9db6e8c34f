"""Our words and RBI's, side by side: one small function per thing."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.rbi import basket
from adapters.rbi.basket import Entries
from adapters.rbi.memory import Transaction
from adapters.rbi.settings import Mode, RbiSite, Status
from gateway.core.errors import OrderRefused
from gateway.core.flow import Pairs
from gateway.core.operation import Identify, VendorVisit
from gateway.core.order import Cashier, Order, ServiceMode

CHANNEL = "Restaurant"
"""RBI's only channel for tills (dossier 3.3); ours does not change it."""

NO_OPERATOR = "0"
"""What a till without a cashier says, as the field is no longer optional (dossier 3.1)."""

SERVICE_MODES: dict[ServiceMode, Mode] = {
    "eat_in": "EAT_IN",
    "takeout": "TAKEOUT",
    "drive_thru": "DRIVE_THRU",
    "curbside": "CURBSIDE",
    "table_service": "TABLE_SERVICE",
}


def sale(
    order: Order, site: RbiSite, *, status: Status, at: datetime, eligible: Entries = ()
) -> dict[str, Any]:
    """Spell an order without the guest's ids; raises OrderRefused for what RBI cannot be told.

    Figures agree: lines and tax make the order's total (T2).
    """
    if order.extension("rbi"):
        name = next(iter(order.extension("rbi")))
        raise OrderRefused(
            f"an order says nothing of its own to RBI, got {name}", path=f"extensions.rbi.{name}"
        )
    basket.check_sums(order, site)
    said = repeated_sale(order, site, status=status, at=at, eligible=eligible)
    basket.check_lines(order)
    basket.check_limits(said["transactionDetails"]["order"], site)
    return said


def repeated_sale(
    order: Order, site: RbiSite, *, status: Status, at: datetime, eligible: Entries = ()
) -> dict[str, Any]:
    """Spell an order RBI has already heard, for its void: limits are no longer asked about."""
    used = basket.discounts(order, eligible)
    return {
        "channel": CHANNEL,
        "created": instant(at),
        "serviceMode": service_mode(order, site),
        "status": status,
        "transactionDetails": {
            "currency": order.currency,
            "order": basket.lines(order, used, site),
            "payments": basket.payments(order, site),
            "posVendor": order_pos(order, site),
            **({"appliedDiscounts": used} if used and status == "CLAIMED" else {}),
        },
    }


def empty_sale(
    pos: dict[str, str], site: RbiSite, *, status: Status, at: datetime
) -> dict[str, Any]:
    """Spell a sale without a basket, to give back what a scan holds."""
    return {
        "channel": CHANNEL,
        "created": instant(at),
        "serviceMode": site.release_service_mode,
        "status": status,
        "transactionDetails": {
            "currency": site.currency,
            "order": [],
            "payments": [],
            "posVendor": pos,
        },
    }


def of_guest(said: dict[str, Any], held: Transaction) -> dict[str, Any]:
    """Put the guest's ids before a sale: body and path name one transaction (T13)."""
    return {"loyaltyId": held.loyalty_id, "transactionId": held.transaction_id, **said}


def headers(at: datetime, site: RbiSite) -> Pairs:
    """Say region and the restaurant's own time; day rules go by it (dossier 2, T20)."""
    local = at.astimezone(ZoneInfo(site.timezone)).replace(microsecond=0)
    if site.user_datetime_format == "local":
        local = local.replace(tzinfo=None)
    return (
        ("x-region", site.region),
        ("x-user-datetime", local.isoformat()),
        *site.extra_headers.items(),
    )


def order_pos(order: Order, site: RbiSite) -> dict[str, str]:
    """Say which till an order comes from."""
    return pos_vendor(order.receipt_number, order.till, order.cashier, site)


def visit_pos(visit: VendorVisit | Identify, site: RbiSite) -> dict[str, str]:
    """Say which till a scan comes from; before there is a receipt the order or visit names it."""
    number = visit.receipt_number or visit.order_id or visit.visit_id
    return pos_vendor(number, visit.till, visit.cashier, site)


def pos_vendor(number: str, till: str, cashier: Cashier | None, site: RbiSite) -> dict[str, str]:
    """Spell `posVendor`; `number` is the till's own, no id of RBI's (dossier 3.1)."""
    return {
        "transactionId": number,
        "storeId": site.store_id,
        "terminal": till,
        "operator": cashier.id if cashier else NO_OPERATOR,
        "posType": site.pos_type,
        "supportingPos": site.supporting_pos,
    }


def promo_code(ask: Identify) -> str | None:
    """Find the promo code a visit redeems, None without one."""
    said = ask.extensions.get("rbi", {})
    for name in said:
        if name != "promo_code":
            raise OrderRefused(
                f"a visit may say promo_code to RBI, got {name}", path=f"extensions.rbi.{name}"
            )
    code = said.get("promo_code")
    if code is not None and not (isinstance(code, str) and code.strip()):
        raise OrderRefused(
            "a promo code is a text that is not empty", path="extensions.rbi.promo_code"
        )
    return code


def service_mode(order: Order, site: RbiSite) -> Mode:
    """Say how the guest takes the food; raises OrderRefused where RBI has no such mode."""
    mode = {**SERVICE_MODES, **site.service_mode_map}.get(order.service_mode)
    if mode is None:
        raise OrderRefused(
            f"RBI has no service mode for {order.service_mode}; set one in service_mode_map",
            path="service_mode",
        )
    return mode


def instant(at: datetime) -> str:
    """Spell a time as RBI does: UTC to the second (dossier 3.3)."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
