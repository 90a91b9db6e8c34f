"""What the gateway's own keys may say, as it is written: one frozen model a block of YAML."""

import functools
import zoneinfo
from collections.abc import Callable, Collection
from typing import Annotated, Literal

import phonenumbers
from pydantic import AfterValidator, Field, StringConstraints

from gateway.core.duration import Seconds
from gateway.core.frozen import Frozen, Id, Text, Word
from gateway.core.order import Channel, MemberKind, ServiceMode
from gateway.engine.rows import Role
from gateway.settings.faults import nearest
from gateway.settings.model import Listen

WAIT_LIMIT_SECONDS = 60
"""Nobody stands at a till longer; the order is safe on disk long before."""

RETENTION_LEAST_SECONDS = 86400
RETENTION_LIMIT_SECONDS = 3650 * 86400
"""A void comes within the day; ten years is the longest any bookkeeping law asks for."""

VISIT_TTL_LEAST_SECONDS = 60
VISIT_TTL_LIMIT_SECONDS = 86400
"""Shorter than a minute releases under the guest's hands; longer than a day is not a visit."""

SETTLE_DELAY_LIMIT_SECONDS = 86400
"""A day: points that come later than that are a complaint."""

PATH_LENGTH = 4096
"""The longest path Linux opens."""

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
    KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
    VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()
)
"""What a till may count in: the national currencies of ISO 4217, list one."""


@functools.cache
def time_zones() -> frozenset[str]:
    """Every IANA time zone this machine knows."""
    return frozenset(zoneinfo.available_timezones())


def _one_of(what: str, example: str, names: Callable[[], Collection[str]]) -> AfterValidator:
    def known(value: str) -> str:
        if value not in names():
            near = nearest(value, names())
            raise ValueError(f"found {value!r}, allowed: {what} such as {example}{near}")
        return value

    return AfterValidator(known)


def _listen(value: str) -> str:
    Listen.parse(value)
    return value


Zone = Annotated[str, _one_of("an IANA time zone", "America/Toronto", time_zones)]
CurrencyCode = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$"),
    _one_of("an ISO 4217 currency", "CAD", lambda: CURRENCIES),
]
Region = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{2}$"),
    _one_of("a two-letter country", "CA", lambda: phonenumbers.SUPPORTED_REGIONS),
]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
FilePath = Annotated[str, StringConstraints(min_length=1, max_length=PATH_LENGTH)]
Wait = Annotated[Seconds, Field(gt=0, le=WAIT_LIMIT_SECONDS)]


class LogShape(Frozen):
    """How the gateway speaks about itself; `file` null is standard output."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "json"
    file: FilePath | None = None


class GatewayShape(Frozen):
    """The top level, without what is made of references and names."""

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8470"
    data_dir: FilePath = "./data"
    till_auth: Literal["hmac", "none"] = "hmac"
    wait: Wait = 3.0
    retention: Annotated[Seconds, Field(ge=RETENTION_LEAST_SECONDS, le=RETENTION_LIMIT_SECONDS)] = (
        7_776_000.0
    )
    log: LogShape = LogShape()


OVERRIDABLE = ("listen", "data_dir", "till_auth", "wait", "retention")
"""Top-level keys that TILLBRIDGE_<KEY> may set: each is one value."""


class WhenShape(Frozen):
    """What an order must be for a route to take it; a key left out is anything."""

    channel: Annotated[tuple[Channel, ...], Field(min_length=1)] | None = None
    service_mode: Annotated[tuple[ServiceMode, ...], Field(min_length=1)] | None = None
    till: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    member: Annotated[tuple[MemberKind | Literal["none"], ...], Field(min_length=1)] | None = None


class RouteShape(Frozen):
    """The keys every route has; `when` is read apart."""

    vendor: Word
    role: Role = "primary"
    settle_delay: Annotated[Seconds, Field(ge=0, le=SETTLE_DELAY_LIMIT_SECONDS)] = 0.0


class StoreShape(Frozen):
    """A store, without `offline` and `routes`, which depend on the adapters."""

    name: Text = ""
    timezone: Zone
    currency: CurrencyCode
    locale: Locale = "en"
    phone_region: Region | None = None
    wait: Wait | None = None
    visit_ttl: Annotated[Seconds, Field(ge=VISIT_TTL_LEAST_SECONDS, le=VISIT_TTL_LIMIT_SECONDS)] = (
        1800.0
    )
    on_park: Literal["continue", "stop_lane"] = "continue"
