"""What we keep of SpotOn between operations, and what it proves."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import JsonValue, ValidationError

from adapters.spoton.settings import PHYSICAL_SECONDS, SpotonSite
from adapters.spoton.shapes import Report, Reported, ReportedLine, bare
from gateway.core import strict_json
from gateway.core.operation import Submit

EARLIER = timedelta(minutes=2)
"""SpotOn's clock and ours may differ by this much (dossier 5)."""

LATEST = timedelta(seconds=PHYSICAL_SECONDS) + EARLIER
"""An order is sent within its age or not at all: later ones are somebody else's."""


@dataclass(frozen=True, kw_only=True)
class Sought:
    """An order as it was sent: its cart, its payments and totals, and when it was accepted."""

    cart: Mapping[str, Any]
    paid: Mapping[str, Any]
    at: datetime


def digest(cart: Mapping[str, Any]) -> str:
    """Name a cart: a signature is good for this one alone."""
    return hashlib.sha256(strict_json.dumps(dict(cart))).hexdigest()


def keep(cart: Mapping[str, Any], signature: JsonValue, quoted_at: str) -> dict[str, JsonValue]:
    """Spell a priced cart for a quote's `keep`; `quoted_at` is RFC 3339 UTC."""
    return {"signature": signature, "cart": digest(cart), "quoted_at": quoted_at}


def quoted_signature(ask: Submit, cart: Mapping[str, Any], site: SpotonSite) -> Any:
    """Take the signature of the order's quote: None if it is of another cart, or too old."""
    keep = ask.quote.keep if ask.quote else {}
    if keep.get("cart") != digest(cart):
        return None
    age = ask.at - datetime.fromisoformat(str(keep["quoted_at"]))
    return keep["signature"] if age < timedelta(seconds=site.signature_lifetime) else None


def proposes(ask: Submit, cart: Mapping[str, Any], signature: Any, site: SpotonSite) -> bool:
    """Tell whether SpotOn must price this cart first: an edited one always (dossier 4.2)."""
    keep = ask.quote.keep if ask.quote else {}
    edited = ask.quote is not None and keep.get("cart") != digest(cart)
    signs = site.requires_signature or keep.get("signature") is not None
    return site.flow == "propose" or edited or (signs and signature is None)


def found_in(report: Report, sought: Sought, site: SpotonSite) -> set[str]:
    """Collect the ids of every order on a page that is the one sought."""
    return {
        order.id for order in report.orders if order.id is not None and is_it(order, sought, site)
    }


def is_it(order: Reported, sought: Sought, site: SpotonSite) -> bool:
    """Tell whether a reported order is the one sought.

    By reference where the report has one; else by source, kind, time, total, payments and lines
    together: two guests buy the same coffee in the same minute, so less proves nothing.
    """
    if order.external_reference_id is not None:
        ours: str = sought.cart["external_reference_id"]
        return order.external_reference_id == ours
    kind = bare(sought.cart["fulfillment"]["type"])
    return (
        order.source == sought.cart["source"]["name"]
        and order.fulfillment_type in (None, kind)
        and _in_time(order, sought)
        and _total(order) == sought.paid["totals"]["grand_total"]
        and _amounts(order) == Counter(payment["amount"] for payment in sought.paid["payments"])
        and same_lines(order.line_items, sought.cart["line_items"], site)
    )


def same_lines(reported: Any, sent: Any, site: SpotonSite) -> bool:
    """Tell whether two lists of lines are the same goods, in whatever order they stand."""
    try:
        return reported is not None and _goods(reported, site) == _goods(sent, site)
    except (ValidationError, AttributeError, TypeError):
        return False


def _goods(lines: Iterable[Any], site: SpotonSite) -> list[tuple[Any, ...]]:
    return sorted(_good(line, site) for line in lines)


def _good(line: Any, site: SpotonSite) -> tuple[Any, ...]:
    seen = ReportedLine.model_validate(line)
    modifiers = _goods(line.get(site.key_modifiers) or (), site)
    sub_items = _goods(line.get(site.key_sub_items) or (), site)
    return seen.name, seen.quantity, seen.price, modifiers, sub_items


def _in_time(order: Reported, sought: Sought) -> bool:
    made = order.created_at
    return made is not None and sought.at - EARLIER <= made <= sought.at + LATEST


def _total(order: Reported) -> Decimal | None:
    return order.totals.grand_total if order.totals else None


def _amounts(order: Reported) -> Counter[Decimal]:
    standing = (
        payment for payment in order.payments or () if not payment.is_refund and not payment.is_void
    )
    return Counter(payment.amount for payment in standing)
