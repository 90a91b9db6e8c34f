"""How members are named at Spoonity, and who an order is for."""

from adapters.spoonity.settings import SpoonitySite
from gateway.core.errors import OrderRefused
from gateway.core.operation import VendorVisit
from gateway.core.order import Member

NO_IDENTIFIER = {"short_code", "vendor_id"}
"""Kinds that a check-in at Spoonity does not take (dossier 3.1)."""


def card_number(member: Member, site: SpoonitySite) -> str:
    """Spell whatever identifies the member; OrderRefused for what Spoonity cannot look up."""
    if member.kind in NO_IDENTIFIER:
        raise OrderRefused(
            f"Spoonity finds members by card, email, phone, app_token, national_id or passport, "
            f"not by {member.kind}",
            path="member.kind",
        )
    named = member.value.strip()
    if member.kind == "phone" and site.phone_format == "national_digits":
        named = _national_digits(member.value, site.phone_country_code)
    if not named:
        raise OrderRefused(f"there is no {member.kind} in what was captured", path="member.value")
    return named


def captured(visit: VendorVisit | None, member: Member | None) -> Member | None:
    """Tell who an order is for: whoever was identified, else whoever it names.

    Not the order's spelling first: Spoonity has found the identified one and ties the order to it
    by that alone (dossier 3.5); another one of the same person may be unknown there.
    """
    return visit.member if visit else member


def _national_digits(phone: str, country_code: str | None) -> str:
    digits = "".join(char for char in phone if char.isascii() and char.isdigit())
    if phone.strip().startswith("+") and country_code:
        return digits.removeprefix(country_code)
    return digits
