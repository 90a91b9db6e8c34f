"""`route`: which vendors get an order, which line decides, and what the first one hears."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.demo.stores import Written
from gateway.cli.samples import SAMPLES
from tests.cli.conftest import Shell, order_file

USD = {"currency": "USD", "member": None}
PHONE = {"kind": "phone", "value": "+14155550123", "consent": {"enrol": True}}


def _routes(shell: Shell, written: Written, path: Path, *more: str) -> dict[str, Any]:
    result = shell("route", path, "--config", written.path, "--json", *more)
    assert result.exit_code == 0, result.stderr
    return {one["vendor"]: one for one in json.loads(result.stdout)["routes"]}


@pytest.mark.parametrize(
    ("store", "changes", "taken"),
    [
        ("0042", {}, {"spoonity-ca": True}),
        ("0088", USD, {"spendgo-us": True, "spoton-us": False}),
        ("0088", {**USD, "channel": "kiosk"}, {"spendgo-us": True, "spoton-us": True}),
    ],
)
def test_an_order_goes_to_every_route_that_takes_it(
    shell: Shell, written: Written, store: str, changes: dict[str, Any], taken: dict[str, bool]
) -> None:
    path = order_file(written.path.parent, store, "1", **changes)
    routes = _routes(shell, written, path)
    assert {vendor: one["taken"] for vendor, one in routes.items()} == taken


def test_the_line_that_decides_is_named_with_its_reason(shell: Shell, written: Written) -> None:
    path = order_file(written.path.parent, "0088", "1", **USD)
    result = shell("route", path, "--config", written.path)
    assert "the order goes to spendgo-us" in result.stdout
    assert "channel is in_store, the route takes kiosk, web" in result.stdout
    lines = written.path.read_text().splitlines()
    source = _routes(shell, written, path)["spoton-us"]["source"]
    assert '"vendor": "spoton-us"' in lines[int(source.rpartition(":")[2])]


def test_a_condition_on_the_member_is_open_until_a_visit_tells(
    shell: Shell, written: Written
) -> None:
    value = json.loads(written.path.read_text())
    value["stores"]["0088"]["routes"][1]["when"] = {"member": ["phone"]}
    written.path.write_text(json.dumps(value))
    path = order_file(written.path.parent, "0088", "1", **USD, visit_id="v1")
    told = _routes(shell, written, path)["spoton-us"]
    assert (told["taken"], told["why"]) == (True, "member is not known before its visit")


@pytest.mark.parametrize(
    ("store", "changes", "request_", "body"),
    [
        ("0042", {}, "POST http://127.0.0.1:9/onscreen?api_key=********", "card_number"),
        ("0077", USD, "POST http://127.0.0.1:9/loyalty/accounts/guest/orders", '"checkout"'),
        (
            "0061",
            USD,
            "POST http://127.0.0.1:9/order/v1/locations/BL-AAAA-BBBB-CCCC/orders/submit",
            '"grand_total":500',
        ),
        (
            "20177",
            {"currency": "EUR", "member": {"kind": "short_code", "value": "481920"}},
            "POST http://127.0.0.1:9/loyalty/identify",
            '"481920"',
        ),
        ("0042", {"member": None}, "nothing is said: skipped, no_member", ""),
        ("0061", {**USD, "rounding": "0.02"}, "refused at the till", ""),
    ],
)
def test_the_wire_shows_the_first_request_and_no_secret(
    shell: Shell, written: Written, store: str, changes: dict[str, Any], request_: str, body: str
) -> None:
    if "rounding" in changes:
        paid = [{"tender": "cash", "amount": "5.02"}]
        changes = {**changes, "total": "5.02", "payments": paid}
    path = order_file(written.path.parent, store, "1", **changes)
    [told] = _routes(shell, written, path, "--wire").values()
    assert request_ in told["first"]["request"]
    assert body in told["first"]["body"]
    said = shell("route", path, "--config", written.path, "--wire").stdout
    assert request_ in said
    for sample in SAMPLES.values():
        assert not any(secret in said for secret in sample.secrets.values())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"total": "6.00"}, "totals_mismatch"),
        ({"payments": []}, "payments_mismatch"),
        ({"channel": "pigeon"}, "channel: "),
        ({"member": {"kind": "email", "value": "4242424242424242"}}, "card_number_refused"),
    ],
)
def test_what_is_no_order_is_not_routed(
    shell: Shell, written: Written, changes: dict[str, Any], said: str
) -> None:
    path = order_file(written.path.parent, "0042", "1", **changes)
    result = shell("route", path, "--config", written.path)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_store_that_is_not_configured_gets_the_nearest_one(
    shell: Shell, written: Written
) -> None:
    path = order_file(written.path.parent, "042", "1")
    result = shell("route", path, "--config", written.path)
    assert result.exit_code == 2
    assert "no store '042' is configured" in result.stderr
    assert "did you mean 0042?" in result.stderr


def test_a_bad_configuration_is_exit_code_3(shell: Shell, tmp_path: Path) -> None:
    path = order_file(tmp_path, "0042", "1")
    assert shell("route", path, "--config", tmp_path / "nowhere.yaml").exit_code == 3
