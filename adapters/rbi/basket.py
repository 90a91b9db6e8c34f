"""Our lines, discounts, sums and payments in RBI's words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from pydantic import JsonValue

from adapters.rbi.settings import RbiSite
from gateway.core.errors import OrderRefused
from gateway.core.money import exponent, json_number, minor_units, plain
from gateway.core.order import Discount, Line, LineKind, Order, Payment
from gateway.core.totals import line_total, unit_total

PRICE_DECIMALS = 2
"""RBI refuses prices and taxes with more, whatever the currency (dossier 5, simulator rules)."""

PRODUCT_TYPES: Mapping[LineKind, str] = {
    "item": "item",
    "combo": "combo",
    "modifier": "item",
    "reward": "reward",
    "offer": "offer",
    "fee": "item",
}
"""RBI knows four types: a modifier is an item with a parent, a fee an item that stands alone."""

PAYMENT_TYPES = {"cash": "CASH", "visa": "VISA", "mastercard": "MASTERCARD", "amex": "AMEX"}

Entries = Sequence[Mapping[str, JsonValue]]
"""Entries of `eligibleDiscounts`, as RBI spelled them."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A line with its place in the order, its top line, and its count in the whole basket."""

    line: Line
    path: str
    top: Line
    quantity: Decimal


def lines(order: Order, used: Entries, site: RbiSite) -> list[dict[str, Any]]:
    """Say the whole basket in RBI's flat list; OrderRefused names the line it has no words for."""
    spelled = [one for placed in _placed(order) for one in _spelled(placed, order, site)]
    if site.discount_also_as_offer_line:
        spelled += _offer_lines(used)
    return spelled


def discounts(order: Order, eligible: Entries) -> list[dict[str, JsonValue]]:
    """Find the eligible discounts this order uses, each once, as `appliedDiscounts` wants them.

    Raises OrderRefused for a discount whose reward RBI did not offer in this visit.
    """
    known = {str(entry["incentiveId"]): dict(entry) for entry in eligible}
    in_basket = _incentives(order)
    used: dict[str, dict[str, JsonValue]] = {}
    for discount, path in _discounts(order):
        reward = discount.reward_id
        if reward is None or reward in in_basket:
            continue
        if reward not in known:
            raise OrderRefused(
                f"reward {reward} is neither a discount RBI offered in this visit nor a reward or "
                "offer line of this order; send the visit_id of the scan that offered it",
                path=f"{path}.reward_id",
            )
        used[reward] = known[reward]
    return list(used.values())


def check_sums(order: Order, site: RbiSite) -> None:
    """Refuse what is in the total and has no place in RBI's lines."""
    for path, amount, instead in (
        ("discounts", _sum(order.discounts), "put the discount on the lines it reduces"),
        ("tip", order.tip, "leave the tip out of the order and its payments"),
        ("rounding", order.rounding, "leave the rounding out of the order and its payments"),
        ("fees", order.fees - _fee_lines(order), "send the fee as a line of kind fee"),
    ):
        if amount:
            raise OrderRefused(
                f"RBI's total is lines and tax alone, found {path} of {plain(amount)}; {instead}",
                path=path,
            )
    _check_taxes(order, site)


def check_lines(order: Order) -> None:
    """Raise OrderRefused for a line whose sum only rounding makes: RBI multiplies without it."""
    for place, line in enumerate(order.lines):
        exact, charged = line.quantity * unit_total(order, line), line_total(order, line)
        if line.parent_id is None and exact != charged:
            raise OrderRefused(
                f"RBI multiplies price by quantity without rounding: {plain(line.quantity)} of "
                f"this line make {plain(exact)}, the till charges {plain(charged)}; say what is "
                "weighed as one article at its price",
                path=f"lines.{place}.quantity",
            )


def check_limits(spelled: Sequence[Mapping[str, Any]], site: RbiSite) -> None:
    """Raise OrderRefused for more rewards or offers than the market allows in one order."""
    for product_type, setting, limit in (
        ("reward", "max_rewards", site.max_rewards),
        ("offer", "max_offers", site.max_offers),
    ):
        count = sum(line["productType"] == product_type for line in spelled)
        if count > limit:
            raise OrderRefused(
                f"this market allows {limit} {product_type} lines in one order ({setting}), found "
                f"{count}",
                path="lines",
            )


def payments(order: Order, site: RbiSite) -> list[dict[str, Any]]:
    """Say every payment, in cents (T1); unknown types fall back (T16)."""
    tenders = {str(tender): named for tender, named in site.tender_map.items()}
    types = {**PAYMENT_TYPES, **tenders, **site.payment_type_map}
    return [
        {
            "amount": minor_units(paid.amount, order.currency),
            "type": types.get(_kind(paid, types), site.payment_type_fallback),
        }
        for paid in order.payments
    ]


def _placed(order: Order) -> Iterator[Placed]:
    by_id = {line.line_id: line for line in order.lines}
    for place, line in enumerate(order.lines):
        top, quantity = line, line.quantity
        while top.parent_id is not None:
            top = by_id[top.parent_id]
            quantity *= top.quantity
        yield Placed(line=line, path=f"lines.{place}", top=top, quantity=quantity)


def _spelled(placed: Placed, order: Order, site: RbiSite) -> Iterator[dict[str, Any]]:
    line = placed.line
    prices = _prices(placed, order, site)
    for part, (quantity, price) in enumerate(prices):
        yield {
            "referenceId": line.line_id + "+" * part,
            **({} if line.parent_id is None else {"parentReferenceId": placed.top.line_id}),
            "productType": PRODUCT_TYPES[line.kind],
            "productId": line.sku,
            **_incentive(placed),
            "name": line.name,
            "quantity": json_number(quantity),
            "price": json_number(price),
            "tax": 0 if part else json_number(_sayable(line.tax, order, f"{placed.path}.tax")),
        }


def _incentive(placed: Placed) -> dict[str, str]:
    """Name the incentive of a reward or offer line; engine ids win at RBI (T22)."""
    line = placed.line
    named = {
        **({} if line.incentive_id is None else {"incentiveId": line.incentive_id}),
        **({} if line.engine_id is None else {"loyaltyEngineId": line.engine_id}),
    }
    redeems = line.kind in ("reward", "offer")
    if redeems and not named:
        raise OrderRefused(
            f"a {line.kind} line needs the incentive_id or engine_id its visit gave, found neither",
            path=f"{placed.path}.incentive_id",
        )
    if named and not redeems:
        raise OrderRefused(
            f"an incentive stands on a reward or offer line at RBI, found it on a line of kind "
            f"{line.kind}",
            path=f"{placed.path}.incentive_id",
        )
    return named


def _prices(placed: Placed, order: Order, site: RbiSite) -> list[tuple[Decimal, Decimal]]:
    """Price a line as (quantity, price), discounts taken off; two parts where cents do not divide.

    Discounted prices are what RBI wants to see (dossier 3.7).
    """
    line, quantity = placed.line, placed.quantity
    off = sum((discount.amount for discount in line.discounts), Decimal(0))
    amount = quantity * line.unit_price - off
    if amount < 0:
        raise OrderRefused(
            f"discounts of {plain(off)} are more than the line's own {plain(amount + off)}; name "
            "each discount on the line it reduces",
            path=f"{placed.path}.discounts",
        )
    if not site.price_is_unit:
        return [(quantity, _sayable(amount, order, f"{placed.path}.unit_price"))]
    if not off:
        return [(quantity, _sayable(line.unit_price, order, f"{placed.path}.unit_price"))]
    return _shared(placed, order, amount)


def _shared(placed: Placed, order: Order, amount: Decimal) -> list[tuple[Decimal, Decimal]]:
    """Share a discounted amount among the units of a line, to the smallest coin RBI can be told."""
    quantity = placed.quantity
    coin = Decimal(1).scaleb(-_places(order))
    low = (amount / quantity).quantize(coin, rounding=ROUND_FLOOR)
    rest = (amount - low * quantity) / coin
    if rest == 0:
        return [(quantity, low)]
    whole = quantity == quantity.to_integral_value() and rest == rest.to_integral_value()
    if (
        whole
        and placed.line.kind in ("item", "modifier", "fee")
        and not order.children(placed.line)
    ):
        return [(quantity - rest, low), (rest, low + coin)]
    raise OrderRefused(
        f"{plain(amount)} after discounts does not make a price of {_places(order)} decimals for "
        f"each of {plain(quantity)}; send the line in parts that divide",
        path=f"{placed.path}.discounts",
    )


def _sayable(amount: Decimal, order: Order, path: str) -> Decimal:
    if amount != round(amount, _places(order)):
        raise OrderRefused(
            f"RBI takes prices and taxes with {_places(order)} decimals in {order.currency}, got "
            f"{plain(amount)}",
            path=path,
        )
    return amount


def _places(order: Order) -> int:
    return min(exponent(order.currency), PRICE_DECIMALS)


def _offer_lines(used: Entries) -> Iterator[dict[str, Any]]:
    for count, entry in enumerate(used, start=1):
        incentive = str(entry["incentiveId"])
        details = entry.get("details")
        name = details.get("displayName") if isinstance(details, dict) else None
        yield {
            "referenceId": f"discount+{count}",
            "productType": "offer",
            "productId": str(entry.get("productId", incentive)),
            "incentiveId": incentive,
            "name": str(name or incentive),
            "quantity": 1,
            "price": 0,
            "tax": 0,
        }


def _incentives(order: Order) -> frozenset[str]:
    return frozenset(
        name
        for line in order.lines
        if line.kind in ("reward", "offer")
        for name in (line.incentive_id, line.engine_id)
        if name is not None
    )


def _discounts(order: Order) -> Iterator[tuple[Discount, str]]:
    for place, line in enumerate(order.lines):
        for inner, discount in enumerate(line.discounts):
            yield discount, f"lines.{place}.discounts.{inner}"


def _kind(paid: Payment, types: Mapping[str, str]) -> str:
    """Name a card by its brand where that has a type, anything else by its tender."""
    known = paid.tender == "card" and paid.brand in types
    return str(paid.brand if known else paid.tender)


def _check_taxes(order: Order, site: RbiSite) -> None:
    for place, tax in enumerate(order.taxes):
        if tax.amount and tax.included != site.price_includes_tax:
            raise OrderRefused(
                f"price_includes_tax is {str(site.price_includes_tax).lower()} for this store, "
                f"found a tax with included {str(tax.included).lower()}",
                path=f"taxes.{place}.included",
            )
    on_lines = sum((line.tax for line in order.lines), Decimal(0))
    if on_lines != order.tax_total:
        raise OrderRefused(
            f"RBI takes tax by line: the lines' tax makes {plain(on_lines)}, tax_total is "
            f"{plain(order.tax_total)}",
            path="tax_total",
        )


def _fee_lines(order: Order) -> Decimal:
    return order.fees if any(line.kind == "fee" for line in order.lines) else Decimal(0)


def _sum(discounts: Any) -> Decimal:
    return sum((discount.amount for discount in discounts), Decimal(0))
