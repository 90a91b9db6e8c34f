"""The contract as OpenAPI 3.1, made from the routes and the models that do the work."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from gateway.api.auth import SCHEME
from gateway.api.prefer import MOST_SECONDS
from gateway.api.routes import ROUTES, Route
from gateway.core.order import Order
from gateway.web.problems import KINDS, Problem

REFERENCE = "#/components/schemas/{model}"
PROBLEM_JSON = "application/problem+json"
References = Mapping[tuple[Any, JsonSchemaMode], str]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def openapi_json() -> str:
    """The description as it is served, made when first asked for: it never changes."""
    return json.dumps(openapi())


def openapi() -> dict[str, Any]:
    """Describe every route."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    for route in ROUTES:
        if route.takes is not None:
            wanted.append((route.takes, "validation"))
        wanted += [(m, "serialization") for m in route.answers.values() if isinstance(m, type)]
    names, schemas = models_json_schema(wanted, ref_template=REFERENCE)
    references = {key: schema["$ref"] for key, schema in names.items()}
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for route in ROUTES:
        paths[route.path][route.method.lower()] = _operation(route, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tillbridge, the till's API",
            "version": "1",
            "description": "One canonical order to a store's loyalty and ordering vendors.",
        },
        "paths": dict(paths),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "till": {
                    "type": "http",
                    "scheme": SCHEME,
                    "description": "till=<till id>, ts=<unix seconds>, nonce=<8-64 characters>, "
                    "sig=<base64 of HMAC-SHA256 over ts, nonce, METHOD, path?query and the hex "
                    "SHA-256 of the body, each on its own line>",
                }
            },
        },
    }


def order_schema() -> dict[str, Any]:
    """The canonical order as JSON Schema."""
    return {"$schema": DIALECT, **Order.model_json_schema(by_alias=True)}


def _operation(route: Route, references: References) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": list(_parameters(route)),
        "responses": {**_answers(route, references), **_problems(route, references)},
        "security": [{"till": []}] if route.of_a_till else [],
    }
    if route.takes is not None:
        content: dict[str, Any] = {"schema": {"$ref": references[route.takes, "validation"]}}
        if route.example is not None:
            content["example"] = route.example
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _parameters(route: Route) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", route.path):
        pattern = r"^[A-Za-z0-9._:\-]{1,64}$"
        spelled: dict[str, Any] = {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": pattern},
            "example": route.ids.get(name, "0042"),
        }
        yield spelled
    if route.waits:
        yield {
            "name": "Prefer",
            "in": "header",
            "description": f"wait=<0-{MOST_SECONDS}> bounds the wait for a final outcome, in "
            "seconds; respond-async means 0; the store's own wait without it",
            "schema": {"type": "string"},
        }
    if route.name == "listen":
        yield {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "go on after this event; without it from the oldest one kept",
            "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
        }


def _answers(route: Route, references: References) -> dict[str, Any]:
    spelled: dict[str, Any] = {}
    for status, model in route.answers.items():
        answer: dict[str, Any] = {"description": _STATUS[status]}
        if isinstance(model, str):
            answer["content"] = {model: {}}
        elif model is not None:
            reference = references[model, "serialization"]
            answer["content"] = {"application/json": {"schema": {"$ref": reference}}}
        spelled[str(status)] = answer
    return spelled


def _problems(route: Route, references: References) -> dict[str, Any]:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in route.all_problems:
        undo = route.undoes and code == "unsupported_operation"
        by_status[422 if undo else KINDS[code].status].append(code)
    reference = references[Problem, "serialization"]
    return {
        str(status): {
            "description": ", ".join(codes),
            "content": {PROBLEM_JSON: {"schema": {"$ref": reference}}},
        }
        for status, codes in sorted(by_status.items())
    }


_STATUS = {
    200: "Final, or what was asked for",
    201: "There it is",
    202: "Accepted; not final yet",
    204: "Done",
    503: "Not yet",
}
