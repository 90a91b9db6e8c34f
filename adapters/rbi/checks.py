"""Is a request what RBI's documentation says it must be? Pure checks, and what was read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from adapters.rbi.world import Switches
from gateway.core import strict_json
from gateway.core.sandbox import SandboxRequest

AMOUNT_LIMIT = Decimal(1_000_000)
"""No meal costs as much, not even in cents; keeps 1e999999 from being computed with."""

SERVICE_MODES = ("EAT_IN", "TAKEOUT", "DRIVE_THRU", "CURBSIDE", "TABLE_SERVICE")
PAYMENT_TYPES = ("CASH", "VISA", "MASTERCARD", "AMEX", "CREDIT")
"""Documented at one time or another (dossier 3.3 and 7)."""

MALFORMED = "BadRequest"
"""Our word for a malformed body: RBI names the fields, its code for it is not public."""
NOT_CLAIMABLE = "TRANSACTION_NOT_CLAIMABLE"

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
OTP = re.compile(r"[0-9]{6}")
_INSTANT = re.compile(r"[0-9-]{10}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")
_LOCAL_TIME = re.compile(r"[0-9-]{10}T[0-9:]{8}(\.[0-9]+)?([+-][0-9]{2}:[0-9]{2})?")


class Refusal(Exception):
    """RBI says no for the guest's or the restaurant's reasons; `details` join the error body."""

    def __init__(self, status: int, code: str, message: str, details: Any = None) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message, self.details = status, code, message, details or {}


class Breach(Refusal):
    """Refused because the request breaks the documented contract."""


class Kind(NamedTuple):
    """What a field may hold, and how to say so."""

    fits: Callable[[Any], bool]
    allowed: str


Shape = Mapping[str, Kind]
"""The documented fields of one object; the name of an optional one ends in a question mark."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What is wrong with a body: `faults` (field, reason) refuse it, `notes` are let through."""

    faults: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def reads(self, place: str, value: Any, shape: Shape) -> bool:
        """Compare an object with its shape; whether all of it can be read."""
        if not isinstance(value, dict):
            self.faults.append((place, "must be an object"))
            return False
        dot, before = f"{place}." if place else "", len(self.faults)
        kinds = {name.removesuffix("?"): kind for name, kind in shape.items()}
        for name, kind in kinds.items():
            if name in value and not kind.fits(value[name]):
                self.faults.append((f"{dot}{name}", f"must be {kind.allowed}"))
            elif name not in value and name in shape:
                self.faults.append((f"{dot}{name}", f"is missing, must be {kind.allowed}"))
        self.notes.extend(f"{dot}{name} is not documented" for name in value if name not in kinds)
        return len(self.faults) == before

    def reads_each(self, place: str, values: list[Any], shape: Shape) -> bool:
        """Compare each object of a list with the shape; whether all can be read."""
        read = [self.reads(f"{place}[{n}]", value, shape) for n, value in enumerate(values)]
        return all(read)

    def reads_vendor(self, place: str, value: Any, shape: Shape, switches: Switches) -> None:
        """Compare a `posVendor` with its shape, and its store's number with what is wanted."""
        readable = self.reads(place, value, shape)
        if readable and switches.numeric_store_id and not _is_whole(value["storeId"]):
            self.faults.append((f"{place}.storeId", "must be a JSON number"))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_amount(value: Any) -> bool:
    within = _is_number(value) and abs(value) <= AMOUNT_LIMIT
    return within and Decimal(value).quantize(Decimal("0.01")) == value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _text(pattern: re.Pattern[str], allowed: str) -> Kind:
    return Kind(lambda value: isinstance(value, str) and bool(pattern.fullmatch(value)), allowed)


def _one_of(*words: str) -> Kind:
    return Kind(lambda value: value in words, " or ".join(words))


def _moment(pattern: re.Pattern[str], value: Any) -> datetime | None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


TEXT = Kind(_is_word, "a text that is not empty")
TEXT_OR_NUMBER = Kind(lambda v: _is_word(v) or _is_whole(v), "a text or a whole number")
QUANTITY = Kind(lambda v: _is_number(v) and 0 < v <= AMOUNT_LIMIT, "a JSON number above 0")
AMOUNT = Kind(_is_amount, "a JSON number of currency units, at most 2 decimals")
CENTS = Kind(lambda v: _is_whole(v) and _is_amount(v), "a whole JSON number of cents")
LIST = Kind(lambda value: isinstance(value, list), "a list")
OBJECT = Kind(lambda value: isinstance(value, dict), "an object")
ID = _text(UUID, "a UUID")
PRODUCT_TYPE = _text(re.compile("(?i)combo|item|reward|offer"), "combo, item, reward or offer")

POS_VENDOR: Shape = {
    "transactionId": TEXT,
    "storeId": TEXT_OR_NUMBER,
    "terminal": TEXT,
    "operator": TEXT,
    "posType": TEXT,
    "supportingPos?": TEXT,
    "matchingId?": TEXT,
}
"""Terminal and operator were optional once, and are no longer marked so (dossier 3.1)."""
PROMO_VENDOR: Shape = {
    "transactionId?" if name == "transactionId" else name: kind for name, kind in POS_VENDOR.items()
}
"""The promo code's example has no number of the till (dossier 3.1)."""
IDENTIFY: Shape = {"identifier": TEXT, "posVendor": OBJECT}
PROMO: Shape = {"promoCode": TEXT, "posVendor": OBJECT, "loyaltyId?": ID}
UNCLAIMED: Shape = {
    "channel": _one_of("Restaurant"),
    "created": Kind(lambda v: _moment(_INSTANT, v) is not None, "an RFC 3339 time"),
    "serviceMode": _one_of(*SERVICE_MODES),
    "status": _one_of("PENDING", "CLAIMED"),
    "transactionDetails": OBJECT,
}
SALE: Shape = {"loyaltyId": ID, "transactionId": ID, **UNCLAIMED}
DETAILS: Shape = {
    "currency": _text(re.compile("[A-Z]{3}"), "a currency code of ISO 4217"),
    "order": LIST,
    "payments": LIST,
    "posVendor": OBJECT,
    "appliedDiscounts?": LIST,
}
LINE: Shape = {
    "referenceId": TEXT,
    "parentReferenceId?": TEXT_OR_NUMBER,
    "productType": PRODUCT_TYPE,
    "productId": TEXT,
    "name": TEXT,
    "quantity": QUANTITY,
    "price": AMOUNT,
    "tax": AMOUNT,
    "incentiveId?": TEXT,
    "loyaltyEngineId?": TEXT,
}
PAYMENT: Shape = {"amount": CENTS, "type": TEXT, "ccToken?": TEXT}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request that found its route: whose transaction, when at the restaurant, and the body."""

    request: SandboxRequest
    transaction_id: str
    local: datetime
    body: dict[str, Any]

    @property
    def details(self) -> dict[str, Any]:
        """Where `posVendor` is: inside of a sale, else at the root (dossier 3.1)."""
        details: dict[str, Any] = self.body.get("transactionDetails", self.body)
        return details

    @property
    def receipt(self) -> str:
        """The till's own number."""
        return str(self.details["posVendor"]["transactionId"])


def local_time(headers: Mapping[str, str]) -> datetime:
    """The restaurant's own time; Breach 401 without the three headers, or if it says UTC."""
    for name in ("x-region", "x-api-key", "x-user-datetime"):
        if not headers.get(name):
            raise Breach(401, "Unauthorized", f"the header {name} is missing")
    local = _moment(_LOCAL_TIME, headers["x-user-datetime"])
    if local is None:
        wanted = "must be local like 2025-03-01T13:30:05, not UTC"
        raise Breach(401, "Unauthorized", f"the header x-user-datetime {wanted}")
    return local


def read_body(data: bytes) -> dict[str, Any]:
    """The JSON object that every call has; Breach says what is wrong with other bytes."""
    try:
        body = strict_json.loads(data)
    except strict_json.BadJson as error:
        raise Breach(400, MALFORMED, f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise Breach(400, MALFORMED, "the body must be an object")
    return body


def at_root(body: Any, shape: Shape, vendor: Shape, switches: Switches) -> Findings:
    """Check the body of identify or of a promo code, whose `posVendor` is at the root."""
    found = Findings()
    if found.reads("", body, shape):
        found.reads_vendor("posVendor", body["posVendor"], vendor, switches)
    return found


def sale(body: Any, shape: Shape, switches: Switches, *, paid: bool) -> Findings:
    """Check the body of validate, update, void or an unclaimed sale (dossier 3.3 and 5).

    With `paid`, a claim must name its payments; a validate comes before them.
    """
    found = Findings()
    place, details = "transactionDetails", body.get("transactionDetails")
    if not found.reads("", body, shape) or not found.reads(place, details, DETAILS):
        return found
    if datetime.fromisoformat(body["created"]).utcoffset():
        found.notes.append("created must be UTC")
    found.reads_vendor(f"{place}.posVendor", details["posVendor"], POS_VENDOR, switches)
    readable = found.reads_each(f"{place}.order", details["order"], LINE)
    if found.reads_each(f"{place}.payments", details["payments"], PAYMENT) and readable:
        _check_lines(found, f"{place}.order", details["order"], switches)
        _check_payments(found, details, switches, claimed=paid and body["status"] == "CLAIMED")
    return found


def _check_lines(
    found: Findings, place: str, lines: list[dict[str, Any]], switches: Switches
) -> None:
    """Check what lines say of each other, and that each incentive is named."""
    by_id = {line["referenceId"]: line for line in lines}
    seen: set[str] = set()
    for index, line in enumerate(lines):
        here, own = f"{place}[{index}]", line["referenceId"]
        if own in seen:
            found.faults.append((f"{here}.referenceId", "must be unique in the basket"))
        seen.add(own)
        if "parentReferenceId" in line:
            parent = by_id.get(str(line["parentReferenceId"]))
            if parent is None or parent is line:
                found.faults.append((f"{here}.parentReferenceId", "must name another line"))
            elif "parentReferenceId" in parent:
                found.notes.append(f"{here} is nested deeper than the one documented level")
            elif switches.free_combo_children and line["price"] and kind(parent) == "combo":
                found.faults.append((f"{here}.price", "must be 0 in a combo"))
        if line["productType"] != kind(line):
            found.notes.append(f"{here}.productType must be in lower case")
        if kind(line) in ("reward", "offer") and not incentive_ids(line):
            found.faults.append((here, "must have an incentiveId or a loyaltyEngineId"))


def _check_payments(
    found: Findings, details: Mapping[str, Any], switches: Switches, *, claimed: bool
) -> None:
    """Check the kinds of payment, and that a claim is paid."""
    place, payments, lines = "transactionDetails.payments", details["payments"], details["order"]
    for payment in payments:
        if payment["type"] not in PAYMENT_TYPES:
            found.notes.append(f"{place} must be of type {' or '.join(PAYMENT_TYPES)}")
    if claimed and not payments and any(line["price"] or line["tax"] for line in lines):
        found.faults.append((place, "must not be empty when a claim costs money"))
    if claimed and switches.payments_equal_total:
        total, cents = Decimal(0), sum(payment["amount"] for payment in payments)
        for line in lines:
            total += line["price"] * line["quantity"] + line["tax"]
        if cents != total * 100:
            found.faults.append((place, f"must add up to {total} in cents, got {cents}"))


def kind(line: Mapping[str, Any]) -> str:
    """A line's product type; RBI reads either case."""
    return str(line["productType"]).lower()


def incentive_ids(line: Mapping[str, Any]) -> dict[str, str]:
    """The ids by which a line names its incentive: Sanity's, or the engine's, or both."""
    return {name: line[name] for name in ("incentiveId", "loyaltyEngineId") if name in line}
