"""The description is true: its examples are executed, and its answers are what comes."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has none

from gateway.api import examples
from gateway.api.openapi import openapi, order_schema
from gateway.api.routes import ROUTES
from tests.api.conftest import Till

ORDERS = sorted((Path(__file__).parent.parent / "orders").glob("*.json"))
STORE = "0077"


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """Check against a schema that refers into the description."""
    return Draft202012Validator({**schema, "components": openapi()["components"]})


async def test_every_example_does_what_the_description_says(till: Till) -> None:
    described = openapi()
    await till.ask("PUT", f"/orders/{examples.RETURNED_ID}", examples.ORDER, store=STORE)
    for route in ROUTES:
        if route.name in ("listen", "get_metrics", "get_openapi"):
            continue
        path = route.path.format(store=STORE, **route.ids)
        async with till.client.request(route.method, path, json=route.example) as answer:
            text = await answer.text()
        spelled = described["paths"][route.path][route.method.lower()]["responses"]
        told = spelled[str(answer.status)]
        assert answer.status < 300, (route.name, text)
        if "content" in told:
            schema = told["content"][answer.content_type]["schema"]
            validator(schema).validate(json.loads(text))
        else:
            assert text == ""


async def test_a_problem_is_what_the_description_says(till: Till) -> None:
    _, told = await till.ask("PUT", "/orders/1", {"till": 1})
    validator({"$ref": "#/components/schemas/Problem"}).validate(told)


async def test_the_description_is_served(till: Till) -> None:
    async with till.client.get("/openapi.json") as answer:
        assert await answer.json() == openapi()


def test_the_description_names_every_route_and_refers_to_nothing_missing() -> None:
    described = openapi()
    assert described["openapi"].startswith("3.1")
    assert sum(len(methods) for methods in described["paths"].values()) == len(ROUTES)
    text = json.dumps(described)
    for name in described["components"]["schemas"]:
        text = text.replace(f'"#/components/schemas/{name}"', "")
    assert "#/components/schemas/" not in text


def test_examples_fit_their_own_schemas() -> None:
    for methods in openapi()["paths"].values():
        for operation in methods.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                validator(content["schema"]).validate(content["example"])


@pytest.mark.parametrize("path", ORDERS, ids=lambda path: path.stem)
def test_the_orders_of_the_tests_fit_the_order_schema(path: Path) -> None:
    schema = order_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(path.read_text()))


@pytest.mark.parametrize(
    "changes",
    [
        {"total": 11.3},
        {"tips": "1.00"},
        {"state": "done"},
        {"total": "1e3"},
    ],
)
def test_the_order_schema_refuses_what_the_door_refuses(changes: dict[str, Any]) -> None:
    order = json.loads(ORDERS[0].read_text())
    assert not Draft202012Validator(order_schema()).is_valid({**order, **changes})
