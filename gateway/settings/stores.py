"""Stores, from YAML to what the engine routes by, each proved to have one primary route."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.engine import routing
from gateway.engine.routing import Store, When
from gateway.settings.faults import Place
from gateway.settings.offline import Offlines, offlines
from gateway.settings.routes import Routes, Taken
from gateway.settings.shapes import StoreShape
from gateway.settings.validation import Words, block_of, check, known_only
from gateway.settings.yaml import Block, Node

STORE_KEYS = (*StoreShape.model_fields, "offline", "routes")


@dataclass(kw_only=True)
class Stores:
    """Reads stores; remembers which sets of routes are proved, for a chain's are all alike."""

    routes: Routes
    wait_seconds: float
    _proved: set[tuple[tuple[str, When], ...]] = field(default_factory=set)

    def read(self, code: str, key: Place, node: Node) -> tuple[Store, Sequence[Taken]] | None:
        """Read one store, whose code stands at `key`; None where it has a fault."""
        faults = self.routes.given.faults
        block = block_of(node, f"store {code}", faults)
        if block is None:
            return None
        block = known_only(block, STORE_KEYS, faults)
        words = Words(where=f" in store {code}")
        own = block.only(StoreShape.model_fields)
        shape = check(StoreShape, own, faults, words=words)
        if "routes" not in block.values:
            faults.add(key, f"store {code} needs routes: a list of at least one route")
            return None
        taken = self.routes.read(code, shape, block.values["routes"])
        offline = self._offline(block, taken or ())
        if shape is None or taken is None:
            return None
        store = self._store(code, shape, offline, taken)
        self._prove(store, key)
        return store, taken

    def _store(
        self, code: str, shape: StoreShape, offline: Offlines, taken: Sequence[Taken]
    ) -> Store:
        return Store(
            code=code,
            name=shape.name,
            timezone=shape.timezone,
            currency=shape.currency,
            locale=shape.locale,
            phone_region=shape.phone_region,
            wait_seconds=self.wait_seconds if shape.wait is None else shape.wait,
            visit_ttl_seconds=shape.visit_ttl,
            on_park=shape.on_park,
            offline_reward=offline.reward,
            offline=offline.policies,
            max_age_seconds=offline.max_age_seconds,
            routes=tuple(each.route for each in taken),
        )

    def _offline(self, block: Block, taken: Sequence[Taken]) -> Offlines:
        if "offline" not in block.values:
            return Offlines()
        given = self.routes.given
        routed = {each.route.adapter for each in taken}
        return offlines(block.values["offline"], given.adapters, routed, given.faults)

    def _prove(self, store: Store, key: Place) -> None:
        shape = tuple((route.role, route.when) for route in store.routes)
        if shape in self._proved:
            return
        unsure = list(routing.faults(store))
        for fault in unsure:
            self.routes.given.faults.add(key, f"store {store.code}: {fault}")
        if not unsure:
            self._proved.add(shape)
