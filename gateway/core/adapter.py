"""A vendor's manifest: everything the gateway needs to know about the code that speaks to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from gateway.core.duration import Seconds
from gateway.core.flow import Flow, Reply, Speak
from gateway.core.frozen import Frozen
from gateway.core.operation import Name
from gateway.core.order import Currency, Tender
from gateway.core.sandbox import Sandbox

DoubtClass = Literal["read", "keyed", "unproved", "money", "physical"]
"""What doubt means for an operation (architecture.md §5).

read: send again; keyed: the vendor deduplicates, send again; unproved: look, else park;
money: never queued, never sent again; physical: cooks food, short age, never sent again.
"""

Offline = Literal["queue", "refuse", "local"]

DAYS_30 = 30 * 86400
"""Default age of earning: older points are a complaint, not a service."""


class Link(Frozen):
    """How to reach a vendor's account: not part of what is said."""

    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$")]
    rate_per_second: Annotated[float, Field(gt=0, le=1000)] = 5
    connect_timeout: Seconds = 3.0
    read_timeout: Seconds = 10.0


class AccountSettings(Frozen):
    """What all adapters' accounts may set about what is said; adapters add their own."""

    split_payment: Literal["largest"] = "largest"
    tender_map: Mapping[Tender, str] = Field(default_factory=dict)


class StoreSettings(Frozen):
    """What a route may set for its store; adapters add their own."""

    void_policy: Literal["latest_only", "unwind"] = "latest_only"
    unwind_depth: Annotated[int, Field(ge=1, le=10)] = 5


class Credentials(Frozen):
    """What only `sign` sees; adapters add SecretStr fields."""


class Site(Frozen):
    """The store as a flow sees it; an adapter's own Site adds its account and store settings.

    `timezone` is an IANA name; `phone_country_code` the digits behind the plus of its phones.
    """

    store: str
    timezone: str
    currency: Currency
    phone_country_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One request just before it is sent; `target` and `body` are the exact bytes of the wire.

    `token` is what the adapter's `authorize` fetched, empty where there is none.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    token: str = field(default="", repr=False)

    def with_headers(self, **headers: str) -> "Outgoing":
        """Add headers; an underscore in a name stands for a dash."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Outgoing(
            method=self.method,
            target=self.target,
            headers={**self.headers, **named},
            body=self.body,
            token=self.token,
        )

    def with_target(self, target: str) -> "Outgoing":
        """Send to another path and query."""
        return Outgoing(
            method=self.method,
            target=target,
            headers=self.headers,
            body=self.body,
            token=self.token,
        )


Sign = Callable[[Outgoing, Any, datetime], Outgoing]
"""Makes a call theirs: (outgoing, credentials, now) -> outgoing. Pure; `now` is aware UTC."""


class Token(Frozen):
    """A bearer token and how long it lives."""

    value: str
    expires_in_seconds: float


@dataclass(frozen=True, kw_only=True)
class Authorize:
    """How a token is fetched before calls can be signed; runs below the journal.

    `flow(site)` says it; `sign` makes it theirs; `url(site)` is the full URL to ask, whose path
    the flow's call repeats; `needed(credentials)` tells whether this account uses tokens at all.
    """

    flow: Callable[[Any], Flow[Token]]
    sign: Sign
    url: Callable[[Any], str]
    needed: Callable[[Any], bool]


@dataclass(frozen=True, kw_only=True)
class Says:
    """One operation an adapter can say.

    `flow(ask, site)` says it. `doubt` is its class; `offline` what the door does by default when
    the vendor cannot be reached; `max_age_seconds` how long it may wait, counted from acceptance.
    """

    flow: Speak
    doubt: DoubtClass
    offline: Offline
    max_age_seconds: float = DAYS_30


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """Everything about one vendor at a glance.

    `understands(reply)` tells whether a 4xx or 5xx is the vendor's own refusal, in its own error
    shape; what it does not understand is somebody on the way speaking, and proves nothing.
    `cannot` says in words why an operation is missing. `link` holds the defaults of the account's
    connection, without a base_url where it must be configured. `voids_newest_first` says that the
    vendor voids only a member's newest order at a store.
    """

    name: str
    title: str
    link: Mapping[str, Any]
    account: type[AccountSettings]
    credentials: type[Credentials]
    store: type[StoreSettings]
    site: type[Site]
    operations: Mapping[Name, Says]
    cannot: Mapping[Name, str]
    sign: Sign
    understands: Callable[[Reply], bool]
    sandbox: Callable[[], Sandbox]
    authorize: Authorize | None = None
    voids_newest_first: bool = False
