"""How a call is made SpotOn's: a bearer token or an API key; Basic where the token is fetched."""

import base64
from datetime import datetime

from adapters.spoton.settings import SpotonCredentials
from gateway.core.adapter import Outgoing


def sign(outgoing: Outgoing, credentials: SpotonCredentials, now: datetime) -> Outgoing:
    """Prove who calls, by API key where the account has one, else by token (dossier 2)."""
    del now  # SpotOn signs no time
    asking = outgoing.with_headers(Accept="application/json")
    if credentials.api_key is not None:
        key = credentials.api_key.get_secret_value()
        return asking.with_headers(**{credentials.api_key_header: key})
    return asking.with_headers(Authorization=f"Bearer {outgoing.token}")


def sign_token(outgoing: Outgoing, credentials: SpotonCredentials, now: datetime) -> Outgoing:
    """Prove who asks for a token: Basic, client id and secret (dossier 2)."""
    del now  # Basic has no time
    parts = (credentials.client_id, credentials.client_secret)
    client = ":".join(part.get_secret_value() for part in parts if part is not None)
    basic = base64.b64encode(client.encode()).decode("ascii")
    return outgoing.with_headers(Accept="application/json", Authorization=f"Basic {basic}")


def uses_tokens(credentials: SpotonCredentials) -> bool:
    """Tell whether calls need a token: not where an API key is enough."""
    return credentials.api_key is None
