"""How a call is made Spoonity's: the location's key in the query (dossier 2)."""

from datetime import datetime
from urllib.parse import quote

from adapters.spoonity.settings import SpoonityCredentials
from gateway.core.adapter import Outgoing


def sign(outgoing: Outgoing, credentials: SpoonityCredentials, _now: datetime) -> Outgoing:
    """Add the key as the last query parameter; what was there stays as it was escaped."""
    key = quote(credentials.api_key.get_secret_value(), safe="")
    joint = "&" if "?" in outgoing.target else "?"
    target = f"{outgoing.target}{joint}{credentials.api_key_parameter}={key}"
    return outgoing.with_target(target).with_headers(Accept="application/json")
