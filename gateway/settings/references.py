"""Secrets are referenced, never written: {env: NAME} or {file: PATH}."""

import base64
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from gateway.settings.faults import Faults, nearest
from gateway.settings.yaml import Block, Node, Scalar

SECRET_BYTES = 64 * 1024
"""A certificate chain fits; a larger file is not a secret."""

HOW = "write {env: NAME} or {file: PATH}"

ENVIRONMENT_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"

CREDENTIALS_DIRECTORY = "CREDENTIALS_DIRECTORY"
"""Where systemd keeps a unit's credentials; it shows their access list as group bits."""


class SecretUnreadable(Exception):
    """A secret cannot be had; the text says why and how to mend it, never the secret."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Where a secret is kept: `name` is a variable's name or an absolute path."""

    kind: Literal["env", "file"]
    name: str

    @property
    def path(self) -> Path | None:
        """The file, None for a variable."""
        return Path(self.name) if self.kind == "file" else None

    def __str__(self) -> str:
        return f"{{{self.kind}: {self.name}}}"


def read_secret(reference: Reference, environment: Mapping[str, str]) -> SecretStr:
    """Fetch a secret, one trailing newline dropped; SecretUnreadable where that cannot be."""
    path = reference.path
    if path is None:
        if reference.name not in environment:
            raise SecretUnreadable(f"the environment variable {reference.name} is not set")
        text, called = environment[reference.name], f"the environment variable {reference.name}"
    else:
        text, called = _file_text(path, environment), f"{path}"
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise SecretUnreadable(f"{called} is empty")
    if any(ord(char) < ord(" ") or ord(char) == 0x7F for char in text):
        raise SecretUnreadable(f"{called} must be one line without control characters")
    return SecretStr(text)


def decoded(secret: SecretStr) -> bytes:
    """The bytes a base64 secret stands for; SecretUnreadable where it is not base64."""
    try:
        return base64.b64decode(secret.get_secret_value(), validate=True)
    except ValueError:
        raise SecretUnreadable("is not base64, padding included; copy it whole") from None


def private(path: Path, mode: int, environment: Mapping[str, str]) -> None:
    """Refuse a file of this mode that others can read: SecretUnreadable."""
    credentials = environment.get(CREDENTIALS_DIRECTORY)
    by_systemd = bool(credentials) and path.is_relative_to(str(credentials))
    if mode & (stat.S_IRWXO if by_systemd else stat.S_IRWXG | stat.S_IRWXO):
        raise SecretUnreadable(
            f"{path} can be read by others (mode {stat.S_IMODE(mode):04o}); run chmod 600 on it"
        )


def _file_text(path: Path, environment: Mapping[str, str]) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SecretUnreadable(f"{path} is not a regular file")
        with path.open("rb") as file:
            private(path, os.fstat(file.fileno()).st_mode, environment)
            data = file.read(SECRET_BYTES + 1)
    except OSError as error:
        raise SecretUnreadable(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > SECRET_BYTES:
        raise SecretUnreadable(f"{path} is larger than {SECRET_BYTES} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise SecretUnreadable(f"{path} is not UTF-8 text") from None


class Secrets:
    """Reads the references of one configuration, each once; paths start at its folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str], faults: Faults) -> None:
        self.environment = environment
        self._folder = folder
        self._faults = faults
        self._read: dict[Reference, SecretStr | SecretUnreadable] = {}

    def reference(self, node: Node, key: str) -> Reference | None:
        """Read where a secret is kept; None with its fault said."""
        if isinstance(node, Scalar):
            what = "missing" if node.value is None else "a secret and never written here"
            self._faults.add(node.place, f"{key} is {what}: {HOW}")
            return None
        if not isinstance(node, Block) or len(node.values) != 1:
            self._faults.add(node.place, f"{key} needs exactly one place to be kept: {HOW}")
            return None
        [(kind, inner)] = node.values.items()
        if kind == "sealed":
            self._faults.add(
                inner.place,
                f"{key}: sealed secrets are made by tillbridge secrets seal, which this version "
                f"does not have; {HOW}",
            )
        elif kind not in ("env", "file"):
            end = nearest(kind, ["env", "file"])
            self._faults.add(node.keys[kind], f"{key}: {HOW}, nothing else{end}")
        else:
            return self._kept(kind, inner, key)
        return None

    def _kept(self, kind: str, node: Node, key: str) -> Reference | None:
        name = node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""
        if kind == "file" and name:
            return Reference(kind="file", name=str(self.path(name)))
        if kind == "env" and re.match(ENVIRONMENT_NAME, name, re.ASCII):
            return Reference(kind="env", name=name)
        takes = "a path" if kind == "file" else "the name of a variable (A-Z, 0-9 and _)"
        self._faults.add(node.place, f"{key}: {kind} takes {takes}, not a value")
        return None

    def path(self, name: str) -> Path:
        """An absolute path; a relative one starts at the configuration's folder."""
        return self._folder.absolute() / name

    def secret(self, node: Node, key: str) -> SecretStr | None:
        """Read a secret by its reference; None with its fault said."""
        reference = self.reference(node, key)
        if reference is None:
            return None
        if reference not in self._read:
            try:
                self._read[reference] = read_secret(reference, self.environment)
            except SecretUnreadable as error:
                self._read[reference] = error
        secret = self._read[reference]
        if isinstance(secret, SecretUnreadable):
            self._faults.add(node.place, f"{key}: {secret}")
            return None
        return secret
