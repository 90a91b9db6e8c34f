"""Blocks read into frozen models: what pydantic finds, said in words at its place."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.settings.faults import Faults, Place, listed, nearest
from gateway.settings.yaml import Block, Node, Rows, Scalar, found, plain

M = TypeVar("M", bound=BaseModel)

WANTED: Mapping[str, str] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "tuple_type": "a list, as in [one, two]",
    "list_type": "a list, as in [one, two]",
    "frozen_set_type": "a list, as in [one, two]",
}
"""What each of pydantic's type errors asks for."""

BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
"""How each of pydantic's bounds is said, and where it keeps the number."""


def known_only(block: Block, keys: Iterable[str], faults: Faults) -> Block:
    """Drop unknown keys, each with its fault."""
    allowed = list(keys)
    for key in block.values:
        if key not in allowed:
            faults.add(block.keys[key], _unknown(key, allowed))
    return block.only(allowed)


def block_of(node: Node, key: str, faults: Faults) -> Block | None:
    """Expect a mapping; nothing is an empty one."""
    if isinstance(node, Block):
        return node
    if isinstance(node, Scalar) and node.value is None:
        return Block(place=node.place)
    faults.add(node.place, f"{key} must be a mapping, found {found(node)}")
    return None


def text_of(node: Node, key: str, faults: Faults) -> str | None:
    """Expect text that is not empty."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.value:
        return node.value
    faults.add(node.place, f"{key} must be text, found {found(node)}{_quotes(node)}")
    return None


def check(
    model: type[M],
    block: Block,
    faults: Faults,
    *,
    defaults: Mapping[str, Any] | None = None,
    words: "Words | None" = None,
) -> M | None:
    """Read a block as a model, strictly; None where it has a fault."""
    given = {**(defaults or {}), **plain(block)}
    try:
        return model.model_validate_json(json.dumps(given), strict=True)
    except ValidationError as error:
        say(error, model, block, faults, words or Words())
    return None


@dataclass(frozen=True, kw_only=True)
class Words:
    """How faults of one block are said.

    `subject` begins what is about the block as a whole; `where` ends what is missing. `partial`
    leaves out both, to be said where the block is complete.
    """

    subject: str = ""
    where: str = ""
    partial: bool = False


def say(
    error: ValidationError, model: type[BaseModel], block: Block, faults: Faults, words: Words
) -> None:
    """Say what pydantic found, each at its place; what a union's branches say is one fault."""
    unions: dict[Place, list[tuple[int, Place, str]]] = {}
    for detail in error.errors(include_url=False, include_input=False):
        spot = _spot(block, detail)
        if words.partial and (not detail["loc"] or (detail["type"] == "missing" and spot.top)):
            continue
        text = _words(detail, spot, model, words)
        if spot.union is None:
            faults.add(spot.place, text)
        else:
            unions.setdefault(spot.union, []).append((spot.depth, spot.place, text))
    for branches in unions.values():
        depth, place, _ = max(branches, key=lambda branch: branch[0])
        faults.add(place, "; or ".join(text for at, _, text in branches if at == depth))


@dataclass(frozen=True, kw_only=True)
class _Spot:
    place: Place
    key: str
    node: Node
    depth: int
    union: Place | None
    top: bool


def _spot(block: Block, detail: ErrorDetails) -> _Spot:
    node: Node = block
    place = key_place = block.place
    name, depth, union = "", 0, None
    loc = detail["loc"]
    missing = detail["type"] == "missing"
    for part in loc[:-1] if missing else loc:
        if isinstance(node, Block) and str(part) in node.values:
            name = str(part)
            key_place, node = node.keys[name], node.values[name]
            unknown = detail["type"] == "extra_forbidden" and part == loc[-1]
            place, depth = key_place if unknown else node.place, depth + 1
        elif isinstance(node, Rows) and isinstance(part, int) and part < len(node.items):
            node, depth = node.items[part], depth + 1
            place = node.place
        elif part == "[key]":
            place = key_place
        else:
            union = union or place
    return _Spot(
        place=place,
        key=str(loc[-1]) if missing else name,
        node=node,
        depth=depth,
        union=union,
        top=len(loc) == 1,
    )


def _words(detail: ErrorDetails, spot: _Spot, model: type[BaseModel], words: Words) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return f"{spot.key} is missing{words.where if spot.top else ''}"
    if kind == "extra_forbidden":
        return _unknown(spot.key, model.model_fields if spot.top else ())
    label = f"{spot.key or words.subject}: " if spot.key or words.subject else ""
    if kind == "literal_error":
        return label + _choice(detail, spot)
    if kind in WANTED:
        return f"{label}must be {WANTED[kind]}, found {found(spot.node)}" + (
            _quotes(spot.node) if kind == "string_type" else ""
        )
    if kind in BOUNDS:
        name, bound = BOUNDS[kind]
        unit = " s" if isinstance(spot.node, Scalar) and isinstance(spot.node.value, str) else ""
        return f"{label}must be {bound} {context[name]:g}{unit}, found {found(spot.node)}"
    if kind == "string_pattern_mismatch":
        return f"{label}found {found(spot.node)}, allowed: {context['pattern']}"
    if kind == "too_short":
        return f"{label}must not be empty"
    return label + detail["msg"].removeprefix("Value error, ")


def _choice(detail: ErrorDetails, spot: _Spot) -> str:
    of_key = "[key]" in detail["loc"]
    word = spot.key if of_key else _text(spot.node)
    expected = str(detail["ctx"]["expected"]).replace(" or ", ", ")
    spellings = [spelling.strip("'") for spelling in expected.split(", ")]
    what = repr(word) if of_key else found(spot.node)
    return f"found {what}, allowed: {listed(spellings)}{nearest(word, spellings)}"


def _unknown(key: str, allowed: Iterable[str]) -> str:
    names = list(allowed)
    end = nearest(key, names) or (f"; allowed here: {listed(names)}" if names else "")
    return f"unknown key {key}{end}"


def _text(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _quotes(node: Node) -> str:
    if isinstance(node, Scalar) and isinstance(node.value, int | float):
        return f': put quotes around it: "{node.text}"'
    return ""
