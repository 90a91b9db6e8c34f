"""What an adapter says: calls, the replies it hears, and the flow between them."""

import hashlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from gateway.core import strict_json
from gateway.core.errors import VendorNonsense

R = TypeVar("R")
M = TypeVar("M", bound=BaseModel)

Pairs = tuple[tuple[str, str], ...]

STEPS = 60
"""Calls one flow may make: an unwind of the allowed depth stays well below."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One HTTP request an adapter wants made.

    No host, credential, clock reading or attempt number. `body` is a JSON value, `form` a form;
    at most one of them. `once`: it moves value and must not be sent twice. `fresh`: a read that
    must be asked again until something after it has been said. `optional`: a courtesy; if it gets
    no answer the flow goes on with a Reply of status 0.
    """

    step: str
    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    body: Any = None
    form: Pairs | None = None
    once: bool = False
    fresh: bool = False
    optional: bool = False

    def target(self) -> str:
        """Path and query exactly as they go on the wire, percent-escaped."""
        if not self.query:
            return self.path
        pairs = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in self.query)
        return f"{self.path}?{pairs}"

    def payload(self) -> bytes:
        """The body's bytes, serialised here and nowhere else; empty without a body."""
        if self.form is not None:
            return "&".join(
                f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in self.form
            ).encode()
        return b"" if self.body is None else strict_json.dumps(self.body)

    def fingerprint(self) -> str:
        """Name the whole call: two calls with one fingerprint say the same."""
        said = [self.step, self.method, self.target(), list(map(list, self.headers)), self.once]
        return hashlib.sha256(strict_json.dumps(said) + b"\n" + self.payload()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The answer to a call; header names are lower case.

    `repeated` says that an earlier try of this very step had no reply: only then may "already
    there" be read as success. A status of 0 is an optional call nobody answered.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    repeated: bool = False

    @property
    def ok(self) -> bool:
        """Tell whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Read the body as JSON with exact numbers; VendorNonsense if it is none."""
        try:
            return strict_json.loads(self.body)
        except strict_json.BadJson as error:
            raise VendorNonsense(
                f"HTTP {self.status} with a body that is not JSON: {error}"
            ) from None

    def parse(self, model: type[M]) -> M:
        """Read the body as one of the vendor's shapes; VendorNonsense says which field is off."""
        try:
            return model.model_validate(self.json())
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the body"
            raise VendorNonsense(f"HTTP {self.status}: {place}: {first['msg']}") from None


Flow = Generator[Call, Reply, R]
"""One operation of one adapter: yields calls, hears replies, returns its result."""

Speak = Callable[..., Flow[Any]]


def once(
    step: str, method: str, path: str, *, query: Pairs = (), headers: Pairs = (), body: Any = None
) -> Call:
    """Spell a call that moves value: sent at most once, or in doubt."""
    return Call(
        step=step, method=method, path=path, query=query, headers=headers, body=body, once=True
    )


def repeatable(
    step: str,
    method: str,
    path: str,
    *,
    query: Pairs = (),
    headers: Pairs = (),
    body: Any = None,
    form: Pairs | None = None,
    fresh: bool = False,
    optional: bool = False,
) -> Call:
    """Spell a call that may be sent again without harm."""
    return Call(
        step=step,
        method=method,
        path=path,
        query=query,
        headers=headers,
        body=body,
        form=form,
        fresh=fresh,
        optional=optional,
    )
