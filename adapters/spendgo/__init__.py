"""Spendgo at a glance: what it is asked, what doubt means there, and what it cannot do."""

from adapters.spendgo import flows
from adapters.spendgo.refusals import understands
from adapters.spendgo.sandbox import SpendgoSandbox
from adapters.spendgo.settings import (
    SpendgoAccount,
    SpendgoCredentials,
    SpendgoSite,
    SpendgoStore,
)
from adapters.spendgo.signing import sign
from gateway.core.adapter import Adapter, Says

ADAPTER = Adapter(
    name="spendgo",
    title="Spendgo",
    link={"base_url": None},
    account=SpendgoAccount,
    credentials=SpendgoCredentials,
    store=SpendgoStore,
    site=SpendgoSite,
    operations={
        "identify": Says(flow=flows.identify, doubt="keyed", offline="refuse"),
        "quote": Says(flow=flows.quote, doubt="keyed", offline="refuse"),
        "submit": Says(flow=flows.submit, doubt="keyed", offline="queue"),
        "void": Says(flow=flows.void, doubt="keyed", offline="queue"),
        "refund": Says(flow=flows.refund, doubt="keyed", offline="queue"),
    },
    cannot={
        "rewards": "Spendgo lists rewards of a member at a store, not of a brand: begin a visit",
        "release": "Spendgo holds nothing for a visit: there is nothing to give back",
        "pay": "Spendgo keeps no stored value; points are spent as an order's reward",
        "load": "Spendgo keeps no stored value",
        "reverse": "Spendgo keeps no stored value",
    },
    sign=sign,
    understands=understands,
    sandbox=SpendgoSandbox,
)
