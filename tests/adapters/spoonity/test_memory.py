"""What is kept of Spoonity between operations, and what it proves."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.spoonity import shapes
from adapters.spoonity.memory import LOOK_WITHIN, Seen, Spend, moved, recorded, spend_of
from gateway.core.order import Order
from tests.adapters.transcript import ORDERS

AT = datetime(2026, 11, 20, 17, 31, tzinfo=UTC)


RULE = {"currency": {"id": 961}, "award_amount": 10, "status": {"name": "Active"}}


POINTS = {"id": 961}


def seen(points: object, changes: dict[str, Any] | None = None) -> Seen:
    onscreen = {
        "user": {"id": "900001"},
        "loyalty_balance": [{"amount": points, "currency": POINTS}],
        "rules": {"earning": [RULE]},
        **(changes or {}),
    }
    return Seen(session="h", onscreen=shapes.Onscreen.model_validate(onscreen), at=AT)


def proves(before: Seen, after: Seen, subtotal: str = "10.00", *, redeems: bool = False) -> bool:
    return recorded(before, after, subtotal=Decimal(subtotal), redeems=redeems)


@pytest.mark.parametrize(
    ("gained", "subtotal", "expected"),
    [
        (100, "10.00", True),
        (99, "10.00", False),
        (101, "10.00", False),
        (100, "10.05", True),
        (101, "10.05", True),
        (102, "10.05", False),
        (0, "0.00", False),
        (0, "0.09", False),
        (1, "0.09", False),
    ],
)
def test_an_order_is_proved_by_just_the_points_it_must_have_earned(
    gained: int, subtotal: str, expected: bool
) -> None:
    assert proves(seen(500), seen(500 + gained), subtotal) is expected


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [RULE, RULE],
        [RULE | {"status": {"name": "Expired"}}],
        [RULE | {"max_award_amount": 50}],
        [RULE | {"catalog": {"id": 88}}],
        [RULE | {"catalogs": [{"id": 88}]}],
        [RULE | {"award_amount": None}],
        [RULE | {"currency": None}],
        [RULE | {"currency": {"name": "Points"}}],
        [RULE | {"currency": {"id": 7}}],
    ],
)
def test_only_one_plain_rule_tells_what_must_have_been_earned(rules: list[dict[str, Any]]) -> None:
    assert not proves(seen(500, {"rules": {"earning": rules}}), seen(600))


def test_a_rule_without_a_status_counts_beside_one_that_has_ended() -> None:
    plain = {key: value for key, value in RULE.items() if key != "status"}

    rules = [plain, RULE | {"status": {"name": "Ended"}}]

    assert proves(seen(500, {"rules": {"earning": rules}}), seen(600))


def test_only_one_and_the_same_member_is_compared() -> None:
    other, nobody = {"user": {"id": "900002"}}, {"user": None}

    assert not proves(seen(500), seen(600, other))
    assert not proves(seen(500, nobody), seen(600, nobody))


def test_an_order_that_used_a_reward_is_never_proved() -> None:
    assert not proves(seen(500), seen(600), redeems=True)


@pytest.mark.parametrize("missing", [{"loyalty_balance": None}, {"rules": None}])
def test_what_was_not_shown_proves_nothing(missing: dict[str, Any]) -> None:
    assert not proves(seen(500, missing), seen(600))


def test_a_balance_that_is_gone_proves_nothing() -> None:
    assert not proves(seen(500), seen(600, {"loyalty_balance": []}))


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(0), True),
        (LOOK_WITHIN, True),
        (LOOK_WITHIN + timedelta(seconds=1), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_balances_prove_only_what_they_saw_in_time(later: timedelta, expected: bool) -> None:
    after = Seen(session="h", onscreen=seen(600).onscreen, at=AT + later)

    assert proves(seen(500), after) is expected


def test_the_cost_of_rewards_is_known_only_if_the_session_prices_all_of_them() -> None:
    rules = [
        {"id": 7001, "cost": 100},
        {"id": 7002, "cost": "50", "catalog": {"identifier": "off"}},
    ]
    session = seen(500, {"rules": {"spending": rules}})
    body = json.loads((ORDERS / "spoonity-latte.json").read_text("utf-8"))

    def cost(*reward_ids: str) -> Spend:
        used = [{"id": "d", "name": "Off", "amount": "1.00", "reward_id": r} for r in reward_ids]
        return spend_of(Order.model_validate({**body, "discounts": used}), session)

    assert cost() == Spend(redeems=False, cost=Decimal(0))
    assert cost("7001", "off") == Spend(redeems=True, cost=Decimal(150))
    assert cost("7001", "unheard_of") == Spend(redeems=True, cost=None)


def test_a_receipt_that_lists_no_points_tells_none() -> None:
    receipt = shapes.ReceiptData.model_validate({"lines": ["Thank you"]})

    assert moved(receipt, {}, Spend(redeems=False, cost=Decimal(0))) is None


def test_a_receipt_without_spends_that_used_no_reward_redeemed_nothing() -> None:
    receipt = shapes.ReceiptData.model_validate({"points": [{"amount": "100"}]})

    told = moved(receipt, {}, Spend(redeems=False, cost=Decimal(0)))

    assert told is not None
    assert (told.earned, told.redeemed) == (Decimal(100), Decimal(0))


def test_a_reward_that_costs_nothing_need_not_show() -> None:
    receipt = shapes.ReceiptData.model_validate({"points": [{"amount": 100}]})

    told = moved(receipt, {}, Spend(redeems=True, cost=Decimal(0)))

    assert told is not None
    assert told.redeemed == 0
