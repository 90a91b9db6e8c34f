"""The four vendors this house speaks to; others are found by entry point."""

from adapters.rbi import ADAPTER as RBI
from adapters.spendgo import ADAPTER as SPENDGO
from adapters.spoonity import ADAPTER as SPOONITY
from adapters.spoton import ADAPTER as SPOTON

ADAPTERS = (SPOONITY, SPENDGO, SPOTON, RBI)
