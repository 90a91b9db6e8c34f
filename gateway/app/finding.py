"""The one place that finds adapters: the four of this house, and those of third parties."""

from importlib.metadata import entry_points

from adapters import ADAPTERS
from gateway.core.adapter import Adapter

ENTRY_POINTS = "tillbridge.adapters"
"""Where a third party's package offers its adapter."""


def find_adapters() -> dict[str, Adapter]:
    """Every adapter by name: the four of this house, and those of third parties."""
    found = {adapter.name: adapter for adapter in ADAPTERS}
    for point in entry_points(group=ENTRY_POINTS):
        adapter = point.load()
        if not isinstance(adapter, Adapter):
            raise TypeError(f"{point.value} of {ENTRY_POINTS} is no Adapter")
        found.setdefault(adapter.name, adapter)
    return found
