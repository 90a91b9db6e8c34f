"""How members are named at Spendgo, and who an order is for."""

import re
from typing import Any

from adapters.spendgo.settings import SpendgoSite
from gateway.core.errors import OrderRefused
from gateway.core.operation import VendorVisit, identifiers
from gateway.core.order import Member

GUEST = "guest"
"""The path's id of a sale without a member (dossier 4.7)."""

PHONE_DIGITS = 10
"""Digits of a member's phone as Spendgo knows it, without the country code."""

NOT_ENROLLED = (
    "Spendgo finds members by enrolling them, and this one has not agreed (member.consent.enrol, "
    "or `enrol` in the configuration): sell as to a guest"
)

_PHONE = re.compile(r"\+?[0-9 ().-]+")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def customer(member: Member, site: SpendgoSite) -> dict[str, Any]:
    """Say who is to be found or enrolled; verification by e-mail is never asked for (T8)."""
    named = identifiers(member)
    if "phone" not in named:
        raise OrderRefused(
            f"Spendgo knows members by phone, got kind {member.kind}: give member.phone too",
            path="member.kind",
        )
    said: dict[str, Any] = {"phone": phone(named["phone"], site)}
    if "email" in named:
        said["email"] = named["email"]
    parts = {"first": member.first_name, "last": member.last_name}
    name = {part: text for part, text in parts.items() if text}
    return {"customer": {**said, "name": name} if name else said}


def phone(number: str, site: SpendgoSite) -> str:
    """Say a phone number in ten digits, the store's country code dropped."""
    if site.phone_normalisation == "as_given":
        return number
    digits = re.sub(r"[^0-9]", "", number)
    code = site.phone_country_code or "1"
    if number.startswith("+") or len(digits) == PHONE_DIGITS + len(code):
        foreign = not digits.startswith(code)
        digits = digits[len(code) :]
    else:
        foreign = False
    if foreign or len(digits) != PHONE_DIGITS or not _PHONE.fullmatch(number):
        raise OrderRefused(
            f"Spendgo knows phones of {PHONE_DIGITS} digits behind +{code}; this one is another",
            path="member",
        )
    return digits


def known_id(member: Member) -> str | None:
    """Read a member's Spendgo id where the till names them by it."""
    if member.kind != "vendor_id":
        return None
    if not _ID.fullmatch(member.value) or member.value.lower() == GUEST:
        raise OrderRefused(
            f"a member's Spendgo id is letters and digits, and not {GUEST!r}", path="member.value"
        )
    return member.value


def may_find(member: Member, site: SpendgoSite) -> bool:
    """Tell whether this member may be looked up, which enrols them if they are new (T7)."""
    if known_id(member) is not None or site.enrol == "always":
        return True
    return site.enrol == "consent" and member.consent.enrol


def captured(visit: VendorVisit | None, member: Member | None) -> Member | None:
    """Tell who an order is for: whoever it names, else whoever was identified.

    The order first: a visit that Spendgo declined names nobody's id, and the sale that follows it
    is looked up by what the till says now, with the consent given since (T7).
    """
    return member or (visit.member if visit else None)
