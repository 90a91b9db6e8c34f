"""Is a request what Spoonity's documentation says it must be? Pure checks, and what was read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote

from gateway.core.strict_json import BadJson, loads

CENT = Decimal("0.01")
AMOUNT_LIMIT = Decimal(1_000_000)
"""No sale of a café reaches it; keeps a number such as 1e999999 from being computed with."""

MORE_INFO = "https://developers.spoonity.com/handling-errors-v2"


class Refused(Exception):
    """Spoonity says no with an HTTP status of its own and error shape A (dossier 3.10)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @property
    def body(self) -> dict[str, Any]:
        """Error shape A."""
        return {"error": {**_error(self), "more_info": MORE_INFO}, "object": "error"}


class Breach(Refused):
    """Refused because the request breaks the documented contract."""


class Declined(Exception):
    """An order call is refused for the member's or brand's reasons: HTTP 200, error shape B."""

    @property
    def error(self) -> dict[str, Any]:
        """The `error` of shape B; the rest of the body is the call's own."""
        return _error(self)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a field may hold, and how to say so."""

    fits: Callable[[Any], bool]
    allowed: str


@dataclass(frozen=True, kw_only=True)
class Fields:
    """The documented fields of one object."""

    required: Mapping[str, Kind]
    optional: Mapping[str, Kind]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A reward asked for by an order; `place` names the field for the reader of a refusal."""

    identifier: str
    on_item: bool
    place: str


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """The parts of an order that matter to loyalty; amounts in currency units."""

    card_number: str
    receipt_number: str
    subtotal: Decimal
    total: Decimal
    wanted: tuple[Wanted, ...]
    discounts_field: str | None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_amount(value: Any) -> bool:
    within = _is_number(value) and -AMOUNT_LIMIT <= value <= AMOUNT_LIMIT
    return within and amount(value) == Decimal(value)


def _is_digits(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdecimal()


WORD = Kind(
    fits=lambda value: isinstance(value, str) and value == value.strip() != "",
    allowed="a text that is neither empty nor has blanks around it",
)
TEXT = Kind(fits=lambda value: isinstance(value, str), allowed="a text")
WHOLE = Kind(fits=_is_whole, allowed="a whole JSON number")
NUMBER = Kind(fits=_is_number, allowed="a JSON number")
AMOUNT = Kind(
    fits=_is_amount,
    allowed=f"a JSON number of at most 2 decimals between -{AMOUNT_LIMIT} and {AMOUNT_LIMIT}",
)
SALE = Kind(
    fits=lambda value: _is_amount(value) and value >= 0,
    allowed=f"a JSON number of at most 2 decimals between 0 and {AMOUNT_LIMIT}",
)
CHANGE = Kind(
    fits=lambda value: _is_amount(value) and value != 0,
    allowed=f"{AMOUNT.allowed}, and not 0",
)
SECONDS = Kind(
    fits=lambda value: _is_whole(value) or _is_digits(value),
    allowed="Unix seconds, as a whole JSON number or a text of digits",
)
REFERENCE = Kind(
    fits=SECONDS.fits,
    allowed="a reference number, as a text of digits or a whole JSON number",
)
LIST = Kind(fits=lambda value: isinstance(value, list), allowed="a list")
OBJECT = Kind(fits=lambda value: isinstance(value, dict), allowed="an object")
IDENTIFIER = Kind(
    fits=lambda value: value is None or isinstance(value, str), allowed="a text or null"
)

QUERY: Mapping[str, frozenset[str]] = {
    "GET /onscreen": frozenset({"pos_session_hash", "card_number"}),
    "DELETE /onscreen": frozenset({"pos_session_hash"}),
    "DELETE /order": frozenset({"receipt"}),
}
"""What a query may carry besides the key; a DELETE's body may be repeated there, unread."""

CHECK_IN = Fields(required={"card_number": WORD}, optional={})
CLOSE = Fields(required={"pos_session_hash": WORD}, optional={})
VOID = Fields(required={"receipt": REFERENCE}, optional={})
LOYALTY_PAY = Fields(required={"card_number": WORD, "amount": CHANGE}, optional={})
GIFT_CARD = Fields(
    required={"card_number": WORD, "till": WHOLE, "amount": CHANGE, "date": SECONDS},
    optional={"receipt_number": WORD, "cashier": OBJECT},
)
ORDER = Fields(
    required={
        "card_number": WORD,
        "till": WHOLE,
        "receipt_number": WORD,
        "subtotal": SALE,
        "taxes": LIST,
        "total": SALE,
        "payment_method": WORD,
        "date": SECONDS,
        "cashier": OBJECT,
        "line_items": LIST,
    },
    optional={"discounts": LIST, "discount": LIST},
)
CASHIER = Fields(required={"id": TEXT, "name": TEXT}, optional={})
LINE = Fields(
    required={
        "id": TEXT,
        "name": TEXT,
        "categories": LIST,
        "discounts": LIST,
        "price": AMOUNT,
        "quantity": NUMBER,
        "modifiers": LIST,
    },
    optional={},
)


def amount(value: int | Decimal) -> Decimal:
    """A number within the limit as an amount in currency units, to the cent."""
    return Decimal(value).quantize(CENT)


def read_target(target: str) -> tuple[str, dict[str, str]]:
    """The path and the query, percent-escapes decoded once; a parameter given twice is a breach."""
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Breach(400, "the query gives a parameter twice; each may stand once.")
    return unquote(path), parameters


def read_body(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The JSON object of a request that must have one; Breach says what arrived instead."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Breach(400, f"Content-Type is {media_type!r}; it must be application/json.")
    try:
        value = loads(body)
    except BadJson as error:
        raise Breach(400, f"the body is not JSON: {error} (line {error.line}).") from None
    if not isinstance(value, dict):
        raise Breach(400, f"the body is {_found(value)}; it must be an object.")
    return value


def unknown_fields(place: str, value: Any, fields: Fields) -> list[str]:
    """One sentence for each undocumented field; Breach for a missing or wrong documented one."""
    if not isinstance(value, dict):
        raise Breach(400, f"{place} is {_found(value)}; it must be an object.")
    for name in fields.required:
        if name not in value:
            raise Breach(400, f"{place} has no {name}; it is required.")
    for name, kind in {**fields.required, **fields.optional}.items():
        if name in value and not kind.fits(value[name]):
            raise Breach(
                400, f"{name} of {place} is {_found(value[name])}; it must be {kind.allowed}."
            )
    known = fields.required.keys() | fields.optional.keys()
    return [
        f"{place} has a field {name!r}, which is not documented."
        for name in value
        if name not in known
    ]


def unknown_gift_card_fields(body: dict[str, Any]) -> list[str]:
    """Like `unknown_fields`, for a gift-card body and the cashier in it."""
    notes = unknown_fields("the gift-card body", body, GIFT_CARD)
    if "cashier" in body:
        notes += unknown_fields("cashier", body["cashier"], CASHIER)
    return notes


def read_ticket(body: dict[str, Any]) -> tuple[Ticket, list[str]]:
    """An order body as Spoonity reads it, and its undocumented fields; Breach if it is wrong."""
    notes = unknown_fields("the order", body, ORDER)
    notes += unknown_fields("cashier", body["cashier"], CASHIER)
    wanted: list[Wanted] = []
    for index, line in enumerate(body["line_items"]):
        place = f"line_items[{index}]"
        notes += unknown_fields(place, line, LINE)
        wanted += _wanted(f"{place}.discounts", line["discounts"], on_item=True)
    spellings = [name for name in ("discounts", "discount") if name in body]
    if len(spellings) > 1:
        raise Breach(400, "the order has both discounts and discount; only one may stand.")
    for name in spellings:
        wanted += _wanted(name, body[name], on_item=False)
    ticket = Ticket(
        card_number=body["card_number"],
        receipt_number=body["receipt_number"],
        subtotal=amount(body["subtotal"]),
        total=amount(body["total"]),
        wanted=tuple(wanted),
        discounts_field=next(iter(spellings), None),
    )
    return ticket, notes


def _wanted(place: str, discounts: list[Any], *, on_item: bool) -> list[Wanted]:
    """The rewards among discounts; one without an id is the till's own and asks for nothing."""
    wanted = []
    for index, discount in enumerate(discounts):
        here = f"{place}[{index}]"
        if not isinstance(discount, dict):
            raise Breach(400, f"{here} is {_found(discount)}; it must be an object.")
        identifier = discount.get("id")
        if not IDENTIFIER.fits(identifier):
            raise Breach(
                400, f"id of {here} is {_found(identifier)}; it must be {IDENTIFIER.allowed}."
            )
        if identifier is not None:
            wanted.append(Wanted(identifier=identifier, on_item=on_item, place=here))
    return wanted


def _error(refusal: Exception) -> dict[str, Any]:
    reasons = [{"reason": "exception", "message": str(refusal)}]
    return {"code": 0, "reference_id": None, "errors": reasons}


def _found(value: Any) -> str:
    """What a value is, in words that repeat no text of the customer's."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return "a whole number" if isinstance(value, int) else f"the number {value}"
