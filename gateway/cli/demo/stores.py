"""The demo's stores: five of them, in one configuration made for this run."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.cli.samples import SAMPLES
from gateway.cli.till import TillKey

WAIT_SECONDS = 1.0
"""How long a till of the demo waits for a vendor: short, so that an outage is quickly told."""

RATE_PER_SECOND = 50
"""Played vendors bear more than real ones; what the demo shows is not their patience."""

SECRET_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route of a store; `secrets` are keys of its own, over its vendor's."""

    vendor: str
    role: str = "primary"
    keys: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One store, its tills, and its routes."""

    name: str
    timezone: str
    currency: str
    region: str
    tills: tuple[str, ...]
    routes: tuple[Route, ...]


VENDORS: Mapping[str, str] = {
    "spoonity-ca": "spoonity",
    "spendgo-us": "spendgo",
    "spoton-us": "spoton",
    "rbi-de": "rbi",
}
"""Accounts, and the adapters that speak to them."""

SHOPS: Mapping[str, Shop] = {
    "0042": Shop(
        name="King & Bay",
        timezone="America/Toronto",
        currency="CAD",
        region="CA",
        tills=("0042-1", "0042-2"),
        routes=(Route(vendor="spoonity-ca", secrets=SAMPLES["spoonity"].secrets),),
    ),
    "0077": Shop(
        name="Fifth & Pine",
        timezone="America/New_York",
        currency="USD",
        region="US",
        tills=("0077-1",),
        routes=(Route(vendor="spendgo-us", keys=SAMPLES["spendgo"].route),),
    ),
    "0061": Shop(
        name="Main St",
        timezone="America/Chicago",
        currency="USD",
        region="US",
        tills=("0061-1",),
        routes=(Route(vendor="spoton-us", keys=SAMPLES["spoton"].route),),
    ),
    "20177": Shop(
        name="Alexanderplatz",
        timezone="Europe/Berlin",
        currency="EUR",
        region="DE",
        tills=("20177-1",),
        routes=(Route(vendor="rbi-de", keys=SAMPLES["rbi"].route),),
    ),
    "0088": Shop(
        name="Lake St",
        timezone="America/Chicago",
        currency="USD",
        region="US",
        tills=("0088-1",),
        routes=(
            Route(vendor="spendgo-us", keys={"store_code": "0042"}),
            Route(
                vendor="spoton-us",
                role="follower",
                keys={"when": {"channel": ["kiosk", "web"]}, **SAMPLES["spoton"].route},
            ),
        ),
    ),
}
"""By store code; 0088 is the one with two vendors."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A configuration on disk, and the keys to its doors."""

    path: Path
    url: str
    ops_token: str = field(repr=False)
    tills: Mapping[str, TillKey] = field(repr=False)


def write(folder: Path, port: int, vendor_urls: Mapping[str, str]) -> Written:
    """Write a configuration for these vendors, with new secrets, into a folder of its own."""
    keeper = _Secrets(folder)
    tills = {
        name: TillKey(till=name, secret=secrets.token_bytes(SECRET_BYTES))
        for shop in SHOPS.values()
        for name in shop.tills
    }
    token = secrets.token_urlsafe(SECRET_BYTES)
    config = {
        "listen": f"127.0.0.1:{port}",
        "data_dir": "./data",
        "till_auth": "hmac",
        "ops": {"token": keeper.keep("ops-token", token)},
        "wait": f"{WAIT_SECONDS:g}s",
        "log": {"level": "info", "format": "json", "file": "gateway.log"},
        "tills": {
            name: {
                "store": code,
                "secret": keeper.keep(
                    f"till-{name}", base64.b64encode(tills[name].secret).decode("ascii")
                ),
            }
            for code, shop in SHOPS.items()
            for name in shop.tills
        },
        "vendors": {
            vendor: _vendor(vendor, adapter, vendor_urls[vendor], keeper)
            for vendor, adapter in VENDORS.items()
        },
        "stores": {code: _store(code, shop, keeper) for code, shop in SHOPS.items()},
    }
    path = folder / "gateway.yaml"
    path.write_text(json.dumps(config, indent=2), encoding="utf-8")
    return Written(path=path, url=f"http://127.0.0.1:{port}", ops_token=token, tills=tills)


class _Secrets:
    """Keeps secrets in files only their owner can read, and refers to them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "secrets"
        self._folder.mkdir(mode=0o700)

    def keep(self, name: str, secret: str) -> dict[str, str]:
        """Keep one; returns the reference that stands in the configuration."""
        file = self._folder / name
        file.touch(mode=0o600)
        file.write_text(secret, encoding="utf-8")
        return {"file": f"secrets/{name}"}

    def all(self, owner: str, given: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """Keep several of one owner."""
        return {key: self.keep(f"{owner}-{key}", secret) for key, secret in given.items()}


def _vendor(vendor: str, adapter: str, url: str, keeper: _Secrets) -> dict[str, Any]:
    sample = SAMPLES[adapter]
    own = any(
        route.secrets for shop in SHOPS.values() for route in shop.routes if route.vendor == vendor
    )
    keys = {"adapter": adapter, "rate_per_second": RATE_PER_SECOND, **sample.at(url)}
    return keys if own else {**keys, **keeper.all(vendor, sample.secrets)}


def _store(code: str, shop: Shop, keeper: _Secrets) -> dict[str, Any]:
    return {
        "name": shop.name,
        "timezone": shop.timezone,
        "currency": shop.currency,
        "phone_region": shop.region,
        "routes": [
            {
                "vendor": route.vendor,
                "role": route.role,
                **route.keys,
                **keeper.all(f"{code}-{route.vendor}", route.secrets),
            }
            for route in shop.routes
        ],
    }
