"""Settings: what the gateway runs on, frozen, with every secret behind a veil."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

from gateway.core.adapter import AccountSettings, Credentials, Link
from gateway.core.errors import Unauthorized
from gateway.engine.routing import Plan
from gateway.settings.references import Reference

PORT_LIMIT = 65535


@dataclass(frozen=True, kw_only=True)
class Listen:
    """Where tills reach us: `host` and `port`, or `path` of a Unix socket."""

    host: str = ""
    port: int = 0
    path: Path | None = None

    @classmethod
    def parse(cls, text: str) -> "Listen":
        """Read host:port, [IPv6]:port or unix:PATH; ValueError says which of them it is not."""
        if text.startswith("unix:"):
            if text == "unix:":
                raise ValueError("found 'unix:' without a path, allowed: unix:PATH")
            return cls(path=Path(text.removeprefix("unix:")))
        host, _, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
        is_number = port.isascii() and port.isdigit() and len(port) <= len(str(PORT_LIMIT))
        if not host or not is_number or int(port) > PORT_LIMIT or (":" in host) != ("[" in text):
            raise ValueError(f"found {text!r}, allowed: host:port, [IPv6 address]:port, unix:PATH")
        return cls(host=host, port=int(port))

    @property
    def is_local(self) -> bool:
        """Tell whether only this machine can reach it."""
        if self.path is not None or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Tls:
    """The certificate chain and its private key, both PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, kw_only=True)
class Log:
    """How the gateway speaks about itself; `file` None is standard output."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "json"
    file: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Till:
    """A till, the store it speaks for, and the key its calls are proved with."""

    store: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class VendorAccount:
    """A configured account, before any store's overrides.

    `keys` are its public settings as they are written. `credentials` is None where only the
    routes complete them.
    """

    name: str
    adapter: str
    link: Link
    keys: Mapping[str, Any]
    credentials: Credentials | None = field(repr=False)
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class StoreAccount:
    """An account as it is used at one store; `overrides` are the keys its route changes."""

    link: Link
    settings: AccountSettings
    credentials: Credentials = field(repr=False)
    overrides: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One value that is set, and where: a file and line, or a variable. References stay such."""

    path: str
    value: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that is configured; times in seconds, paths absolute."""

    listen: Listen
    data_dir: Path
    till_auth: Literal["hmac", "none"]
    tls: Tls | None
    ops_token: SecretStr | None
    seal_keys: tuple[Reference, ...]
    wait_seconds: float
    retention_seconds: float
    log: Log
    tills: Mapping[str, Till]
    vendors: Mapping[str, VendorAccount]
    plan: Plan
    origins: tuple[Origin, ...] = field(default=(), repr=False)
    accounts: Mapping[tuple[str, str], StoreAccount] = field(repr=False)

    def account(self, vendor: str, store: str) -> tuple[Link, Credentials]:
        """How to reach a vendor and prove who we are, for one store, just before sending.

        A store without a route to the vendor has the account as it is, so that what is still
        queued for it can leave. Unauthorized where there is no credential.
        """
        if own := self.accounts.get((vendor, store)):
            return own.link, own.credentials
        account = self.vendors.get(vendor)
        if account is None or account.credentials is None:
            raise Unauthorized(f"no credentials of {vendor} are configured for store {store}")
        return account.link, account.credentials
