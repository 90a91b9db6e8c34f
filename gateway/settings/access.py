"""Who may speak to the gateway and what it proves itself with: TLS, operator, tills, seals."""

from collections.abc import Collection, Iterator
from pathlib import Path

from pydantic import SecretStr, TypeAdapter, ValidationError

from gateway.core.frozen import Id
from gateway.settings.accounts import Given
from gateway.settings.faults import Faults, Place, listed, nearest
from gateway.settings.model import Till, Tls
from gateway.settings.references import (
    Reference,
    SecretUnreadable,
    decoded,
    private,
    read_secret,
)
from gateway.settings.validation import block_of, known_only, text_of
from gateway.settings.yaml import FOUND_CHARACTERS, Block, Node, Rows, found

TILL_SECRET_BYTES = 16
"""128 bits: nobody guesses that, and HMAC-SHA256 gains little from more."""

SEAL_KEY_FILE = "seal.key"
"""Where the first seal key is made when none is named."""

TLS_KEYS = ("certificate", "key")
OPS_KEYS = ("token",)
TILL_KEYS = ("store", "secret")

_ID: TypeAdapter[str] = TypeAdapter(Id)


def named(top: Block, key: str, what: str, faults: Faults) -> Iterator[tuple[str, Place, Node]]:
    """Go through the entries of a top-level key whose names are right."""
    block = block_of(top.values[key], key, faults) if key in top.values else None
    if block is None:
        return
    for name, node in block.values.items():
        place = block.keys[name]
        try:
            _ID.validate_python(name)
        except ValidationError:
            allowed = "a name has 1 to 64 of A-Z, a-z, 0-9 and . _ : -"
            faults.add(place, f"{what} {name[:FOUND_CHARACTERS]!r}: {allowed}")
            continue
        yield name, place, node


def tls(node: Node, given: Given) -> Tls | None:
    """Read `tls`: two files that are there, the key for our eyes only."""
    block = block_of(node, "tls", given.faults)
    if block is None:
        return None
    block = known_only(block, TLS_KEYS, given.faults)
    paths: dict[str, Path] = {}
    for key in TLS_KEYS:
        if key not in block.values:
            given.faults.add(block.place, f"tls needs {key}: {{file: PATH}}")
        elif (path := _file(block.values[key], key, given)) is not None:
            paths[key] = path
    if len(paths) < len(TLS_KEYS):
        return None
    try:
        mode = paths["key"].stat().st_mode
        private(paths["key"], mode, given.secrets.environment)
    except SecretUnreadable as error:
        given.faults.add(block.values["key"].place, f"key: {error}")
    return Tls(certificate=paths["certificate"], key=paths["key"])


def _file(node: Node, key: str, given: Given) -> Path | None:
    name = None
    if isinstance(node, Block) and list(node.values) == ["file"]:
        name = text_of(node.values["file"], "file", given.faults)
    else:
        given.faults.add(node.place, f"{key} must be {{file: PATH}}, found {found(node)}")
    path = given.secrets.path(name) if name else None
    if path is not None and not path.is_file():
        given.faults.add(node.place, f"{key}: there is no file {path}")
        return None
    return path


def ops_token(node: Node, given: Given) -> SecretStr | None:
    """Read `ops`: the operator's token."""
    block = block_of(node, "ops", given.faults)
    if block is None:
        return None
    block = known_only(block, OPS_KEYS, given.faults)
    if "token" not in block.values:
        given.faults.add(block.place, "ops needs token: {env: NAME} or {file: PATH}")
        return None
    return given.secrets.secret(block.values["token"], "token")


def seal_keys(node: Node | None, given: Given) -> tuple[Reference, ...]:
    """Read `seal_keys`; one file alone may be absent, it is made at the first start."""
    if node is None:
        return (Reference(kind="file", name=str(given.secrets.path(SEAL_KEY_FILE))),)
    if not isinstance(node, Rows) or not node.items:
        what = "an empty list" if isinstance(node, Rows) else found(node)
        given.faults.add(
            node.place, f"seal_keys must be a list, as in [{{file: PATH}}], found {what}"
        )
        return ()
    references: list[Reference] = []
    for item in node.items:
        reference = given.secrets.reference(item, "a seal key")
        if reference is None:
            continue
        references.append(reference)
        path = reference.path
        if len(node.items) == 1 and path is not None and not path.exists():
            continue
        try:
            read_secret(reference, given.secrets.environment)
        except SecretUnreadable as error:
            given.faults.add(item.place, f"a seal key: {error}")
    return tuple(references)


def tills(top: Block, stores: Collection[str], given: Given) -> dict[str, Till]:
    """Read `tills`: each with its store and its key."""
    read = {
        name: _till(name, node, stores, given)
        for name, _, node in named(top, "tills", "till", given.faults)
    }
    return {name: till for name, till in read.items() if till is not None}


def _till(name: str, node: Node, stores: Collection[str], given: Given) -> Till | None:
    block = block_of(node, f"till {name}", given.faults)
    if block is None:
        return None
    block = known_only(block, TILL_KEYS, given.faults)
    for key in TILL_KEYS:
        if key not in block.values:
            given.faults.add(block.place, f"till {name} needs {key}")
            return None
    store = text_of(block.values["store"], "store", given.faults)
    if store is not None and store not in stores:
        given.faults.add(
            block.values["store"].place,
            f"store: found {store!r}, allowed: {listed(stores)}{nearest(store, stores)}",
        )
    secret = _till_secret(block.values["secret"], given)
    return Till(store=store, secret=secret) if store is not None and secret is not None else None


def _till_secret(node: Node, given: Given) -> bytes | None:
    text = given.secrets.secret(node, "secret")
    if text is None:
        return None
    try:
        secret = decoded(text)
    except SecretUnreadable as error:
        given.faults.add(node.place, f"secret: what is kept there {error}")
        return None
    if len(secret) < TILL_SECRET_BYTES:
        given.faults.add(
            node.place, f"secret: is shorter than {TILL_SECRET_BYTES} bytes; make a longer one"
        )
        return None
    return secret
