"""SpotOn at a glance: what it is asked, what doubt means there, and what it cannot do."""

from adapters.spoton import flows
from adapters.spoton.refusals import understands
from adapters.spoton.sandbox import SpotonSandbox
from adapters.spoton.settings import (
    PHYSICAL_SECONDS,
    SpotonAccount,
    SpotonCredentials,
    SpotonSite,
    SpotonStore,
)
from adapters.spoton.signing import sign, sign_token, uses_tokens
from gateway.core.adapter import Adapter, Authorize, Says

ADAPTER = Adapter(
    name="spoton",
    title="SpotOn",
    link={"base_url": "https://api.spoton.com", "connect_timeout": 3.0, "read_timeout": 20.0},
    account=SpotonAccount,
    credentials=SpotonCredentials,
    store=SpotonStore,
    site=SpotonSite,
    operations={
        "quote": Says(flow=flows.quote, doubt="read", offline="refuse"),
        "submit": Says(
            flow=flows.submit, doubt="physical", offline="queue", max_age_seconds=PHYSICAL_SECONDS
        ),
        "void": Says(flow=flows.void, doubt="keyed", offline="queue"),
    },
    cannot={
        "identify": "SpotOn's Order API has no members to find; an order may name its customer",
        "release": "without visits, SpotOn holds nothing that could be given back",
        "rewards": "SpotOn's Order API is no loyalty engine and lists no rewards",
        "refund": "SpotOn takes no refund of an order; a whole order can be voided",
        "pay": "SpotOn's Order API takes paid orders and moves no stored value",
        "load": "SpotOn's Order API takes paid orders and moves no stored value",
        "reverse": "SpotOn's Order API moves no stored value that could be moved back",
    },
    sign=sign,
    understands=understands,
    sandbox=SpotonSandbox,
    authorize=Authorize(
        flow=flows.authorize,
        sign=sign_token,
        url=lambda site: str(site.token_url),
        needed=uses_tokens,
    ),
)
