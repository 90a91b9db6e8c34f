"""The configuration as one tree: a file, or a folder of them, with the environment over it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from gateway.settings.faults import Faults, Place
from gateway.settings.model import Origin
from gateway.settings.shapes import OVERRIDABLE
from gateway.settings.validation import block_of
from gateway.settings.yaml import Block, Node, Rows, Scalar, found, read

GATEWAY_FILE = "gateway.yaml"
STORES_FOLDER = "stores"

VARIABLE = "TILLBRIDGE_"
"""How a variable that overrides a top-level key begins."""

STRUCTURED = ("tls", "ops", "seal_keys", "log", "tills", "vendors", "stores")
"""Top-level keys a variable cannot set: they are more than one value."""


def read_tree(path: Path, environment: Mapping[str, str], faults: Faults) -> Block | None:
    """Read a file, or a folder's gateway.yaml with stores/*.yaml; None where there is no tree."""
    folder = path.is_dir()
    file = path / GATEWAY_FILE if folder else path
    node = read(file, faults)
    top = block_of(node, "the configuration", faults) if node is not None else None
    if top is None:
        return None
    if folder:
        top = _with_stores(top, path / STORES_FOLDER, faults)
    return _overridden(top, environment, faults)


def folder_of(path: Path) -> Path:
    """Where relative paths of a configuration start."""
    return path if path.is_dir() else path.parent


def _with_stores(top: Block, folder: Path, faults: Faults) -> Block:
    here = top.values.get("stores")
    stores = block_of(here, "stores", faults) if here else Block(place=Place(str(folder)))
    if stores is None:
        return top
    keys, values = dict(stores.keys), dict(stores.values)
    for file in sorted(folder.glob("*.y*ml")):
        if file.suffix != ".yaml":
            faults.add(Place(str(file)), "is not read; name it .yaml")
            continue
        node = read(file, faults)
        if node is None:
            continue
        if not isinstance(node, Block) or len(node.values) != 1:
            faults.add(node.place, 'must hold one store: its code in quotes, as in "0042": …')
            continue
        [(code, key)] = node.keys.items()
        if code in keys:
            faults.add(key, f"store {code} is already in {keys[code].source}; keep one of the two")
            continue
        keys[code], values[code] = key, node.values[code]
    whole = replace(stores, keys=keys, values=values)
    return replace(
        top,
        keys={**top.keys, "stores": top.keys.get("stores", stores.place)},
        values={**top.values, "stores": whole},
    )


def _overridden(top: Block, environment: Mapping[str, str], faults: Faults) -> Block:
    keys, values = dict(top.keys), dict(top.values)
    for key in OVERRIDABLE:
        name = VARIABLE + key.upper()
        if name in environment:
            text = environment[name]
            keys[key] = Place(name)
            values[key] = Scalar(place=Place(name), value=text, text=text)
    for key in STRUCTURED:
        if (name := VARIABLE + key.upper()) in environment:
            faults.add(Place(name), f"{key} is more than one value and cannot be set by a variable")
    return replace(top, keys=keys, values=values)


def origins(top: Block) -> tuple[Origin, ...]:
    """Every value that is set, with the file and line, or the variable, it comes from."""
    return tuple(_origins("", top))


def _origins(path: str, node: Node) -> Iterator[Origin]:
    if isinstance(node, Scalar):
        yield Origin(path=path, value=found(node), source=node.place.source)
    elif isinstance(node, Rows):
        for index, item in enumerate(node.items):
            yield from _origins(f"{path}[{index}]", item)
    else:
        for key, value in node.values.items():
            yield from _origins(f"{path}.{key}" if path else key, value)
