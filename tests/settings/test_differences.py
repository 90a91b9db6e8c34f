from pathlib import Path

import pytest

from gateway.settings import differences
from tests.settings.vendors import ENVIRONMENT, HUSH, RIGHT, changed, settings_of

ROUTE = "store 0042, route to kitchen-us"


@pytest.mark.parametrize(
    ("found", "put", "lines"),
    [
        ("wait: 3s\n", "wait: 3000ms\n", []),
        (
            "wait: 3s\n",
            "wait: 4s\n",
            [
                "the gateway: wait was 3 s, is 4 s",
                "store 0077: wait_seconds was 3.0, is 4.0",
            ],
        ),
        ('brand: "90001"', "brand: new", ["vendor points-ca: brand was 90001, is new"]),
        ("scopes: [orders]", "scopes: [a, b]", ["vendor kitchen-us: scopes was orders, is a, b"]),
        ("King & Bay", "Queen", ["store 0042: name was King & Bay, is Queen"]),
        (
            "kitchen: {max_age: 15m}",
            "kitchen: {max_age: 20m}",
            ["store 0042: max_age_seconds of submit at kitchen was 900.0, is 1200.0"],
        ),
        ("[web, kiosk]", "[kiosk]", [f"{ROUTE}: when channel was kiosk, web, is kiosk"]),
        ("settle_delay: 5s", "settle_delay: 6s", [f"{ROUTE}: settle_delay was 5 s, is 6 s"]),
        ("BL-1", "BL-2", [f"{ROUTE}: location_id was BL-1, is BL-2"]),
        (
            "        rate_per_second: 2\n",
            "",
            [f"{ROUTE}: rate_per_second was 2.0, is not set"],
        ),
        ("{env: KEY_0042}", "{env: CLIENT}", ["store 0042, route to points-ca: api_key changed"]),
        (
            "client_id: {env: CLIENT}",
            "client_id: {env: KEY_0042}",
            ["vendor kitchen-us: client_id changed"],
        ),
        (
            '  "0042-1": {',
            '  "0042-2": {store: "0042", secret: {env: TILL_1}}\n  "0042-1": {',
            ["till 0042-2 is new"],
        ),
    ],
)
def test_a_difference_is_one_line_in_words(
    tmp_path: Path, found: str, put: str, lines: list[str]
) -> None:
    old, new = settings_of(tmp_path), settings_of(tmp_path, changed(found, put))
    assert differences(old, new) == lines


def test_what_is_gone_is_one_line_for_all_of_it(tmp_path: Path) -> None:
    whole = settings_of(tmp_path)
    part = settings_of(tmp_path, RIGHT[: RIGHT.index('  "0077":')])
    gone = ["store 0077", "store 0077, route to points-ca"]
    assert differences(whole, part) == [f"{subject} is gone" for subject in gone]
    assert differences(part, whole) == [f"{subject} is new" for subject in gone]


def test_a_secret_that_changed_in_its_place_is_said_to_have_changed(tmp_path: Path) -> None:
    environment = {
        **ENVIRONMENT,
        "TILL_1": "dGlsbC1zZWNyZXQtMDAwMg==",
        "OPS_TOKEN": HUSH + "-new",
        "KEY_0077": HUSH + "-new",
    }
    lines = differences(settings_of(tmp_path), settings_of(tmp_path, RIGHT, environment))
    assert lines == [
        "the gateway: ops token changed",
        "till 0042-1: secret changed",
        "store 0077, route to points-ca: api_key changed",
    ]


def test_nothing_changed_is_no_line(tmp_path: Path) -> None:
    assert differences(settings_of(tmp_path), settings_of(tmp_path)) == []
