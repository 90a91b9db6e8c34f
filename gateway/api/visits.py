"""POST, GET and DELETE of visits."""

from aiohttp import web

from gateway.api.answers import VisitAnswer
from gateway.api.door import TillRequest, answered
from gateway.api.phones import with_phone
from gateway.api.requests import VisitRequest
from gateway.core.operation import Identify
from gateway.engine.accepting import fingerprint
from gateway.engine.doors import Doors
from gateway.engine.rows import VisitRow


async def open_visit(doors: Doors, asked: TillRequest) -> web.Response:
    """Identify a member: 201, also when it is asked again."""
    said = asked.model(VisitRequest)
    desk, store = doors.desk, asked.store
    ask = Identify(
        at=desk.clock.now(),
        visit_id=said.visit_id or desk.chance.identity(),
        till=said.till,
        member=with_phone(said.member, store.phone_region),
        order_id=said.order_id,
        receipt_number=said.receipt_number,
        cashier=said.cashier,
        channel=said.channel,
        service_mode=said.service_mode,
        opened_at=said.opened_at,
        extensions=said.extensions,
    )
    row = await doors.visits.open(
        store,
        ask,
        fingerprint(said),
        replaces=said.replaces,
        deadline=asked.deadline,
        trace_id=asked.trace_id,
    )
    return answered(answer_of(row), 201)


async def get_visit(doors: Doors, asked: TillRequest) -> web.Response:
    """Read a visit again, from the gateway's memory."""
    return answered(answer_of(await doors.visits.get(asked.store, asked.id("visit_id"))))


async def close_visit(doors: Doors, asked: TillRequest) -> web.Response:
    """The member walks away: 204 once all is given back, 202 while that is queued."""
    given_back = await doors.visits.close(
        asked.store, asked.id("visit_id"), deadline=asked.deadline, trace_id=asked.trace_id
    )
    return web.Response(status=204 if given_back else 202)


def answer_of(row: VisitRow) -> VisitAnswer:
    """Spell a visit."""
    return VisitAnswer.model_validate(
        {
            "visit_id": row.visit_id,
            "store": row.store,
            "expires_at": row.deadline,
            **row.answer,
        }
    )
