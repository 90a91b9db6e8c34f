"""Is a request what Spendgo's documentation says it must be? Pure checks, and what was read."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qsl, unquote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway.core.money import AMOUNT_DIGITS, FRACTION_DIGITS, plain, round_half_up
from gateway.core.strict_json import BadJson, loads

NOT_APPLIED, CONFLICT, GENERIC, BAD_PHONE, BAD_STORE, BAD_MEMBER = 400, 409, 2000, 2003, 4002, 4003
"""Spendgo's own `code`s, beside the HTTP status (dossier 3.5)."""

GUEST = "guest"
"""What stands in the path for no member (dossier 3)."""

CURRENCY = "USD"
"""The currency of the dossier's samples, and of the played brand."""

MOVES: Mapping[str | None, Sequence[str]] = {
    None: ("checkout", "placed"),
    "checkout": ("checkout", "placed", "voided"),
    "placed": ("billed", "voided"),
    "billed": ("completed", "voided"),
    "completed": ("refunded",),
    "voided": (),
    "refunded": (),
}
"""Which status may follow which (dossier 4.1)."""

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')


class Refused(Exception):
    """Spendgo says no with an HTTP status and a code of its own; `stage` is an order's status."""

    def __init__(self, status: int, code: int, details: str) -> None:
        super().__init__(details)
        self.status = status
        self.code = code
        self.stage: str | None = None


class Breach(Refused):
    """Refused because the request breaks the documented contract."""


def _exact(value: object) -> object:
    return Decimal(value) if type(value) is int else value


def _listed(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _beside(_: object) -> object:
    raise ValueError("stands beside posItem, not inside it")


ABSENT: Any = None
"""What a field that was left out reads as; null itself is refused unless it is documented."""

Word = Annotated[str, Field(pattern=r"^\S(.*\S)?$")]
Letters3 = Annotated[str, Field(pattern="^[A-Za-z]{3}$")]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Count = Annotated[int, Field(ge=1, lt=10**AMOUNT_DIGITS)]
Cost = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(gt=-(10**AMOUNT_DIGITS), lt=10**AMOUNT_DIGITS, decimal_places=FRACTION_DIGITS),
]
"""What one of something costs: more decimals than these are a float's leftovers."""
Amount = Annotated[Cost, Field(ge=0, decimal_places=2)]
"""An amount to the cent, in major units."""


class Documented(BaseModel):
    """An object with its documented fields; others are kept apart, to be complained about."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow", hide_input_in_errors=True)


class Customer(Documented):
    """Who is to be found or enrolled (dossier 3.1); a till never sends a `password`."""

    phone: Annotated[str, Field(pattern="^[0-9]{10}$")]
    email: Word = ABSENT
    name: dict[Literal["first", "last"], str] = ABSENT
    dob: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] = ABSENT
    gender: Literal["m", "f"] = ABSENT
    marital_status: Literal["single", "married", "divorced", "domestic partner"] = ABSENT
    address: dict[Literal["street", "city", "state", "zip", "country"], str] = ABSENT
    sms_opt_in: bool = ABSENT
    email_opt_in: bool = ABSENT
    verify_email: bool = False


class Enrolment(Documented):
    """The body of POST /loyalty/accounts."""

    customer: Customer


class Place(Documented):
    """One of an order's `address`es."""

    street: str = ABSENT
    cross: str = ABSENT
    city: str = ABSENT
    code: str = ABSENT
    region: Annotated[str, Field(pattern="^[A-Za-z]{2}$")] = ABSENT
    country: Letters3 = ABSENT


class Payment(Documented):
    """One of an order's `payments`."""

    tender: Literal["cash", "check", "credit", "debit", "prepaid", "transfer", "value"]
    issuer: Literal["amex", "diners", "discover", "jcb", "mastercard", "paypal", "visa"] = ABSENT
    suffix: Annotated[str, Field(pattern="^[0-9]{4}$")] = ABSENT
    amount: Amount


class Sold(Documented):
    """What an item and a modifier have in common."""

    label: Word
    cost: Cost
    product: str = ABSENT
    categories: str | None = ABSENT
    modifiers: "list[Modifier]" = ABSENT

    @property
    def unit(self) -> Decimal:
        """What one costs with its modifiers, whose quantities are per one of it."""
        return self.cost + sum((m.unit * m.quantity for m in self.modifiers or ()), Decimal(0))


class Modifier(Sold):
    """What is added to an item; it has its quantity inside."""

    quantity: Count


class Item(Sold):
    """A `posItem`, whose quantity stands beside it (T16)."""

    quantity: Annotated[None, BeforeValidator(_beside)] = None


class Entry(Documented):
    """One position of the basket."""

    item: Item = Field(alias="posItem")
    quantity: Count


class Claim(Documented):
    """A reward the till wants taken, `discount` in currency units."""

    provider: Word
    id: Word
    level: Word
    product: str = ABSENT
    discount: Amount


class Basket(Documented):
    """What is sold, and the reward to be taken."""

    uuid: Word = ""
    rewards: list[Claim] = Field(default_factory=list)
    entries: list[Entry] = Field(alias="posEntries")


class Ticket(Documented):
    """The body of POST .../orders (dossier 3.4)."""

    status: Literal["checkout", "placed", "billed", "completed", "voided", "refunded"]
    id: Word = ""
    transaction: Word | None = None
    source: Literal["web", "mobileweb", "mobileapp", "instore"]
    type: Literal["regular", "catering"] = ABSENT
    rendition: Literal["onsite", "pickup", "delivery"] = ABSENT
    currency: Letters3 | None = ABSENT
    placed: Moment = ABSENT
    wanted: Moment = ABSENT
    vendor: Word
    brand: Word
    subtotal: Amount
    tax: Amount = Decimal(0)
    tip: Amount = Decimal(0)
    delivery: Amount = Decimal(0)
    discount: Amount = Decimal(0)
    total: Amount
    address: list[Place] = ABSENT
    payments: Annotated[list[Payment], BeforeValidator(_listed)] = ABSENT
    basket: Basket


Body = TypeVar("Body", bound=Documented)


def read_target(method: str, target: str) -> tuple[str, str, list[tuple[str, str]]]:
    """The call's documented name, the member id in it and the query, all decoded exactly once."""
    path, _, query = target.partition("?")
    parts = [unquote(part) for part in path.split("/")]
    member_id = "".join(parts[3:4])
    parts[3:4] = ["{spendgo_id}"] if parts[3:4] else []
    return f"{method} {'/'.join(parts)}", member_id, parse_qsl(query, keep_blank_values=True)


def signature(secret: str, uri: str, body: bytes) -> bytes:
    """What `X-Class-Signature` must be (dossier 2)."""
    key = base64.b64decode(secret, validate=True)
    signed = uri.encode(errors="surrogateescape") + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256))


def is_minified(body: bytes) -> bool:
    """Whether no blank stands outside the texts of a JSON body."""
    return re.search(rb"\s", _STRING.sub(b"", body)) is None


def read(model: type[Body], body: bytes) -> Body:
    """A body whose shape is right; Breach names the first place that is not, 400/2003 a phone."""
    try:
        return model.model_validate(loads(body))
    except BadJson as error:
        raise Breach(400, GENERIC, f"the body is not JSON: {error} (line {error.line}).") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the body"
        code = BAD_PHONE if place == "customer.phone" else GENERIC
        raise Breach(400, code, f"{place}: {first['msg']}.") from None


def undocumented(value: object, place: str = "the body") -> Iterator[str]:
    """One sentence for each undocumented field of a body, however deep."""
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from undocumented(inner, f"{place}[{index}]")
    if isinstance(value, Documented):
        for name in value.model_extra or ():
            yield f"{place} has a field {name!r}, which a till does not send."
        for name in type(value).model_fields:
            yield from undocumented(getattr(value, name), f"{place}.{name}")


def check_sums(ticket: Ticket) -> None:
    """Breach where the basket is not the subtotal or the figures are not the total, to the cent."""
    lines = (entry.item.unit * entry.quantity for entry in ticket.basket.entries)
    costs = (round_half_up(line, CURRENCY) for line in lines)
    extras = ticket.tax + ticket.tip + ticket.delivery
    for name, found, expected in (
        ("subtotal", ticket.subtotal, sum(costs, Decimal(0))),
        ("total", ticket.total, ticket.subtotal + extras - ticket.discount),
    ):
        if found != expected:
            raise Breach(400, GENERIC, f"{name} is {plain(found)}; expected {plain(expected)}.")


def check_move(ticket: Ticket, before: Ticket | None) -> None:
    """Breach for a status that may not follow, or one without what it must bring along (4.1)."""
    status = before.status if before else None
    if ticket.status not in MOVES[status]:
        raise Breach(409, CONFLICT, f"{ticket.status} may not follow {status or 'nothing'}.")
    if (ticket.status, status) in {("checkout", status), ("voided", "checkout")}:
        return
    if not (ticket.id and ticket.payments):
        raise Breach(400, GENERIC, f"{ticket.status} needs an id and payments.")


def check_claims(ticket: Ticket, member_id: str) -> None:
    """Breach where the reward is not one that may be asked for in this way."""
    claims = ticket.basket.rewards
    if claims and member_id == GUEST:
        raise Breach(400, NOT_APPLIED, "A guest's order takes no reward.")
    if len(claims) > 1:
        raise Breach(400, NOT_APPLIED, "An order takes one reward.")
    if any((claim.provider, claim.level) != ("Spendgo", "basket") for claim in claims):
        raise Breach(400, NOT_APPLIED, "A reward is of provider Spendgo and level basket.")


def inconstancies(ticket: Ticket, before: Ticket) -> Iterator[str]:
    """What a later call must keep to and this one does not (dossier 4, rules 4 to 6)."""
    if ticket.basket.uuid != before.basket.uuid:
        yield "basket.uuid has changed; it is constant over all statuses."
    if ticket.status == "checkout":
        return
    if ticket.basket.entries != before.basket.entries:
        yield "the basket is not that of the call before; a changed one is checked out again."
    if any(ticket.discount < claim.discount for claim in ticket.basket.rewards):
        yield "discount is less than its reward's; it is the sum of all discounts."
