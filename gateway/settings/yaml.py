"""YAML 1.2 read with positions: text in, blocks, rows and scalars out, nothing guessed."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

from gateway.settings.faults import Faults, Place

FILE_BYTES = 16 * 1024 * 1024
"""Thousands of stores in one file are a few megabytes; more belongs in a folder."""

DEPTH = 16
"""The deepest setting sits at eight; deeper is a slip, or an attack on the reader."""

NODES = 1_000_000
"""Values of one file with every alias written out: a chain's stores, not a bomb."""

FOUND_CHARACTERS = 60
"""How much of a wrong value an error repeats."""

Plain = str | int | float | bool | None

_INT = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_CONTROL = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_PADDED = re.compile(r"[-+]?0[0-9]+", re.ASCII)
_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}
"""YAML 1.2, core schema: NO, off and 12:30 are text."""


@dataclass(frozen=True, kw_only=True)
class Scalar:
    """One value; `text` is how it is written, without quotes."""

    place: Place
    value: Plain
    text: str
    size: int = 1


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A list of values."""

    place: Place
    items: tuple["Node", ...]
    size: int = 1


@dataclass(frozen=True, kw_only=True)
class Block:
    """Keys with their values; `keys` holds where each key stands."""

    place: Place
    keys: Mapping[str, Place] = field(default_factory=dict)
    values: Mapping[str, "Node"] = field(default_factory=dict)
    size: int = 1

    def only(self, names: Iterable[str]) -> "Block":
        """Take some keys."""
        taken = [name for name in names if name in self.values]
        return replace(
            self,
            keys={name: self.keys[name] for name in taken},
            values={name: self.values[name] for name in taken},
        )

    def over(self, other: "Block") -> "Block":
        """Add what another block says and this one does not."""
        return replace(
            self, keys={**other.keys, **self.keys}, values={**other.values, **self.values}
        )


Node = Scalar | Rows | Block


def plain(node: Node) -> Any:
    """The value without its places, as JSON has it."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Rows):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.values.items()}


def found(node: Node) -> str:
    """Say what stands there, shortened, without a password inside a URL."""
    if isinstance(node, Rows):
        return "a list"
    if isinstance(node, Block):
        return "a mapping"
    if node.value is None:
        return "nothing"
    text = re.sub(r"//[^/\s]*@", "//…@", node.text)
    if len(text) > FOUND_CHARACTERS:
        text = text[:FOUND_CHARACTERS] + "…"
    return repr(text) if isinstance(node.value, str) else text


def read(path: Path, faults: Faults) -> Node | None:
    """Read one file; None where it could not be read at all, with the fault said."""
    top = Place(str(path))
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        faults.add(top, f"cannot be read: {error.strerror}")
        return None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.add(Place(str(path), line, 1), "is not UTF-8 text")
        return None
    if len(data) > FILE_BYTES:
        faults.add(top, f"is larger than {FILE_BYTES} bytes; split it into a folder")
        return None
    if control := _CONTROL.search(text):
        before = text[: control.start()]
        column = control.start() - before.rfind("\n")
        faults.add(Place(str(path), before.count("\n") + 1, column), "is a control character")
        return None
    try:
        return _Reader(str(path), faults).document(text)
    except _Unreadable as error:
        faults.add(*error.args)
    except (YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(str(path), mark.line + 1, mark.column + 1) if mark else top
        faults.add(place, f"is not YAML: {_problem(error)}")
    return None


def _problem(error: Exception) -> str:
    problem = str(getattr(error, "problem", None) or "an escape it does not have")
    if problem.startswith("expected <block end>"):
        return "the indentation does not fit the lines above, or a quote or colon is missing"
    return re.sub(r"(tag handle) .*", r"\1", problem)


class _Unreadable(Exception):
    """Reading on would be a guess; carries a place and a text."""


class _Reader:
    def __init__(self, file: str, faults: Faults) -> None:
        self._file = file
        self._faults = faults
        self._anchors: dict[str, Node] = {}
        self._count = 0

    def document(self, text: str) -> Node:
        events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        started = False
        node: Node = Scalar(place=Place(self._file, 1, 1), value=None, text="")
        for event in events:
            if type(event).__name__ != "DocumentStartEvent":
                continue
            if started:
                raise _Unreadable(self._place(event), "a second document; one file is one document")
            if event.version not in (None, (1, 2)):
                raise _Unreadable(self._place(event), "is read as YAML 1.2; drop the directive")
            started = True
            node = self._node(next(events), events, DEPTH)
        return node

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        place = self._place(event)
        if isinstance(event, AliasEvent):
            if event.anchor not in self._anchors:
                raise _Unreadable(place, "no such anchor stands before; quote a text with *")
            return self._counted(self._anchors[event.anchor], place)
        if event.ctag is not None:
            self._faults.add(place, "tags are not read; quote a text that begins with !")
        if depth == 0:
            raise _Unreadable(place, f"is nested deeper than {DEPTH}")
        node: Node
        if isinstance(event, ScalarEvent):
            node = self._counted(self._scalar(event, place), place)
        elif isinstance(event, SequenceStartEvent):
            node = self._counted(self._rows(place, events, depth), place)
        else:
            node = self._counted(self._block(place, events, depth), place)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _counted(self, node: Node, place: Place) -> Node:
        if node.size > NODES:
            raise _Unreadable(place, f"has more than {NODES} values with its aliases written out")
        return node

    def _rows(self, place: Place, events: Iterator[Any], depth: int) -> Rows:
        items: list[Node] = []
        while type(event := next(events)).__name__ != "SequenceEndEvent":
            items.append(self._node(event, events, depth - 1))
        return Rows(place=place, items=tuple(items), size=1 + sum(item.size for item in items))

    def _block(self, place: Place, events: Iterator[Any], depth: int) -> Block:
        keys: dict[str, Place] = {}
        values: dict[str, Node] = {}
        while type(event := next(events)).__name__ != "MappingEndEvent":
            key_place = self._place(event)
            if isinstance(event, MappingStartEvent | SequenceStartEvent | AliasEvent):
                raise _Unreadable(key_place, "a key must be text")
            key = self._key(event, key_place)
            value = self._node(next(events), events, depth - 1)
            if key in keys:
                self._faults.add(
                    key_place, f"{key} is already set in line {keys[key].line}; keep one of the two"
                )
                continue
            keys[key], values[key] = key_place, value
        size = 1 + sum(value.size for value in values.values())
        return Block(place=place, keys=keys, values=values, size=size)

    def _key(self, event: Any, place: Place) -> str:
        self._whole(event, place)
        value = event.value if event.style else _resolved(event.value)
        if not isinstance(value, str):
            kind = "nothing" if value is None else event.value
            self._faults.add(
                place, f'a key must be text, found {kind}: put quotes around it: "{event.value}"'
            )
        return str(event.value)

    def _whole(self, event: Any, place: Place) -> None:
        if _ESCAPED.search(event.value):
            raise _Unreadable(place, "has an escape that is a control or half a character")

    def _scalar(self, event: Any, place: Place) -> Scalar:
        text = event.value
        self._whole(event, place)
        if not event.style and _PADDED.fullmatch(text):
            self._faults.add(
                place,
                'would lose its zeros as a number: put quotes around a code, as in "0042", write a '
                "number without zeros before it",
            )
            return Scalar(place=place, value=text, text=text)
        value = text if event.style else _resolved(text)
        return Scalar(place=place, value=value, text=text)


def _resolved(text: str) -> Plain:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text
