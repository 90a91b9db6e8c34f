"""What changed between two configurations, in words an operator can check before and after."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from typing import Any

from pydantic import BaseModel, SecretStr

from gateway.engine.routing import Route, Store
from gateway.settings.model import Settings, StoreAccount

SHOWN_CHARACTERS = 80
"""How much of a value a difference repeats."""

Facts = Mapping[str, Any]


def differences(old: Settings, new: Settings) -> list[str]:
    """Say each difference in one line; a changed secret is said to be changed, no more."""
    before, after = dict(_subjects(old)), dict(_subjects(new))
    lines: list[str] = []
    for subject in (*before, *(subject for subject in after if subject not in before)):
        if subject not in after:
            lines.append(f"{subject} is gone")
        elif subject not in before:
            lines.append(f"{subject} is new")
        else:
            lines.extend(_changes(subject, before[subject], after[subject]))
    return lines


def _changes(subject: str, before: Facts, after: Facts) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if any(isinstance(value, SecretStr | bytes) for value in (old, new)):
            yield f"{subject}: {name} changed"
        else:
            yield f"{subject}: {name} was {_shown(old)}, is {_shown(new)}"


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, frozenset):
        value = sorted(value)
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


def _subjects(settings: Settings) -> Iterator[tuple[str, Facts]]:
    yield "the gateway", _gateway(settings)
    for name, till in settings.tills.items():
        yield f"till {name}", {"store": till.store, "secret": till.secret}
    for name, account in settings.vendors.items():
        facts = {**account.keys, **_fields(account.link), "adapter": account.adapter}
        yield f"vendor {name}", {**facts, **_fields(account.credentials)}
    for code, store in settings.plan.stores.items():
        yield f"store {code}", _store(store)
        for position, route in enumerate(store.routes, start=1):
            adapter = settings.plan.adapters[route.adapter]
            used = settings.accounts[route.vendor, code]
            shown = used.overrides | adapter.store.model_fields.keys()
            facts = {**_route(route, used, shown), "position": position}
            yield f"store {code}, route to {route.vendor}", facts


def _gateway(settings: Settings) -> Facts:
    tls = settings.tls
    return {
        "listen": str(settings.listen),
        "data_dir": settings.data_dir,
        "till_auth": settings.till_auth,
        "tls certificate": tls.certificate if tls else None,
        "tls key": tls.key if tls else None,
        "ops token": settings.ops_token,
        "seal_keys": ", ".join(map(str, settings.seal_keys)),
        "wait": f"{settings.wait_seconds:g} s",
        "retention": f"{settings.retention_seconds:g} s",
        "log level": settings.log.level,
        "log format": settings.log.format,
        "log file": settings.log.file,
    }


def _store(store: Store) -> Facts:
    facts: dict[str, Any] = {}
    for each in fields(store):
        value = getattr(store, each.name)
        if each.name in ("offline", "max_age_seconds"):
            for (operation, adapter), choice in value.items():
                facts[f"{each.name} of {operation} at {adapter}"] = choice
        elif each.name not in ("code", "routes"):
            facts[each.name] = value
    return facts


def _route(route: Route, account: StoreAccount, shown: Collection[str]) -> Facts:
    when = {f"when {each.name}": getattr(route.when, each.name) for each in fields(route.when)}
    everything = {
        **_fields(account.link),
        **_fields(account.settings),
        **_fields(account.credentials),
        **_fields(route.site),
    }
    return {
        **{name: value for name, value in everything.items() if name in shown},
        **when,
        "role": route.role,
        "settle_delay": f"{route.settle_delay_seconds:g} s",
    }


def _fields(model: BaseModel | None) -> Facts:
    if model is None:
        return {}
    return {name: getattr(model, name) for name in type(model).model_fields}
