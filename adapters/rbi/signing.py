"""How a call is made RBI's: the account's key, nothing else (dossier 2)."""

from datetime import datetime

from adapters.rbi.settings import RbiCredentials
from gateway.core.adapter import Outgoing


def sign(outgoing: Outgoing, credentials: RbiCredentials, _now: datetime) -> Outgoing:
    """Add `x-api-key`; region and local time are public and already said by the flow."""
    return outgoing.with_headers(x_api_key=credentials.api_key.get_secret_value())
