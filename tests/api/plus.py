"""Tiny with everything Tiny cannot do: so that every door of the till has a vendor behind it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from gateway.core.adapter import Says
from gateway.core.errors import OrderRefused
from gateway.core.flow import Flow, once, repeatable
from gateway.core.money import json_number
from gateway.core.operation import Identify, Load, Name, Quote, Refund, Reverse, Rewards, Void
from gateway.core.outcome import (
    Identified,
    Outcome,
    Quoted,
    Reason,
    Reward,
    RewardList,
    applied,
    declined,
)
from tests import tiny

COFFEE = Reward(reward_id="7001", name="Free coffee", kind="amount", value=Decimal("5.00"))

REFUSED: dict[str, Reason] = {"used": "code_used", "other": "member_differs"}


def identify(ask: Identify, site: tiny.TinySite) -> Flow[Identified]:
    if ask.member.value in REFUSED:
        return Identified(outcome="declined", reason=REFUSED[ask.member.value])
    found = yield from tiny.identify(ask, site)
    return found.model_copy(update={"rewards": (COFFEE,) if found.outcome == "applied" else ()})


def quote(ask: Quote, site: tiny.TinySite) -> Flow[Quoted]:
    if ask.order.redeems() and ask.visit is None:
        raise OrderRefused("a reward needs a visit", path="visit_id", code="visit_required")
    yield repeatable("price", "POST", "/members", body={"name": "basket"})
    return Quoted(accepted=True, discount=Decimal("5.00") if ask.order.redeems() else Decimal(0))


def rewards(ask: Rewards, site: tiny.TinySite) -> Flow[RewardList]:
    yield repeatable("list", "POST", "/members", body={"name": "rewards"})
    return RewardList(rewards=(COFFEE,))


def refund(ask: Refund, site: tiny.TinySite) -> Flow[Outcome]:
    if ask.lines is not None:
        raise OrderRefused("whole orders only", path="lines", code="partial_refund_unsupported")
    whole = Void(at=ask.at, order_id=ask.order_id, order=ask.order, record=ask.record)
    return (yield from tiny.void(whole, site))


def load(ask: Load, site: tiny.TinySite) -> Flow[Outcome]:
    body = {"id": ask.payment_id, "amount": json_number(ask.amount)}
    answer = (yield once("give", "POST", "/payments", body=body)).parse(tiny.Answer)
    return applied(reference=answer.reference, amount=ask.amount)


def reverse(ask: Reverse, site: tiny.TinySite) -> Flow[Outcome]:
    body = {"reference": ask.record.reference}
    answer = (yield repeatable("undo", "POST", "/sales/void", body=body)).parse(tiny.Answer)
    return applied() if answer.ok else declined("already_voided")


MORE: Mapping[Name, Says] = {
    "identify": Says(flow=identify, doubt="keyed", offline="refuse"),
    "quote": Says(flow=quote, doubt="read", offline="refuse"),
    "rewards": Says(flow=rewards, doubt="read", offline="refuse"),
    "refund": Says(flow=refund, doubt="keyed", offline="queue"),
    "load": Says(flow=load, doubt="money", offline="refuse"),
    "reverse": Says(flow=reverse, doubt="money", offline="refuse"),
}

ADAPTER = replace(
    tiny.ADAPTER, name="plus", operations={**tiny.ADAPTER.operations, **MORE}, cannot={}
)
