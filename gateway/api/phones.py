"""Phones as every vendor can take them: E.164, where the store's region lets a number be read."""

import phonenumbers

from gateway.core.order import Member, Order


def e164(text: str, region: str | None) -> str:
    """Spell a phone as +1415…; as captured where it is no whole number of the region."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text
    whole = phonenumbers.is_possible_number_with_reason(number)
    if number.extension or whole != phonenumbers.ValidationResult.IS_POSSIBLE:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def with_phone(member: Member, region: str | None) -> Member:
    """The same member with phones spelled in E.164."""
    changes: dict[str, str] = {}
    if member.kind == "phone":
        changes["value"] = e164(member.value, region)
    if member.phone is not None:
        changes["phone"] = e164(member.phone, region)
    return member.model_copy(update=changes) if changes else member


def with_members_phone(order: Order, region: str | None) -> Order:
    """The same order with its member's phones spelled in E.164."""
    if order.member is None:
        return order
    return order.model_copy(update={"member": with_phone(order.member, region)})
