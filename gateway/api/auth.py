"""Who calls: a till proves it with its key, over every byte of the request (till-api.md §6)."""

import base64
import binascii
import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.engine.ports import Clock
from gateway.engine.refusal import Refused
from gateway.web.door import Unproved

SCHEME = "Tillbridge-HMAC-SHA256"

SKEW_SECONDS = 300
"""How far a till's clock may be off."""

NONCES_PER_TILL = 20_000
"""Thirty requests a second for the whole window: no till is that busy, so memory stays bounded."""

_FIELDS = {
    "till": re.compile(r"[A-Za-z0-9._:\-]{1,64}"),
    "ts": re.compile(r"[0-9]{1,12}"),
    "nonce": re.compile(r"[!-+\--~]{8,64}"),
    "sig": re.compile(r"[A-Za-z0-9+/]{43}="),
}

Tills = Callable[[], Mapping[str, tuple[str, bytes]]]
"""Every till's store and key, by its id; asked for at every request, it may change under way."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What the Authorization header says; `ts` in unix seconds."""

    till: str
    ts: int
    nonce: str
    sig: bytes = field(repr=False)


def read_proof(header: str | None) -> Proof:
    """Read an Authorization header; Unproved where it is not in our scheme, or not whole."""
    scheme, _, rest = (header or "").partition(" ")
    if scheme.lower() != SCHEME.lower():
        raise _unproved(f"send Authorization: {SCHEME} till=…, ts=…, nonce=…, sig=…")
    found: dict[str, str] = {}
    for part in rest.split(","):
        name, _, value = part.strip().partition("=")
        if name not in _FIELDS or name in found or not _FIELDS[name].fullmatch(value):
            raise _unproved("the Authorization header has a part that is not known or not whole")
        found[name] = value
    if found.keys() != _FIELDS.keys():
        missing = ", ".join(sorted(_FIELDS.keys() - found.keys()))
        raise _unproved(f"the Authorization header lacks {missing}")
    try:
        sig = base64.b64decode(found["sig"], validate=True)
    except binascii.Error:
        raise _unproved("sig is not base64") from None
    return Proof(till=found["till"], ts=int(found["ts"]), nonce=found["nonce"], sig=sig)


def signature(
    secret: bytes, *, ts: int | str, nonce: str, method: str, target: str, body: bytes
) -> bytes:
    """Sign a request as a till does; `target` is path and query exactly as sent."""
    said = "\n".join((str(ts), nonce, method, target, hashlib.sha256(body).hexdigest()))
    return hmac.digest(secret, said.encode("utf-8", "surrogateescape"), "sha256")


class Nonces:
    """Remembers what was seen within the window; a restart forgets, and repeating is safe."""

    def __init__(self) -> None:
        self._seen: dict[str, OrderedDict[str, float]] = {}

    def seen(self, till: str, nonce: str, *, until: float, now: float) -> bool:
        """Tell whether a nonce was seen before, and remember it; times in unix seconds.

        Refused `too_many_requests` where a till used up its memory for the window.
        """
        mine = self._seen.setdefault(till, OrderedDict())
        while mine and next(iter(mine.values())) < now:
            mine.popitem(last=False)
        if nonce in mine:
            return True
        if len(mine) >= NONCES_PER_TILL:
            raise Refused(
                "too_many_requests",
                f"more than {NONCES_PER_TILL} requests of one till in {2 * SKEW_SECONDS} s",
            )
        mine[nonce] = until
        return False


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Lets a till in, into its own store."""

    tills: Tills
    clock: Clock
    nonces: Nonces = field(default_factory=Nonces)

    def check(
        self, header: str | None, *, store: str, method: str, target: str, body: bytes
    ) -> None:
        """Raise Unproved or Refused `wrong_store` unless a till of this store said just this."""
        proof = read_proof(header)
        known = self.tills().get(proof.till)
        home, secret = known or ("", b"")
        expected = signature(
            secret, ts=proof.ts, nonce=proof.nonce, method=method, target=target, body=body
        )
        if not hmac.compare_digest(expected, proof.sig) or known is None:
            raise _unproved("no till with this id and key signed this request")
        now = self.clock.now()
        if abs(now.timestamp() - proof.ts) > SKEW_SECONDS:
            raise Unproved(
                "clock_skew",
                f"the till's clock says {_spelled(proof.ts)}, it may be {SKEW_SECONDS} s off",
                SCHEME,
                server_time=now,
            )
        until = now.timestamp() + 2 * SKEW_SECONDS
        if self.nonces.seen(proof.till, proof.nonce, until=until, now=now.timestamp()):
            raise Unproved("replayed", "this nonce was used before: take a new one", SCHEME)
        if home != store:
            raise Refused("wrong_store", f"till {proof.till} speaks for another store")


def _spelled(ts: int) -> str:
    try:
        return datetime.fromtimestamp(ts, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return f"{ts} s after 1970"


def _unproved(detail: str) -> Unproved:
    return Unproved("unauthenticated", detail, SCHEME)
