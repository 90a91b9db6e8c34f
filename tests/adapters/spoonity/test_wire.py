"""Our words and Spoonity's, side by side."""

from datetime import datetime
from decimal import Decimal

import pytest

from adapters.spoonity import wire
from gateway.core.errors import OrderRefused
from gateway.core.operation import Pay
from tests.adapters.spoonity.samples import ANA, combo, order, site, ticket


def test_an_order_never_carries_an_amount_of_its_own() -> None:
    assert "amount" not in ticket(combo())


@pytest.mark.parametrize(
    ("at", "zone", "mode", "expected"),
    [
        ("2015-02-02T18:24:42-05:00", "America/Toronto", "local_wall_epoch", 1422901482),
        ("2015-02-02T23:24:42+00:00", "America/Toronto", "local_wall_epoch", 1422901482),
        ("2015-02-02T18:24:42-05:00", "America/Toronto", "utc_epoch", 1422919482),
        ("2015-07-02T18:24:42.900000-04:00", "America/Toronto", "local_wall_epoch", 1435861482),
    ],
)
def test_a_date_is_the_wall_clock_read_as_utc_unless_configured(
    at: str, zone: str, mode: str, expected: int
) -> None:
    told = wire.date(datetime.fromisoformat(at), site(timezone=zone, date_mode=mode))

    assert told == expected


def test_stored_value_of_three_decimals_is_refused_with_its_place() -> None:
    payment = Pay(
        at=order().opened_at,
        paid_at=order().opened_at,
        payment_id="p1",
        instrument="points",
        amount=Decimal("1.005"),
        currency="KWD",
        member=ANA,
        till="1",
    )
    store = site(currency="KWD")

    with pytest.raises(OrderRefused, match="at most 2 decimals") as points:
        wire.loyalty_pay(payment, store)
    with pytest.raises(OrderRefused, match="at most 2 decimals") as card:
        wire.gift_card(payment, payment.amount, payment.paid_at, store)

    assert points.value.path == card.value.path == "amount"


def test_an_order_that_was_never_closed_is_dated_by_its_opening() -> None:
    opened = order(closed_at=None)

    assert ticket(opened)["date"] == wire.date(opened.opened_at, site())


@pytest.mark.parametrize(
    ("name", "till_map", "expected"),
    [("1", {}, 1), ("0042-1", {}, 421), ("1", {"1": 9}, 9), ("bar", {"bar": 7}, 7)],
)
def test_a_till_is_numbered_by_map_or_by_its_digits(
    name: str, till_map: dict[str, int], expected: int
) -> None:
    assert wire.till(name, site(till_map=till_map)) == expected


@pytest.mark.parametrize("name", ["bar", "1234567890"])
def test_a_till_that_makes_no_number_is_refused_with_its_place(name: str) -> None:
    with pytest.raises(OrderRefused) as caught:
        wire.till(name, site())

    assert caught.value.path == "till"


def test_a_cashier_without_a_name_goes_by_their_id_and_no_cashier_by_the_till() -> None:
    assert ticket(order(cashier={"id": "c7"}))["cashier"] == {"id": "c7", "name": "c7"}
    assert ticket(order(cashier=None))["cashier"] == {"id": "1", "name": "1"}
