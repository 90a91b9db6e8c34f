"""The four vendors as the simulation has them: stores, accounts, members, played worlds."""

from dataclasses import dataclass, field
from typing import Any

from adapters.rbi import ADAPTER as RBI
from adapters.spendgo import ADAPTER as SPENDGO
from adapters.spoonity import ADAPTER as SPOONITY
from adapters.spoton import ADAPTER as SPOTON
from gateway.core.adapter import Adapter
from gateway.core.sandbox import Sandbox
from gateway.engine.routing import Plan, Route, Store
from tests.virtual import VirtualClock
from tests.world import Wire


@dataclass(frozen=True, kw_only=True)
class Account:
    """One vendor account and the store it serves."""

    vendor: str
    adapter: Adapter
    store: str
    timezone: str
    currency: str
    site: dict[str, Any]
    credentials: dict[str, Any]
    members: tuple[dict[str, Any] | None, ...] = (None,)
    follows: str | None = None
    channel: str = "in_store"
    facts: dict[str, Any] = field(default_factory=dict)


ACCOUNTS = (
    Account(
        vendor="spoonity-ca",
        adapter=SPOONITY,
        store="0042",
        timezone="America/Toronto",
        currency="CAD",
        site={},
        credentials={"api_key": "key-0042"},
        members=(
            {"kind": "email", "value": "ana@example.test"},
            {"kind": "email", "value": "brandin@spoonity.com"},
            {"kind": "phone", "value": "5550100"},
            None,
        ),
    ),
    Account(
        vendor="spendgo-us",
        adapter=SPENDGO,
        store="0077",
        timezone="America/New_York",
        currency="USD",
        site={"account_id": "90001", "store_code": "0077"},
        credentials={
            "api_key": "spendgo-key",
            "secret": "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=",
        },
        members=(
            {"kind": "phone", "value": "4155550123", "consent": {"enrol": True}},
            {"kind": "phone", "value": "4155550199", "consent": {"enrol": True}},
            None,
        ),
    ),
    Account(
        vendor="spoton-us",
        adapter=SPOTON,
        store="0061",
        timezone="America/Chicago",
        currency="USD",
        site={
            "location_id": "BL-AAAA-BBBB-CCCC",
            "menu_id": "menu-main",
            "source_name": "Acme POS",
            "provider_name": "Acme Pay",
            "scopes": ("order:orders:write", "reporting:orders:read"),
        },
        credentials={"client_id": "spoton-id", "client_secret": "spoton-secret"},
    ),
    Account(
        vendor="rbi-de",
        adapter=RBI,
        store="20177",
        timezone="Europe/Berlin",
        currency="EUR",
        site={"region": "DE", "store_id": "20177", "send_unclaimed": True},
        credentials={"api_key": "rbi-key-de"},
    ),
)


def site_of(account: Account) -> Any:
    """The store as the account's flows see it."""
    return account.adapter.site.model_validate(
        {
            "store": account.store,
            "timezone": account.timezone,
            "currency": account.currency,
            "phone_country_code": "1",
            **account.site,
        }
    )


def plan_of(accounts: tuple[Account, ...], **store: Any) -> Plan:
    """Each account's store, with the account as its primary vendor."""
    stores = {
        account.store: Store(
            **{
                "code": account.store,
                "timezone": account.timezone,
                "currency": account.currency,
                "routes": (
                    Route(
                        vendor=account.vendor,
                        adapter=account.adapter.name,
                        role="primary",
                        site=site_of(account),
                    ),
                ),
                **store,
            }
        )
        for account in accounts
    }
    return Plan(
        stores=stores, adapters={account.adapter.name: account.adapter for account in accounts}
    )


def wire_of(accounts: tuple[Account, ...], clock: VirtualClock) -> Wire:
    """A wire with every account's vendor played at its end."""
    sandboxes: dict[str, Sandbox] = {a.vendor: a.adapter.sandbox() for a in accounts}
    return Wire(
        sandboxes=sandboxes,
        adapters={account.adapter.name: account.adapter for account in accounts},
        credentials={
            account.vendor: account.adapter.credentials.model_validate(account.credentials)
            for account in accounts
        },
        clock=clock,
        adapter_of={account.vendor: account.adapter.name for account in accounts},
        sites={account.vendor: site_of(account) for account in accounts},
    )
