"""How members are named at RBI, and who an order is for."""

import re

from gateway.core.errors import OrderRefused
from gateway.core.operation import VendorVisit
from gateway.core.order import Member

IDENTIFIERS = ("short_code", "app_token", "vendor_id", "email")
"""Kinds of members RBI can look up: an app's code, a loyalty UUID, in one market an e-mail."""

ANOTHER_GUEST = "the order names another guest than its visit"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def identifier(member: Member) -> str:
    """Name a member as RBI can look them up; raises OrderRefused for what it cannot."""
    if member.kind not in IDENTIFIERS:
        raise OrderRefused(
            f"RBI finds a guest by {', '.join(IDENTIFIERS)}, got {member.kind}",
            path="member.kind",
        )
    return member.value


def identifies_again(member: Member) -> bool:
    """Tell whether an identifier may be sent twice: a loyalty UUID, never a code (dossier 5)."""
    return member.kind in ("vendor_id", "app_token") and bool(_UUID.fullmatch(member.value))


def captured(visit: VendorVisit | None, member: Member | None) -> Member | None:
    """Tell who an order is for: whoever was identified, else whoever it names.

    Not the order's first: the visit's code is used up, and its transaction alone can be claimed
    (T18).
    """
    return visit.member if visit else member
