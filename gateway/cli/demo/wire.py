"""Shows a JSON body in few lines: each is filled with what fits on it."""

import json
from collections.abc import Iterator
from typing import Any

INDENT = " "


def folded(body: str, width: int) -> list[str]:
    """Lines of a JSON body, each as full as it gets; a body that is none comes back as it is."""
    try:
        value = json.loads(body)
    except ValueError:
        return [body]
    return list(_lines("", value, "", "", width))


def _lines(label: str, value: Any, comma: str, indent: str, width: int) -> Iterator[str]:
    """Lines of one value behind its label, and before its comma."""
    whole = f"{indent}{label}{_spelled(value)}{comma}"
    if len(whole) <= width or not value or not isinstance(value, dict | list):
        yield whole
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{label}{opening}"
    yield from _filled(_members(value), indent + INDENT, width)
    yield f"{indent}{closing}{comma}"


def _members(value: dict[str, Any] | list[Any]) -> list[tuple[str, Any, str]]:
    """Each member with its label and its comma; the last has none."""
    named = [("", inner) for inner in value]
    if isinstance(value, dict):
        named = [(f"{json.dumps(key)}: ", inner) for key, inner in value.items()]
    commas = [*[","] * (len(named) - 1), ""]
    return [(label, inner, comma) for (label, inner), comma in zip(named, commas, strict=True)]


def _filled(members: list[tuple[str, Any, str]], indent: str, width: int) -> Iterator[str]:
    """Put short members beside each other, and break long ones up."""
    line = ""
    for label, value, comma in members:
        said = f"{label}{_spelled(value)}{comma}"
        longer = f"{line} {said}" if line else indent + said
        if len(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        line = indent + said
        if len(line) > width:
            yield from _lines(label, value, comma, indent, width)
            line = ""
    if line:
        yield line


def _spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
