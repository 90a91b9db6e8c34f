"""Routes: one store's way to one vendor, with the account and the site its orders go with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import phonenumbers
from pydantic import BaseModel, ValidationError

from gateway.core.adapter import Site
from gateway.engine.routing import Route, When
from gateway.settings.accounts import Declared, Given, account_keys, complete
from gateway.settings.faults import listed, nearest
from gateway.settings.model import StoreAccount, Till
from gateway.settings.shapes import RouteShape, StoreShape, WhenShape
from gateway.settings.validation import Words, block_of, check, known_only, say, text_of
from gateway.settings.yaml import Block, Node, Rows, found

ROUTE_KEYS = (*RouteShape.model_fields, "when")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A route, and the account its store reaches the vendor with."""

    route: Route
    account: StoreAccount


@dataclass(frozen=True, kw_only=True)
class Routes:
    """Reads the routes of stores; `vendors` holds None for one that has faults of its own."""

    given: Given
    vendors: Mapping[str, Declared | None]
    tills: Mapping[str, Till]

    def read(self, code: str, shape: StoreShape | None, node: Node) -> Sequence[Taken] | None:
        """Read a store's `routes`, in order; None where one of them has a fault."""
        faults = self.given.faults
        if not isinstance(node, Rows) or not node.items:
            what = "an empty list" if isinstance(node, Rows) else found(node)
            faults.add(node.place, f"routes must be a list of at least one route, found {what}")
            return None
        taken = [self._route(code, shape, item) for item in node.items]
        self._once_each(node)
        whole = [each for each in taken if each is not None]
        return whole if len(whole) == len(taken) else None

    def _once_each(self, rows: Rows) -> None:
        seen: dict[str, Node] = {}
        for item in rows.items:
            vendor = item.values.get("vendor") if isinstance(item, Block) else None
            name = found(vendor) if vendor else ""
            if vendor and name in seen:
                self.given.faults.add(
                    vendor.place,
                    f"vendor {name} already has a route in line {seen[name].place.line}; "
                    "declare the account under a second name",
                )
            elif vendor:
                seen[name] = vendor

    def _route(self, code: str, shape: StoreShape | None, node: Node) -> Taken | None:
        faults = self.given.faults
        block = block_of(node, "a route", faults)
        declared = self._vendor(block) if block else None
        if block is None or declared is None:
            return None
        adapter, vendor = declared.adapter, declared.account.name
        keys = (*ROUTE_KEYS, *adapter.store.model_fields, *account_keys(adapter))
        block = known_only(block, keys, faults)
        own = check(RouteShape, block.only(RouteShape.model_fields), faults)
        when = self._when(code, block)
        words = Words(subject=f"the route to {vendor}", where=f" in the route to {vendor}")
        store = check(adapter.store, block.only(adapter.store.model_fields), faults, words=words)
        account = complete(declared, block, self.given)
        if shape is None or own is None or when is None or store is None or account is None:
            return None
        site = self._site(code, shape, adapter.site, (account.link, account.settings, store), block)
        if site is None:
            return None
        route = Route(
            vendor=vendor,
            adapter=adapter.name,
            role=own.role,
            when=when,
            site=site,
            settle_delay_seconds=own.settle_delay,
            source=block.place.source,
        )
        return Taken(route=route, account=account)

    def _vendor(self, block: Block) -> Declared | None:
        node = block.values.get("vendor")
        if node is None:
            self.given.faults.add(block.place, f"vendor is missing: one of {listed(self.vendors)}")
            return None
        name = text_of(node, "vendor", self.given.faults)
        if name is not None and name not in self.vendors:
            self.given.faults.add(
                node.place,
                f"vendor: found {name!r}, allowed: {listed(self.vendors)}"
                + nearest(name, self.vendors),
            )
        return self.vendors.get(name or "")

    def _when(self, code: str, block: Block) -> When | None:
        node = block.values.get("when")
        if node is None:
            return When()
        inner = block_of(node, "when", self.given.faults)
        shape = check(WhenShape, inner, self.given.faults) if inner else None
        if inner is None or shape is None:
            return None
        self._known_tills(code, inner)
        return When(
            channel=_set(shape.channel),
            service_mode=_set(shape.service_mode),
            till=_set(shape.till),
            member=_set(shape.member),
        )

    def _known_tills(self, code: str, when: Block) -> None:
        node = when.values.get("till")
        names = [name for name, till in self.tills.items() if till.store == code]
        for item in node.items if isinstance(node, Rows) and self.tills else ():
            name = found(item).strip("'")
            if name not in names:
                self.given.faults.add(
                    item.place,
                    f"till: found {name!r}, allowed: the tills of store {code}: {listed(names)}"
                    + nearest(name, names),
                )

    def _site(
        self,
        code: str,
        shape: StoreShape,
        model: type[Site],
        parts: Sequence[BaseModel],
        block: Block,
    ) -> Site | None:
        said = {
            key: getattr(part, key)
            for part in parts
            for key in type(part).model_fields
            if key in model.model_fields
        }
        facts = {
            "store": code,
            "timezone": shape.timezone,
            "currency": shape.currency,
            "phone_country_code": _country_code(shape.phone_region),
        }
        try:
            return model.model_validate({**said, **facts})
        except ValidationError as error:
            say(error, model, block, self.given.faults, Words(subject=f"store {code}"))
            return None


def _country_code(region: str | None) -> str | None:
    return str(phonenumbers.country_code_for_region(region)) if region else None


def _set(words: Collection[str] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(words)
