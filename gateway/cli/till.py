"""How a till proves who it is, on the till's side of the contract (till-api.md §6)."""

import base64
from dataclasses import dataclass, field

from gateway.api.auth import SCHEME, signature
from gateway.edge.clock import SystemChance, SystemClock


@dataclass(frozen=True, kw_only=True)
class TillKey:
    """A till's name and its secret key, the decoded bytes."""

    till: str
    secret: bytes = field(repr=False)

    def authorization(self, method: str, target: str, body: bytes) -> str:
        """The Authorization header of one request, made now; it is good once."""
        timestamp = int(SystemClock().now().timestamp())
        nonce = SystemChance().identity()
        mac = signature(
            self.secret, ts=timestamp, nonce=nonce, method=method, target=target, body=body
        )
        sig = base64.b64encode(mac).decode("ascii")
        return f"{SCHEME} till={self.till}, ts={timestamp}, nonce={nonce}, sig={sig}"
