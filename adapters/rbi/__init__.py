"""RBI at a glance: what it is asked, what doubt means there, and what it cannot do."""

from adapters.rbi import flows
from adapters.rbi.refusals import understands
from adapters.rbi.sandbox import RbiSandbox
from adapters.rbi.settings import RbiAccount, RbiCredentials, RbiSite, RbiStore
from adapters.rbi.signing import sign
from gateway.core.adapter import Adapter, Says

ADAPTER = Adapter(
    name="rbi",
    title="RBI Loyalty (Burger King, Popeyes, Firehouse)",
    link={
        "base_url": None,
        "rate_per_second": 10,
        "connect_timeout": 2.0,
        "read_timeout": 10.0,
    },
    account=RbiAccount,
    credentials=RbiCredentials,
    store=RbiStore,
    site=RbiSite,
    operations={
        "identify": Says(flow=flows.identify, doubt="unproved", offline="refuse"),
        "release": Says(flow=flows.release, doubt="keyed", offline="queue"),
        "quote": Says(flow=flows.quote, doubt="read", offline="refuse"),
        "submit": Says(flow=flows.submit, doubt="keyed", offline="queue"),
        "void": Says(flow=flows.void, doubt="keyed", offline="queue"),
        "refund": Says(flow=flows.refund, doubt="keyed", offline="queue"),
    },
    cannot={
        "rewards": "RBI has no list of rewards; a guest's own come with the scan",
        "pay": "RBI's points are redeemed as rewards, never as money",
        "load": "RBI has no stored value and no points to add at the till",
        "reverse": "RBI takes no payments, so there is none to undo",
    },
    sign=sign,
    understands=understands,
    sandbox=RbiSandbox,
)
