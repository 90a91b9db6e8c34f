"""The JSON Schema of a configuration file, so that editors complete and check it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from gateway.core.adapter import Adapter, Link
from gateway.core.duration import Seconds
from gateway.core.frozen import Id
from gateway.settings.access import OPS_KEYS, TILL_KEYS, TLS_KEYS
from gateway.settings.accounts import link_defaults
from gateway.settings.offline import NAMES, POLICIES, AgeShape, RewardShape
from gateway.settings.references import ENVIRONMENT_NAME
from gateway.settings.shapes import GatewayShape, RouteShape, StoreShape, WhenShape

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_DURATION: Schema = TypeAdapter(Seconds).json_schema()
_SECRET: Schema = {"$ref": "#/$defs/secret"}
_FILE: Schema = {"$ref": "#/$defs/file"}


def schema(adapters: Mapping[str, Adapter]) -> Schema:
    """Describe a configuration for these adapters, in draft 2020-12.

    A store file of a folder is described by `#/$defs/stores`. What needs more than one place to
    tell, such as which keys a route's vendor has, is left to the gateway's own check.
    """
    models = _Models(adapters)
    return {
        "$schema": DIALECT,
        "title": "Tillbridge configuration",
        **_closed(
            {
                **models.properties(GatewayShape),
                "tls": _closed(dict.fromkeys(TLS_KEYS, _FILE), TLS_KEYS),
                "ops": _closed(dict.fromkeys(OPS_KEYS, _SECRET), OPS_KEYS),
                "seal_keys": {"type": "array", "items": _SECRET, "minItems": 1},
                "tills": _named(
                    _closed({"store": {"type": "string"}, "secret": _SECRET}, TILL_KEYS)
                ),
                "vendors": _named({"$ref": "#/$defs/vendor"}),
                "stores": {"$ref": "#/$defs/stores"},
            }
        ),
        "$defs": {
            **models.nested(),
            **{f"vendor_{name}": models.vendor(each) for name, each in adapters.items()},
            "vendor": _vendor(adapters),
            "stores": _named({"$ref": "#/$defs/store"}),
            "store": models.store(),
            "route": models.route(),
            "file": _closed({"file": {"type": "string", "minLength": 1}}, ["file"]),
            "secret": {"oneOf": [_FILE, _closed({"env": _environment_name()}, ["env"])]},
        },
    }


def schema_text(adapters: Mapping[str, Adapter]) -> str:
    """The schema as its file has it."""
    return json.dumps(schema(adapters), indent=2, ensure_ascii=False) + "\n"


def _environment_name() -> Schema:
    return {"type": "string", "pattern": ENVIRONMENT_NAME}


def _closed(properties: Schema, required: Iterable[str] = ()) -> Schema:
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, **needed, "additionalProperties": False}


def _named(entry: Schema) -> Schema:
    names = TypeAdapter(Id).json_schema()
    return {"type": "object", "propertyNames": names, "additionalProperties": entry}


def _vendor(adapters: Mapping[str, Adapter]) -> Schema:
    cases = [
        {
            "if": {"properties": {"adapter": {"const": name}}},
            "then": {"$ref": f"#/$defs/vendor_{name}"},
        }
        for name in adapters
    ]
    return {
        "type": "object",
        "required": ["adapter"],
        "properties": {"adapter": {"enum": list(adapters)}},
        "allOf": cases,
    }


class _Models:
    """The schemas of all models together, so that no two of their parts share a name."""

    def __init__(self, adapters: Mapping[str, Adapter]) -> None:
        self._adapters = adapters
        own = (GatewayShape, StoreShape, RouteShape, WhenShape, AgeShape, RewardShape, Link)
        each = [
            model
            for adapter in adapters.values()
            for model in (adapter.account, adapter.credentials, adapter.store)
        ]
        names, whole = models_json_schema(
            [(model, "validation") for model in dict.fromkeys((*own, *each))],
            ref_template="#/$defs/{model}",
        )
        self._parts: Schema = _tidy(whole["$defs"])
        self._names = {
            model: str(reference["$ref"]).rpartition("/")[2]
            for (model, _), reference in names.items()
        }

    def properties(self, model: type[BaseModel]) -> Schema:
        """The keys of one model."""
        return dict(self._parts[self._names[model]].get("properties", {}))

    def nested(self) -> Schema:
        """The models inside the models."""
        tops = set(self._names.values())
        return {name: part for name, part in self._parts.items() if name not in tops}

    def vendor(self, adapter: Adapter) -> Schema:
        """An entry under vendors."""
        defaults = link_defaults(adapter)
        link = self.properties(Link)
        for key, value in defaults.items():
            link[key] = _tidy({**link[key], "default": value})
        properties = {
            "adapter": {"const": adapter.name},
            **link,
            **self.properties(adapter.account),
            **self.properties(adapter.credentials),
        }
        required = ["adapter"] if "base_url" in defaults else ["adapter", "base_url"]
        return {"description": adapter.title, **_closed(properties, required)}

    def route(self) -> Schema:
        """A route: its vendor's adapter is not known here, so any adapter's keys may stand."""
        choices: dict[str, list[Schema]] = {}
        for adapter in self._adapters.values():
            for model in (Link, adapter.account, adapter.credentials, adapter.store):
                for key, choice in self.properties(model).items():
                    choices.setdefault(key, [])
                    unset = {name: part for name, part in choice.items() if name != "default"}
                    if unset not in choices[key]:
                        choices[key].append(unset)
        keys = {
            key: some[0] if len(some) == 1 else {"anyOf": some} for key, some in choices.items()
        }
        own = {**self.properties(RouteShape), "when": _closed(self.properties(WhenShape))}
        return _closed({**own, **keys}, ["vendor"])

    def store(self) -> Schema:
        """A store, with what only the adapters' names complete."""
        routes = {"type": "array", "items": {"$ref": "#/$defs/route"}, "minItems": 1}
        required = ["timezone", "currency", "routes"]
        own = self.properties(StoreShape)
        return _closed({**own, "offline": self._offline(), "routes": routes}, required)

    def _offline(self) -> Schema:
        policy: Schema = {"enum": list(POLICIES)}
        age = self.properties(AgeShape)
        each = {"anyOf": [policy, _closed(age, age)]}
        some = _closed({**dict.fromkeys(self._adapters, each), **age})
        operations: Schema = {name: {"anyOf": [policy, some]} for name in NAMES}
        return _closed({**self.properties(RewardShape), **operations})


def _tidy(part: Any) -> Any:
    """Drop made-up titles, say secrets as references and durations as they are written."""
    if isinstance(part, list):
        return [_tidy(item) for item in part]
    if not isinstance(part, dict):
        return part
    if part.get("format") == "password":
        return _SECRET
    some = part.get("anyOf", ())
    if any(item.get("format") == "password" for item in some):
        return _SECRET
    tidy = {
        key: _tidy(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str))
    }
    default = tidy.get("default")
    if tidy.get("pattern") == _DURATION["pattern"] and isinstance(default, int | float):
        tidy["default"] = _duration(default)
    return tidy


def _duration(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    for unit, size in {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}.items():
        if milliseconds % size == 0 and milliseconds >= size:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0s"
