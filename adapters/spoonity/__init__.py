"""Spoonity at a glance: what it is asked, what doubt means there, and what it cannot do."""

from adapters.spoonity import flows
from adapters.spoonity.refusals import understands
from adapters.spoonity.sandbox import SpoonitySandbox
from adapters.spoonity.settings import (
    SpoonityAccount,
    SpoonityCredentials,
    SpoonitySite,
    SpoonityStore,
)
from adapters.spoonity.signing import sign
from gateway.core.adapter import Adapter, Says

ADAPTER = Adapter(
    name="spoonity",
    title="Spoonity",
    link={
        "base_url": "https://api.spoonity.com",
        "rate_per_second": 5,
        "connect_timeout": 3.0,
        "read_timeout": 15.0,
    },
    account=SpoonityAccount,
    credentials=SpoonityCredentials,
    store=SpoonityStore,
    site=SpoonitySite,
    operations={
        "identify": Says(flow=flows.identify, doubt="read", offline="refuse"),
        "release": Says(flow=flows.release, doubt="keyed", offline="queue"),
        "rewards": Says(flow=flows.rewards, doubt="read", offline="refuse"),
        "quote": Says(flow=flows.quote, doubt="read", offline="local"),
        "submit": Says(flow=flows.submit, doubt="unproved", offline="queue"),
        "void": Says(flow=flows.void, doubt="unproved", offline="queue"),
        "refund": Says(flow=flows.refund, doubt="unproved", offline="queue"),
        "pay": Says(flow=flows.pay, doubt="money", offline="refuse"),
        "load": Says(flow=flows.load, doubt="money", offline="refuse"),
        "reverse": Says(flow=flows.reverse, doubt="money", offline="refuse"),
    },
    cannot={},
    sign=sign,
    understands=understands,
    sandbox=SpoonitySandbox,
    voids_newest_first=True,
)
