"""How a call is made Spendgo's: its key, and an HMAC over the exact bytes sent (dossier 2)."""

import base64
import hmac
from datetime import datetime

from adapters.spendgo.settings import SpendgoCredentials
from gateway.core.adapter import Outgoing

DIGESTS = {"hmac-sha256": "sha256", "hmac-sha512": "sha512"}


def sign(outgoing: Outgoing, credentials: SpendgoCredentials, _now: datetime) -> Outgoing:
    """Add key, signature and content type; the time plays no part, signatures never expire."""
    uri = outgoing.target
    if not credentials.sign_includes_query:
        uri = uri.partition("?")[0]
    others = {k: v for k, v in outgoing.headers.items() if k.lower() != "content-type"}
    headers = {
        **others,
        "Content-Type": credentials.content_type,
        credentials.header_key: credentials.api_key.get_secret_value(),
        credentials.header_signature: signature(uri.encode() + outgoing.body, credentials),
    }
    return Outgoing(
        method=outgoing.method,
        target=outgoing.target,
        headers=headers,
        body=outgoing.body,
        token=outgoing.token,
    )


def signature(said: bytes, credentials: SpendgoCredentials) -> str:
    """Sign path, query and body, joined with nothing between them."""
    mac = hmac.digest(credentials.key(), said, DIGESTS[credentials.sign_algorithm])
    if credentials.signature_encoding == "hex":
        return mac.hex()
    return base64.b64encode(mac).decode()
