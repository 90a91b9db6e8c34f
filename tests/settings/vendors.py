"""Two tiny adapters, a configuration that is right, and how the tests here write and load one."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import pytest
from pydantic import Field, SecretStr, model_validator

from gateway.core.adapter import (
    AccountSettings,
    Adapter,
    Credentials,
    Outgoing,
    Says,
    Site,
    StoreSettings,
)
from gateway.core.duration import Seconds
from gateway.core.flow import Flow
from gateway.core.frozen import Frozen, Word
from gateway.core.outcome import Outcome
from gateway.core.sandbox import Sandbox
from gateway.settings import ConfigurationInvalid, Settings, load


class PointsAccount(AccountSettings):
    brand: Word
    date_mode: Literal["local", "utc"] = "local"


class PointsStore(StoreSettings):
    till_map: Mapping[str, int] = Field(default_factory=dict)


class PointsCredentials(Credentials):
    api_key: SecretStr
    header: str = "x-key"


class PointsSite(PointsAccount, PointsStore, Site):
    base_url: str


class Later(Frozen):
    cancel_after: Seconds


class KitchenAccount(AccountSettings):
    scopes: tuple[str, ...] = ()
    schedule: Literal["accept"] | Later = "accept"

    @model_validator(mode="after")
    def _scopes_are_named(self) -> Self:
        if not self.scopes:
            raise ValueError("scopes must list at least one scope")
        return self


class KitchenStore(StoreSettings):
    location_id: Word


class KitchenCredentials(Credentials):
    client_id: SecretStr | None = None
    client_secret: SecretStr | None = None


class KitchenSite(KitchenAccount, KitchenStore, Site):
    pass


def _flow(ask: Any, site: Any) -> Flow[Outcome]:
    raise NotImplementedError
    yield


def _sign(outgoing: Outgoing, credentials: Any, now: Any) -> Outgoing:
    return outgoing


def _sandbox() -> Sandbox:
    raise NotImplementedError


POINTS = Adapter(
    name="points",
    title="Points",
    link={"base_url": None, "read_timeout": 15.0},
    account=PointsAccount,
    credentials=PointsCredentials,
    store=PointsStore,
    site=PointsSite,
    operations={
        "identify": Says(flow=_flow, doubt="read", offline="refuse"),
        "quote": Says(flow=_flow, doubt="read", offline="local"),
        "submit": Says(flow=_flow, doubt="unproved", offline="queue"),
        "pay": Says(flow=_flow, doubt="money", offline="refuse"),
    },
    cannot={"refund": "a whole order can be voided"},
    sign=_sign,
    understands=lambda _: True,
    sandbox=_sandbox,
)
KITCHEN = Adapter(
    name="kitchen",
    title="Kitchen",
    link={"base_url": "https://kitchen.example", "rate_per_second": 10},
    account=KitchenAccount,
    credentials=KitchenCredentials,
    store=KitchenStore,
    site=KitchenSite,
    operations={"submit": Says(flow=_flow, doubt="physical", offline="queue")},
    cannot={"refund": "food does not come back"},
    sign=_sign,
    understands=lambda _: True,
    sandbox=_sandbox,
)
ADAPTERS: Mapping[str, Adapter] = {"points": POINTS, "kitchen": KITCHEN}

TILL_SECRET = b"till-secret-0001"
HUSH = "hunter2-hunter2"
ENVIRONMENT: Mapping[str, str] = {
    "OPS_TOKEN": HUSH + "-ops",
    "TILL_1": base64.b64encode(TILL_SECRET).decode(),
    "KEY_0042": HUSH + "-0042",
    "KEY_0077": HUSH + "-0077",
    "CLIENT": HUSH + "-client",
    "CLIENT_SECRET": HUSH + "-client-secret",
}

RIGHT = """\
listen: 127.0.0.1:8470
till_auth: hmac
ops: {token: {env: OPS_TOKEN}}
wait: 3s
tills:
  "0042-1": {store: "0042", secret: {env: TILL_1}}
vendors:
  points-ca:
    adapter: points
    base_url: https://points.example
    brand: "90001"
  kitchen-us:
    adapter: kitchen
    client_id: {env: CLIENT}
    client_secret: {env: CLIENT_SECRET}
    scopes: [orders]
stores:
  "0042":
    name: King & Bay
    timezone: America/Toronto
    currency: CAD
    phone_region: CA
    wait: 2s
    offline: {reward: queue, submit: {kitchen: {max_age: 15m}, max_age: 30d}, pay: refuse}
    routes:
      - vendor: points-ca
        api_key: {env: KEY_0042}
        till_map: {"0042-1": 7}
      - vendor: kitchen-us
        role: follower
        when: {channel: [web, kiosk], till: ["0042-1"]}
        settle_delay: 5s
        location_id: BL-1
        rate_per_second: 2
  "0077":
    timezone: America/Chicago
    currency: USD
    routes:
      - {vendor: points-ca, api_key: {env: KEY_0077}, brand: other, date_mode: utc}
"""


def settings_of(
    folder: Path, text: str = RIGHT, environment: Mapping[str, str] = ENVIRONMENT
) -> Settings:
    """Write a configuration and load it."""
    path = folder / "gateway.yaml"
    path.write_text(text)
    return load(path, ADAPTERS, environment)


def errors_of(folder: Path, text: str, environment: Mapping[str, str] = ENVIRONMENT) -> list[str]:
    """Load a configuration that is wrong; its errors, without the folder's name."""
    with pytest.raises(ConfigurationInvalid) as caught:
        settings_of(folder, text, environment)
    assert str(caught.value).splitlines() == list(caught.value.errors)
    assert HUSH not in str(caught.value)
    return [error.replace(f"{folder}/", "") for error in caught.value.errors]


def changed(found: str, put: str) -> str:
    """The right configuration with one thing written otherwise."""
    assert RIGHT.count(found) == 1, found
    return RIGHT.replace(found, put)
