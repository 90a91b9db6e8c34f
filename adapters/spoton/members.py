"""How members are named at SpotOn, and who an order is for."""

from gateway.core.operation import VendorVisit
from gateway.core.order import Member


def customer(member: Member | None) -> dict[str, str] | None:
    """Name a customer by SpotOn's id, or whole by all four facts; less than that is nobody."""
    if member is None:
        return None
    if member.kind == "vendor_id":
        return {"id": member.value}
    facts = {
        "first_name": member.first_name,
        "last_name": member.last_name,
        "email": member.value if member.kind == "email" else member.email,
        "phone": member.value if member.kind == "phone" else member.phone,
    }
    known = {key: value for key, value in facts.items() if value}
    return known if len(known) == len(facts) else None


def captured(visit: VendorVisit | None, member: Member | None) -> Member | None:
    """Tell who an order is for: whoever it names, else whoever was identified.

    The order first: SpotOn finds nobody and takes a customer as told, and what the till tells
    last is the fullest.
    """
    return member or (visit.member if visit else None)
