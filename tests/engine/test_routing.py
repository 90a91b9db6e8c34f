"""Which vendors get an order, and what is wrong with a store's routes."""

from collections.abc import Iterable
from typing import Any

import pytest

from gateway.core.order import Member
from gateway.engine.routing import (
    ANY_OTHER,
    NO_MEMBER,
    Route,
    Store,
    When,
    faults,
    known_of,
    matching,
    primary,
)
from tests.engine.conftest import SITE, latte


def when(**conditions: str) -> When:
    """Conditions as words."""
    return When(**{name: frozenset(words.split()) for name, words in conditions.items()})


def route(vendor: str, role: Any = "primary", source: str = "", **conditions: str) -> Route:
    """A route to a vendor."""
    return Route(
        vendor=vendor,
        adapter="tiny",
        role=role,
        when=when(**conditions),
        site=SITE,
        source=source,
    )


def store(*routes: Route) -> Store:
    """A store with these routes."""
    return Store(code="0042", timezone="America/Toronto", currency="CAD", routes=routes)


def names(routes: Iterable[Route]) -> list[str]:
    """The vendors of some routes."""
    return [one.vendor for one in routes]


@pytest.mark.parametrize(
    ("conditions", "known", "expected"),
    [
        ({}, {"channel": "web"}, None),
        ({"channel": "web app"}, {"channel": "web"}, None),
        ({"channel": "web app"}, {}, None),
        ({"channel": "web app"}, {"channel": None}, None),
        (
            {"channel": "web app"},
            {"channel": "kiosk"},
            "channel is kiosk, the route takes app, web",
        ),
        ({"member": "phone"}, {"member": NO_MEMBER}, "member is none, the route takes phone"),
        (
            {"till": "7", "service_mode": "pickup"},
            {"till": "1", "service_mode": "eat_in"},
            "service_mode is eat_in, the route takes pickup",
        ),
    ],
)
def test_what_is_not_known_excludes_no_route(
    conditions: dict[str, str], known: dict[str, str | None], expected: str | None
) -> None:
    assert when(**conditions).excluded_by(known) == expected


@pytest.mark.parametrize(
    ("known", "expected", "first"),
    [
        ({"channel": "kiosk"}, ["main", "kitchen"], "main"),
        ({"channel": "web"}, ["web", "crm", "kitchen"], "web"),
        ({"channel": "web", "member": NO_MEMBER}, ["web", "kitchen"], "web"),
        ({"channel": "phone"}, ["crm", "kitchen"], None),
        ({}, ["main", "web", "crm", "kitchen"], "main"),
    ],
)
def test_every_route_that_takes_it_the_primary_one_first(
    known: dict[str, str | None], expected: list[str], first: str | None
) -> None:
    shop = store(
        route("crm", "follower", channel="web phone", member="phone card"),
        route("main", channel="kiosk"),
        route("kitchen", "follower"),
        route("web", channel="web"),
    )
    assert names(matching(shop, known)) == expected
    found = primary(shop, known)
    assert (found.vendor if found else None) == first


def test_the_first_route_to_a_vendor_is_its_route() -> None:
    web = route("main", channel="web")
    shop = store(web, route("main"))
    assert shop.route_to("main") is web
    assert shop.route_to("other") is None


def test_routes_test_the_member_of_the_visit_where_there_is_one() -> None:
    order = latte(member=None)
    scanned = Member(kind="app_token", value="x")
    assert known_of(order, scanned) == {
        "channel": "in_store",
        "service_mode": "eat_in",
        "till": "1",
        "member": "app_token",
    }
    assert known_of(order, None)["member"] == NO_MEMBER


def kind(**changes: str) -> str:
    """An order as a fault names it."""
    known = {"channel": "in_store", "service_mode": "eat_in", "till": ANY_OTHER, "member": "none"}
    return ", ".join(f"{name} {value}" for name, value in {**known, **changes}.items())


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ([route("main")], []),
        ([route("main", till="1"), route("other", till="2")], [f"{kind()} has no primary route"]),
        ([route("crm", "follower")], [f"{kind()} has no primary route"]),
        (
            [route("main", channel="in_store kiosk drive_thru app phone")],
            [f"{kind(channel='web')} has no primary route"],
        ),
        (
            [route("main", source="a.yaml:3"), route("other", till="7")],
            [f"{kind(till='7')} has 2 primary routes: a.yaml:3 and other"],
        ),
        (
            [route("a", channel="web"), route("b", channel="web"), route("c", channel="web app")],
            [
                f"{kind()} has no primary route",
                f"{kind(channel='web')} has 3 primary routes: a and b and c",
            ],
        ),
        (
            [route("guests", member=NO_MEMBER), route("all", channel="web")],
            [
                f"{kind(member='phone')} has no primary route",
                f"{kind(channel='web')} has 2 primary routes: guests and all",
            ],
        ),
    ],
)
def test_every_kind_of_order_has_one_primary_route(
    routes: list[Route], expected: list[str]
) -> None:
    assert list(faults(store(*routes))) == [f"an order with {one}" for one in expected]
