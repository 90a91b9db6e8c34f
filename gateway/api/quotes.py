"""POST of quotes, GET of rewards and of what the store can do."""

from aiohttp import web

from gateway.api.answers import CapabilitiesAnswer, QuoteAnswer, RewardsAnswer
from gateway.api.door import TillRequest, answered, check_currency
from gateway.api.phones import with_members_phone
from gateway.api.requests import QuoteRequest
from gateway.core.order import Order
from gateway.core.reading import check_order
from gateway.engine.capabilities import capabilities
from gateway.engine.doors import Doors


async def ask_quote(doors: Doors, asked: TillRequest) -> web.Response:
    """Have a basket checked and its rewards priced; a refused reward is 200 too."""
    said = asked.model(QuoteRequest)
    check_order(said, paid=False)
    check_currency(asked.store, said.currency)
    asked.knock.facts["order"] = said.order_id
    order = Order.model_validate(said.model_dump(by_alias=True, exclude={"order_id"}))
    row = await doors.quotes.ask(
        asked.store,
        said.order_id,
        with_members_phone(order, asked.store.phone_region),
        deadline=asked.deadline,
        trace_id=asked.trace_id,
    )
    told = {name: value for name, value in row.answer.items() if name != "promised"}
    return answered(QuoteAnswer.model_validate({**told, "expires_at": row.expires_at}))


async def list_rewards(doors: Doors, asked: TillRequest) -> web.Response:
    """All active rewards of the brand, where the vendor has such a list."""
    listed = await doors.quotes.rewards(
        asked.store, deadline=asked.deadline, trace_id=asked.trace_id
    )
    return answered(RewardsAnswer(rewards=listed.rewards))


async def get_capabilities(doors: Doors, asked: TillRequest) -> web.Response:
    """What this store can do just now, per operation, and why not."""
    return answered(CapabilitiesAnswer.model_validate(capabilities(doors.desk, asked.store)))
