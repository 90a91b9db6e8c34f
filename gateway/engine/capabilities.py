"""What a store can do just now, per operation, and why not."""

from typing import Any, get_args

from gateway.core.operation import Name
from gateway.engine.desk import Desk
from gateway.engine.routing import Store, primary

LOCALLY = frozenset({"local"})


def capabilities(desk: Desk, store: Store) -> dict[str, Any]:
    """Computed from manifests, policy and the moment; speaks of the primary vendor."""
    route = primary(store, {})
    operations = {name: _one(desk, store, name) for name in get_args(Name)}
    return {
        "store": store.code,
        "primary": route.vendor if route else None,
        "vendors": [
            {
                "vendor": one.vendor,
                "adapter": one.adapter,
                "role": one.role,
                "reachable": not desk.away(store, one),
            }
            for one in store.routes
        ],
        "operations": operations,
    }


def _one(desk: Desk, store: Store, name: Name) -> dict[str, Any]:
    route = primary(store, {})
    if route is None:
        return {"online": False, "offline": "refuse", "reason": "no vendor is configured for it"}
    adapter = desk.plan().adapters[route.adapter]
    says = adapter.operations.get(name)
    if says is None:
        why = adapter.cannot.get(name, "the adapter does not know it")
        return {"online": False, "offline": "refuse", "reason": why}
    offline = store.offline.get((name, route.adapter), says.offline)
    away = desk.away(store, route) and offline not in LOCALLY
    reason = None
    if away:
        then = "it is queued" if offline == "queue" else "it is refused until it is back"
        reason = f"{route.vendor} cannot be reached; {then}"
    return {"online": not away, "offline": offline, "reason": reason}
