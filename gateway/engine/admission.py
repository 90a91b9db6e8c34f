"""May this be asked now? Pure: the history of an order and what comes on top of it."""

from collections.abc import Sequence

from gateway.core.order import Order, later_state
from gateway.engine.refusal import Refused
from gateway.engine.rows import Asked, Entry

NOTHING_MOVED = frozenset({"declined", "skipped", "cancelled"})


def known_revision(history: Sequence[Asked], order: Order, fingerprint: str) -> bool:
    """Tell whether this very revision was taken before.

    Raises Refused `order_conflict` for the same revision with another body, `stale_revision` for
    one lower than the latest.
    """
    for asked in history:
        if asked.revision == order.revision:
            if asked.fingerprint == fingerprint:
                return True
            raise Refused(
                "order_conflict",
                f"revision {order.revision} was accepted with another body; "
                f"a changed order is a higher revision",
            )
    if history and order.revision < history[-1].revision:
        raise Refused(
            "stale_revision",
            f"revision {history[-1].revision} is already known, got {order.revision}",
        )
    return False


def check_next_state(history: Sequence[Asked], entries: Sequence[Entry], order: Order) -> None:
    """Raise Refused `operation_conflict` where the order may not come to this state any more."""
    undone = next((entry for entry in entries if undoes(entry)), None)
    if undone is not None:
        raise Refused("operation_conflict", f"the order has a {undone.operation}; use a new one")
    if not history or history[-1].state is None:
        return
    last = history[-1].state
    if order.state == last == "placed" or later_state(last, order.state):
        return
    latest = [e for e in entries if e.operation == "submit" and e.revision == history[-1].revision]
    if all(e.outcome is not None and e.outcome.kind in NOTHING_MOVED for e in latest):
        return
    raise Refused(
        "operation_conflict",
        f"the order is {last}; only a later state may follow, got {order.state}",
    )


def undoes(entry: Entry) -> bool:
    """Tell whether an entry undoes its order, or still may."""
    return entry.operation in ("void", "refund") and (
        entry.outcome is None or entry.outcome.kind in ("applied", "cancelled")
    )
