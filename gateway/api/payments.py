"""PUT and GET of payments, POST of their reversal."""

from aiohttp import web

from gateway.api.answers import PaymentAnswer
from gateway.api.door import TillRequest, answered, check_currency, check_decimals
from gateway.api.phones import with_phone
from gateway.api.requests import PaymentRequest, ReverseRequest
from gateway.api.results import cashier_of, is_final, standing_of, waiting_of
from gateway.core.operation import Load, Pay
from gateway.engine.accepting import fingerprint
from gateway.engine.doors import Doors
from gateway.engine.payments import PaymentStory, amount_of

OPERATIONS: dict[str, type[Pay | Load]] = {"debit": Pay, "load": Load}


async def put_payment(doors: Doors, asked: TillRequest) -> web.Response:
    """Take or add stored value: 200 once final, 202 while nobody knows."""
    payment_id = asked.id("payment_id")
    said = asked.model(PaymentRequest)
    check_currency(asked.store, said.currency)
    check_decimals("amount", said.amount, said.currency)
    payment = OPERATIONS[said.action](
        at=doors.desk.clock.now(),
        payment_id=payment_id,
        instrument=said.instrument,
        amount=said.amount,
        currency=said.currency,
        member=with_phone(said.member, asked.store.phone_region),
        till=said.till,
        cashier=said.cashier,
        receipt_number=said.receipt_number,
        order_id=said.order_id,
        paid_at=said.at,
    )
    story = await doors.payments.put(
        asked.store,
        payment,
        fingerprint(said),
        visit_id=said.visit_id,
        deadline=asked.deadline,
        trace_id=asked.trace_id,
    )
    answer = await answer_of(doors, story, asked)
    return answered(answer, 200 if answer.final else 202)


async def get_payment(doors: Doors, asked: TillRequest) -> web.Response:
    """What became of a payment."""
    story = await doors.payments.get(asked.store, asked.id("payment_id"))
    return answered(await answer_of(doors, story, asked))


async def reverse_payment(doors: Doors, asked: TillRequest) -> web.Response:
    """Undo a payment, where the vendor can: 200 once final, else 202."""
    payment_id = asked.id("payment_id")
    said = asked.model(ReverseRequest)
    story = await doors.payments.reverse(
        asked.store, payment_id, said.reason, deadline=asked.deadline, trace_id=asked.trace_id
    )
    answer = await answer_of(doors, story, asked)
    return answered(answer, 200 if answer.final else 202)


async def answer_of(doors: Doors, story: PaymentStory, asked: TillRequest) -> PaymentAnswer:
    """Spell a payment or its reversal."""
    entry = story.entry
    waiting = (await waiting_of(doors.desk, [entry]))[entry.id]
    outcome = entry.outcome
    moved = outcome.amount if outcome is not None else None
    return PaymentAnswer(
        payment_id=entry.subject,
        operation=entry.operation,
        outcome=standing_of(entry),
        final=is_final(entry),
        reversed=story.reversed,
        amount=amount_of(entry) if moved is None else moved,
        reference=outcome.reference if outcome is not None else None,
        balances=outcome.balances if outcome is not None else (),
        reason=outcome.reason if outcome is not None else waiting.reason,
        cashier=cashier_of(entry, waiting, asked.store.locale),
    )
