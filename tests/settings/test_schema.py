import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest

from gateway.settings import schema, schema_text, yaml
from gateway.settings.faults import Faults
from tests.settings.vendors import ADAPTERS, RIGHT, changed

SCHEMA = schema(ADAPTERS)
STORES = {"$ref": "#/$defs/stores", "$defs": SCHEMA["$defs"]}


def complaints(tmp_path: Path, text: str, against: Any = SCHEMA) -> list[str]:
    (tmp_path / "a.yaml").write_text(text)
    node = yaml.read(tmp_path / "a.yaml", Faults())
    assert node is not None
    return [
        error.message
        for error in jsonschema.Draft202012Validator(against).iter_errors(yaml.plain(node))
    ]


def test_the_schema_is_one_of_its_dialect() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(schema_text(ADAPTERS)) == SCHEMA


def test_what_loads_fits_the_schema(tmp_path: Path) -> None:
    assert complaints(tmp_path, RIGHT) == []


@pytest.mark.parametrize(
    ("found", "put"),
    [
        ("listen: 127", "listne: 127"),
        ("hmac", "hmca"),
        ("wait: 3s", "wait: 3"),
        ("{env: KEY_0042}", "plain"),
        ("{token: {env: OPS_TOKEN}}", "{token: plain}"),
        ("adapter: points", "adapter: pionts"),
        ('brand: "90001"', "brand: 90001"),
        ('brand: "90001"', "brnad: x"),
        ("    base_url: https://points.example\n", ""),
        ("    timezone: America/Chicago\n", ""),
        ("[web, kiosk]", "[kisok]"),
        ("role: follower", "role: folower"),
        ("location_id: BL-1", "location: BL-1"),
        ("pay: refuse", "pay: maybe"),
        ("kitchen: {max_age: 15m}", "kitchn: {max_age: 15m}"),
    ],
)
def test_what_does_not_load_does_not_fit(tmp_path: Path, found: str, put: str) -> None:
    assert complaints(tmp_path, changed(found, put))


def test_a_store_file_of_a_folder_has_its_own_part(tmp_path: Path) -> None:
    store = '"0042": {timezone: UTC, currency: CAD, routes: [{vendor: points-ca}]}'
    assert complaints(tmp_path, store, STORES) == []
    assert complaints(tmp_path, store.replace("timezone", "timezon"), STORES)


def test_defaults_are_written_as_people_write_them() -> None:
    assert SCHEMA["properties"]["retention"]["default"] == "90d"
    vendor = SCHEMA["$defs"]["vendor_points"]["properties"]
    assert vendor["read_timeout"]["default"] == "15s"
    assert vendor["api_key"] == {"$ref": "#/$defs/secret"}
