"""PUT and GET of orders, POST of void and refund."""

from collections.abc import Iterable, Sequence
from typing import Literal

from aiohttp import web

from gateway.api.answers import OrderAnswer
from gateway.api.door import TillRequest, answered
from gateway.api.phones import with_members_phone
from gateway.api.requests import RefundRequest, VoidRequest
from gateway.api.results import cashier_of, is_final, result_of, standing_of, waiting_of
from gateway.core.order import State
from gateway.core.reading import read_order
from gateway.engine.admission import NOTHING_MOVED
from gateway.engine.doors import Doors
from gateway.engine.orders import OrderStory
from gateway.engine.rows import Entry

OF_AN_ORDER = frozenset({"submit", "void", "refund"})
"""A payment or a visit may have the same id as an order: its entries are not the order's."""

UNDONE: dict[str, Literal["voided", "refunded"]] = {"void": "voided", "refund": "refunded"}


async def put_order(doors: Doors, asked: TillRequest) -> web.Response:
    """Record an order in its state: 200 once final, else 202."""
    order_id = asked.order_id()
    order = with_members_phone(read_order(asked.json()), asked.store.phone_region)
    story = await doors.orders.put(
        asked.store, order_id, order, deadline=asked.deadline, trace_id=asked.trace_id
    )
    told = [e for e in story.entries if e.operation == "submit" and e.revision == order.revision]
    answer = await answer_of(doors, story, told, revision=order.revision, state=order.state)
    return answered(answer, 200 if answer.final else 202)


async def get_order(doors: Doors, asked: TillRequest) -> web.Response:
    """What became of an order: everything that was ever asked of any vendor for it."""
    story = await doors.orders.get(asked.store, asked.order_id())
    told = [entry for entry in story.entries if entry.operation in OF_AN_ORDER]
    return answered(await answer_of(doors, story, told))


async def void_order(doors: Doors, asked: TillRequest) -> web.Response:
    """Say that the sale should not have happened: 200 once final, else 202."""
    order_id = asked.order_id()
    said = asked.model(VoidRequest)
    story = await doors.undoing.undo(
        asked.store,
        order_id,
        "void",
        reason=said.reason,
        deadline=asked.deadline,
        trace_id=asked.trace_id,
    )
    return await _undone(doors, story, "void")


async def refund_order(doors: Doors, asked: TillRequest) -> web.Response:
    """Say that the goods came back: 200 once final, else 202."""
    order_id = asked.order_id()
    said = asked.model(RefundRequest)
    story = await doors.undoing.undo(
        asked.store,
        order_id,
        "refund",
        reason=said.reason,
        lines=said.lines,
        deadline=asked.deadline,
        trace_id=asked.trace_id,
    )
    return await _undone(doors, story, "refund")


async def answer_of(
    doors: Doors,
    story: OrderStory,
    told: Sequence[Entry],
    *,
    revision: int | None = None,
    state: State | None = None,
) -> OrderAnswer:
    """Spell an order with these entries; the latest of the primary vendor's leads."""
    waiting = await waiting_of(doors.desk, told)
    lead = [entry for entry in told if entry.role == "primary"][-1]
    return OrderAnswer(
        store=story.store.code,
        order_id=story.order_id,
        revision=revision or story.asked.revision,
        state=state_of(story.entries) or state or story.asked.state or "completed",
        outcome=standing_of(lead),
        final=is_final(lead),
        cashier=cashier_of(lead, waiting[lead.id], story.store.locale),
        results=tuple(result_of(entry, waiting[entry.id]) for entry in told),
    )


def state_of(entries: Iterable[Entry]) -> Literal["voided", "refunded"] | None:
    """What an undoing made of an order, None while it stands at the primary vendor."""
    primary = [entry for entry in entries if entry.role == "primary"]
    submits = [entry for entry in primary if entry.operation == "submit"]
    stands = any(standing_of(entry) not in NOTHING_MOVED for entry in submits)
    for entry in primary:
        if entry.operation not in UNDONE:
            continue
        standing = standing_of(entry)
        if standing == "applied" or (standing == "cancelled" and not stands):
            return UNDONE[entry.operation]
    return None


async def _undone(doors: Doors, story: OrderStory, undo: str) -> web.Response:
    latest = {entry.vendor: entry for entry in story.entries if entry.operation == undo}
    answer = await answer_of(doors, story, list(latest.values()))
    return answered(answer, 200 if answer.final else 202)
