"""Examines a configuration as the gateway would have it, and asks the vendors if told to."""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.app import CONFIGURATION, STOPPED
from gateway.app.finding import find_adapters
from gateway.cli.probing import Probed, probe_all
from gateway.cli.speech import FAILED, console, fail, say_json, table
from gateway.edge.keys import seal_keys
from gateway.engine.routing import When
from gateway.settings import ConfigurationInvalid, SecretUnreadable, Settings, load

SHOWN_ROUTES = 40
"""A chain has thousands; --json has them all."""


def loaded(config: Path) -> Settings:
    """Read a configuration; every error on a line of standard error and exit code 3."""
    try:
        return load(config, find_adapters(), dict(os.environ))
    except ConfigurationInvalid as error:
        fail(f"{config} cannot be used:\n{error}", CONFIGURATION)


def check(config: Path, *, online: bool, as_json: bool) -> int:
    """Examine a configuration, say what it is, return the exit code."""
    settings = loaded(config)
    if wrong := list(_unusable(settings)):
        fail("\n".join(wrong), CONFIGURATION)
    probed = probe_all(settings, find_adapters()) if online else []
    if as_json:
        say_json({**_facts(config, settings), "online": [each.facts() for each in probed]})
    else:
        _show(config, settings, probed)
    return FAILED if any(each.failed for each in probed) else STOPPED


def _unusable(settings: Settings) -> Iterator[str]:
    """What reads well and still cannot be used: seal keys and certificates."""
    present = tuple(each for each in settings.seal_keys if not _to_be_made(each.path))
    for reference in present:
        try:
            seal_keys((reference,), os.environ)
        except SecretUnreadable as error:
            yield f"seal key {reference}: {error}"
    if settings.tls is not None:
        try:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(settings.tls.certificate, settings.tls.key)
        except (OSError, ssl.SSLError) as error:
            yield f"tls: {settings.tls.certificate} and {settings.tls.key}: {error}"


def _to_be_made(path: Path | None) -> bool:
    return path is not None and not path.exists()


def _notes(settings: Settings) -> Iterator[str]:
    if settings.ops_token is None:
        yield "ops has no token: the operator's API and page stay closed"
    if settings.till_auth == "hmac" and not settings.tills:
        yield "till_auth is hmac and there are no tills: nobody can call"
    for reference in settings.seal_keys:
        if _to_be_made(reference.path):
            yield f"seal key {reference.path} is made at the first start; keep a copy elsewhere"
    routed = {route.vendor for store in settings.plan.stores.values() for route in store.routes}
    for vendor in settings.vendors.keys() - routed:
        yield f"no store has a route to {vendor}"


def _facts(config: Path, settings: Settings) -> dict[str, Any]:
    return {
        "config": str(config),
        "listen": str(settings.listen),
        "till_auth": settings.till_auth,
        "tills": len(settings.tills),
        "vendors": [
            {"vendor": name, "adapter": each.adapter, "base_url": each.link.base_url}
            for name, each in settings.vendors.items()
        ],
        "routes": list(_routes(settings)),
        "notes": list(_notes(settings)),
    }


def _routes(settings: Settings) -> Iterator[dict[str, str]]:
    for store in settings.plan.stores.values():
        for route in store.routes:
            yield {
                "store": store.code,
                "vendor": route.vendor,
                "role": route.role,
                "when": when_text(route.when),
                "source": route.source,
            }


def when_text(when: When) -> str:
    """Spell what a route takes."""
    names = ("channel", "service_mode", "till", "member")
    parts = [
        f"{name} {', '.join(sorted(allowed))}"
        for name in names
        if (allowed := getattr(when, name)) is not None
    ]
    return "; ".join(parts) or "every order"


def _show(config: Path, settings: Settings, probed: list[Probed]) -> None:
    out = console()
    stores = settings.plan.stores
    out.print(f"{config} is good.")
    out.print(f"Listens on {settings.listen}; {len(settings.tills)} tills, {settings.till_auth}.")
    out.print("Every secret could be read.")
    out.print(f"{len(stores)} stores: every kind of order has exactly one primary route.")
    shown = table("store", "vendor", "role", "takes", "configured in")
    rows = list(_routes(settings))
    for row in rows[:SHOWN_ROUTES]:
        shown.add_row(*row.values())
    out.print(shown)
    if len(rows) > SHOWN_ROUTES:
        out.print(f"and {len(rows) - SHOWN_ROUTES} more; --json has them all.")
    for note in _notes(settings):
        out.print(f"Note: {note}.")
    if probed:
        asked = table("vendor", "for", "asked", "result")
        for each in probed:
            asked.add_row(each.vendor, each.stores, each.asked, each.text)
        out.print(asked)
