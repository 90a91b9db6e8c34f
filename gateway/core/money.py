"""Decimal amounts and the minor units of ISO 4217."""

import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue

from gateway.core.strict_json import JsonNumber

DEFAULT_EXPONENT = 2

EXPONENTS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
"""Decimals of the currencies that do not have two (ISO 4217, list one)."""

AMOUNT_DIGITS = 9
"""Digits before the point: a till's figure beyond a billion is a slip, and every vendor's
JSON number stays exact up to here."""

FRACTION_DIGITS = 6
"""Digits behind the point: `unit_price` may have this many, so nothing has more."""

SHOWN_LENGTH = 12
"""Of a wrong figure: longer runs of digits may be a phone's or a card's."""

ROUNDING_DIGITS = 120
"""Room for quantities multiplied down the deepest nesting of lines, before they are refused."""

_DECIMAL = re.compile(
    rf"-?(0|[1-9][0-9]{{0,{AMOUNT_DIGITS - 1}}})(\.[0-9]{{1,{FRACTION_DIGITS}}})?"
)


def exponent(currency: str) -> int:
    """Decimals of a currency, by its ISO 4217 code."""
    return EXPONENTS.get(currency, DEFAULT_EXPONENT)


def decimals(amount: Decimal) -> int:
    """Digits an amount has behind the point, trailing zeros counted."""
    return max(0, -int(amount.as_tuple().exponent))


def round_half_up(amount: Decimal, currency: str) -> Decimal:
    """Round to the currency's minor unit, halves away from zero."""
    with localcontext(prec=ROUNDING_DIGITS):
        return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP)


def minor_units(amount: Decimal, currency: str) -> int:
    """Say an amount in the currency's minor unit (cents); ValueError at a fraction of one."""
    scaled = amount.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} {currency} is not a whole number of minor units")
    return int(scaled)


def from_minor_units(units: int, currency: str) -> Decimal:
    """Read a figure given in minor units (cents)."""
    places = exponent(currency)
    return Decimal(units).scaleb(-places).quantize(Decimal(1).scaleb(-places))


def json_number(amount: Decimal) -> int | float:
    """Spell an amount as a JSON number: whole ones without a point, others to the digit.

    No arithmetic is done on the result; within AMOUNT_DIGITS and FRACTION_DIGITS the shortest
    spelling of the float is the decimal itself.
    """
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def plain(amount: Decimal) -> str:
    """Spell an amount without an exponent."""
    return format(amount, "f")


def _decimal_string(value: object) -> Decimal:
    if isinstance(value, Decimal) and not isinstance(value, JsonNumber):
        return value
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004 - pydantic reports ValueError with its place
            f'must be a decimal string such as "12.50", got the JSON {_json_kind(value)}'
        )
    if not _DECIMAL.fullmatch(value):
        raise ValueError(
            f"must be a decimal string of at most {AMOUNT_DIGITS} digits, a point and at most "
            f'{FRACTION_DIGITS} more, such as "12.50", got {_shown(value)}'
        )
    return Decimal(value)


def _shown(value: str) -> str:
    """Repeat what looks like a number; anything else may be somebody's name."""
    numeric = len(value) <= SHOWN_LENGTH and re.fullmatch(r"[0-9.,eE+\- ]*", value, re.ASCII)
    return repr(value) if numeric else f"a text of {len(value)} characters"


def _json_kind(value: object) -> str:
    kinds = {
        bool: "boolean",
        int: "number",
        float: "number",
        JsonNumber: "number",
        list: "array",
        dict: "object",
    }
    return kinds.get(type(value), "null")


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError(f"must not be negative, got {plain(value)}")
    return value


_SCHEMA: JsonSchemaValue = {
    "type": "string",
    "pattern": f"^{_DECIMAL.pattern}$",
    "examples": ["12.50"],
}

DecimalString = Annotated[
    Decimal,
    BeforeValidator(_decimal_string),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema(_SCHEMA, mode="validation"),
    WithJsonSchema(_SCHEMA, mode="serialization"),
]
"""A signed decimal, a string in JSON."""

Amount = Annotated[DecimalString, BeforeValidator(lambda v: _not_negative(_decimal_string(v)))]
"""An amount that is not negative, a string in JSON."""
