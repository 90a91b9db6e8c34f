"""Whatever is sold, each vendor is told the till's total, or the till is told why not."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from gateway.core.errors import OrderRefused
from gateway.core.flow import Call, Flow, Reply
from gateway.core.operation import Submit
from gateway.core.order import Order
from gateway.core.outcome import Outcome
from gateway.core.reading import check_order
from gateway.engine.ports import Account as WireAccount
from tests.simulation.vendors import ACCOUNTS, Account, site_of, wire_of
from tests.vendors import bills
from tests.vendors.shop import lattes
from tests.vendors.strategies import sales
from tests.virtual import START, VirtualClock

SEARCHING = "TILLBRIDGE_SEARCH" in os.environ
"""Whether to look for new sales by chance; else every run tries the same ones."""

EXAMPLES = 100
LEAST_SAID = 8
"""Fewer sales than this said to a vendor would prove little."""

Test = Callable[[Order], bool]


class StandingClock(VirtualClock):
    """Always the same moment: no loop has to run."""

    def now(self) -> datetime:
        return START


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One vendor as one store has it, and the sales it need not be able to be told.

    A sale that has none of `beyond` must be said; one that has any may be refused.
    """

    name: str
    adapter: str
    beyond: tuple[Test, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[dict[str, Any] | None, ...] | None = None

    def account(self) -> Account:
        """The simulation's account of this vendor, with this scene's settings."""
        [account] = [one for one in ACCOUNTS if one.adapter.name == self.adapter]
        members = account.members if self.members is None else self.members
        return replace(account, site={**account.site, **self.facts}, members=members)

    def __str__(self) -> str:
        return self.name


def _foreign(*currencies: str) -> Test:
    return lambda order: order.currency not in currencies


SPENDGO = (
    _foreign("USD"),
    bills.weighs,
    bills.fine_price,
    bills.offers,
    bills.loose_fees,
    lambda order: order.rounding != 0,
)
SPOTON = (
    _foreign("USD"),
    bills.weighs,
    bills.fine_price,
    bills.extra_of_extra,
    bills.only_fees,
    lambda order: order.rounding != 0,
)
RBI = (
    _foreign("EUR", "JPY"),
    bills.weighs,
    bills.fine_price,
    bills.loose_fees,
    bills.loose_tax,
    bills.splits_no_coin,
    lambda order: order.service_mode == "delivery",
    lambda order: order.tip != 0 or order.rounding != 0,
    lambda order: any(discount.amount for discount in order.discounts),
    lambda order: bills.offers(order, more_than=1),
)
SPOONITY = (
    _foreign("CAD", "JPY"),
    bills.offers,
    bills.fine_unit,
)
RBI_GUESTS = ({"kind": "short_code", "value": "481923"}, None)

SCENES = (
    Scene(
        name="spoonity",
        adapter="spoonity",
        beyond=SPOONITY,
    ),
    Scene(
        name="spoonity-extended",
        adapter="spoonity",
        beyond=SPOONITY,
        facts={"line_price_mode": "extended", "subtotal_mode": "before_discounts_ex_tax"},
    ),
    Scene(name="spendgo", adapter="spendgo", beyond=SPENDGO),
    Scene(name="spoton", adapter="spoton", beyond=SPOTON),
    Scene(
        name="rbi",
        adapter="rbi",
        beyond=(*RBI, lambda order: bills.taxed(order, included=True)),
        members=RBI_GUESTS,
    ),
    Scene(
        name="rbi-tax-included",
        adapter="rbi",
        beyond=(*RBI, lambda order: bills.taxed(order, included=False)),
        facts={"price_includes_tax": True},
        members=RBI_GUESTS,
    ),
)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_the_total_said_is_the_till_s_or_the_till_is_told_why_not(scene: Scene) -> None:
    account, ends = scene.account(), list[str]()
    currencies = (account.currency, account.currency, account.currency, "JPY", "KWD")

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize="TILLBRIDGE_SEARCH" not in os.environ
    )
    @given(sales(currencies, account.members), st.integers(1, 9))
    def check(order: Order, number: int) -> None:
        ends.append(_end_of(scene, account, order, f"order-{number}"))

    check()

    assert ends.count("said") >= LEAST_SAID, f"said {ends.count('said')} of {len(ends)}"


DISCOUNT = {"id": "staff", "name": "Staff", "amount": "1.00"}


@pytest.mark.parametrize(
    ("vendor", "changes"),
    [
        pytest.param(
            "spoonity",
            {"discounts": [DISCOUNT], "discount_total": "1.00", "total": "9.00"},
            id="spoonity-till-discount",
        ),
        pytest.param(
            "spoonity",
            {"currency": "KWD", "subtotal": "10.005", "total": "10.005"}
            | {"lines": [{"quantity": "1", "unit_price": "10.005"}]},
            id="spoonity-three-decimals",
        ),
        pytest.param(
            "spoonity",
            {"lines": [{"quantity": "30", "unit_price": "0.3333"}]},
            id="spoonity-fine-price",
        ),
        pytest.param(
            "rbi",
            {"currency": "EUR", "subtotal": "0.02", "total": "0.02"}
            | {"lines": [{"quantity": "0.5", "unit_price": "0.01"}] * 2},
            id="rbi-weights",
        ),
    ],
)
def test_a_sale_that_once_went_wrong_is_said_right_or_refused(
    vendor: str, changes: dict[str, Any]
) -> None:
    [scene] = [one for one in SCENES if one.name == vendor]
    order = _sale(scene.account().members[0], changes)

    assert _end_of(scene, scene.account(), order, "1") in ("said", "refused")


def _sale(member: dict[str, Any] | None, changes: dict[str, Any]) -> Order:
    """Two lattes with some changes, paid in cash; valid, or the test is wrong."""
    body = lattes("1", **{"currency": "CAD", "member": member, **changes})
    whole = {"sku": "s", "name": "Thing"}
    body["lines"] = [
        {**whole, **line, "line_id": str(place)} for place, line in enumerate(body["lines"])
    ]
    order = Order.model_validate(body)
    check_order(order)
    return order


def _end_of(scene: Scene, account: Account, order: Order, order_id: str) -> str:
    """Sell once, and compare every figure that was said with the till's."""
    account = replace(account, currency=order.currency, sandbox=None)
    wire = wire_of((account,), StandingClock())
    site = site_of(account)
    try:
        calls, outcome = _say(
            account.adapter.operations["submit"].flow(
                Submit(at=START, order_id=order_id, order=order), site
            ),
            lambda call: wire._play(WireAccount(vendor=account.vendor, store=account.store), call),
        )
    except OrderRefused as refused:
        _check_refusal(scene, order, refused)
        return "refused"
    billed = [call for call in calls if call.step in bills.BILLED[scene.adapter]]
    if not billed:
        assert (outcome.kind, outcome.reason) == ("skipped", "no_member")
        assert order.member is None
        return "skipped"
    for call in billed:
        for bill in bills.READERS[scene.adapter](bills.body_of(call), order, scene.facts):
            assert bill.said == bill.meant, f"{call.step}: {bill}"
    assert list(wire.sandboxes[account.vendor].violations) == []
    assert outcome.kind == "applied", outcome
    return "said"


def _check_refusal(scene: Scene, order: Order, refused: OrderRefused) -> None:
    """A refusal has a reason, in words, and names the place."""
    assert any(test(order) for test in scene.beyond), f"refused for nothing: {refused.detail}"
    assert refused.detail
    assert refused.path, f"no place named: {refused.detail}"
    assert _has(order, refused.path), f"no such place: {refused.path}"


def _say(flow: Flow[Outcome], play: Callable[[Call], Reply]) -> tuple[list[Call], Outcome]:
    calls: list[Call] = []
    reply: Reply | None = None
    while True:
        try:
            call = flow.send(reply)  # type: ignore[arg-type]  # None starts it
        except StopIteration as end:
            return calls, end.value
        calls.append(call)
        reply = play(call)


def _has(order: Order, path: str) -> bool:
    """Tell whether an order has a place of this name."""
    place: Any = order
    for part in path.split("."):
        if isinstance(place, tuple):
            if not (part.isdecimal() and int(part) < len(place)):
                return False
            place = place[int(part)]
        elif isinstance(place, BaseModel) and part in type(place).model_fields:
            place = getattr(place, part)
        else:
            return False
    return True
