"""Vendor accounts: an entry under `vendors`, and the same entry as one store's route changes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from gateway.core.adapter import Adapter, Credentials, Link
from gateway.settings.faults import Faults, listed, nearest
from gateway.settings.model import StoreAccount, VendorAccount
from gateway.settings.references import Secrets
from gateway.settings.validation import Words, block_of, check, known_only, say, text_of
from gateway.settings.yaml import Block, Node, plain


@dataclass(frozen=True, kw_only=True)
class Given:
    """What building settings needs from outside the file."""

    adapters: Mapping[str, Adapter]
    secrets: Secrets
    faults: Faults


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A vendor as it is declared, whole only together with a route."""

    adapter: Adapter
    block: Block
    account: VendorAccount


def account_keys(adapter: Adapter) -> tuple[str, ...]:
    """Every key of an account, which a route may override."""
    models: tuple[type[BaseModel], ...] = (Link, adapter.account, adapter.credentials)
    return tuple(dict.fromkeys(key for model in models for key in model.model_fields))


def secret_keys(credentials: type[Credentials]) -> frozenset[str]:
    """The keys whose values are never written in a file."""
    return frozenset(
        key
        for key, info in credentials.model_fields.items()
        if info.annotation is SecretStr or SecretStr in get_args(info.annotation)
    )


def link_defaults(adapter: Adapter) -> dict[str, Any]:
    """What the adapter knows about reaching its vendor."""
    return {key: value for key, value in adapter.link.items() if value is not None}


def declare(name: str, node: Node, given: Given) -> Declared | None:
    """Read an entry of `vendors`; what its routes may still add is not asked for here."""
    block = block_of(node, name, given.faults)
    adapter = _adapter(name, block, given) if block else None
    if block is None or adapter is None:
        return None
    block = known_only(block, ("adapter", *account_keys(adapter)), given.faults)
    partial = Words(partial=True)
    link = _link(adapter, block, given, Words(where=f" in vendor {name}"))
    check(adapter.account, block.only(adapter.account.model_fields), given.faults, words=partial)
    credentials = _credentials(adapter, block, given, partial)
    if link is None:
        return None
    public = [key for key in block.values if key not in secret_keys(adapter.credentials)]
    account = VendorAccount(
        name=name,
        adapter=adapter.name,
        link=link,
        keys=plain(block.only(public)),
        credentials=credentials,
        source=block.place.source,
    )
    return Declared(adapter=adapter, block=block, account=account)


def complete(declared: Declared, route: Block, given: Given) -> StoreAccount | None:
    """Read the account with a route's own keys over it; now everything must be there."""
    adapter, name = declared.adapter, declared.account.name
    block = route.only(account_keys(adapter)).over(declared.block)
    words = Words(subject=f"vendor {name}", where=f", here or under vendors: {name}")
    link = _link(adapter, block, given, words)
    settings = check(
        adapter.account, block.only(adapter.account.model_fields), given.faults, words=words
    )
    credentials = _credentials(adapter, block, given, words)
    if link is None or settings is None or credentials is None:
        return None
    return StoreAccount(
        link=link,
        settings=settings,
        credentials=credentials,
        overrides=frozenset(route.only(account_keys(adapter)).values),
    )


def _adapter(name: str, block: Block, given: Given) -> Adapter | None:
    node = block.values.get("adapter")
    if node is None:
        allowed = listed(given.adapters)
        given.faults.add(block.place, f"vendor {name} needs adapter: one of {allowed}")
        return None
    word = text_of(node, "adapter", given.faults)
    if word is not None and word not in given.adapters:
        given.faults.add(
            node.place,
            f"adapter: found {word!r}, allowed: {listed(given.adapters)}"
            + nearest(word, given.adapters),
        )
    return given.adapters.get(word or "")


def _link(adapter: Adapter, block: Block, given: Given, words: Words) -> Link | None:
    own = block.only(Link.model_fields)
    link = check(Link, own, given.faults, defaults=link_defaults(adapter), words=words)
    if link is not None and "@" in link.base_url:
        node = own.values.get("base_url", block)
        given.faults.add(node.place, "base_url must not carry a user or password before an @")
        return None
    return link


def _credentials(adapter: Adapter, block: Block, given: Given, words: Words) -> Credentials | None:
    own = block.only(adapter.credentials.model_fields)
    secret = secret_keys(adapter.credentials) & own.values.keys()
    read = {key: given.secrets.secret(own.values[key], key) for key in sorted(secret)}
    public = plain(own.only(own.values.keys() - secret))
    whole = None not in read.values()
    try:
        credentials = adapter.credentials.model_validate(
            {**public, **{key: value for key, value in read.items() if value is not None}}
        )
    except ValidationError as error:
        words = words if whole else Words(partial=True)
        say(error, adapter.credentials, own, given.faults, words)
        return None
    return credentials if whole else None
