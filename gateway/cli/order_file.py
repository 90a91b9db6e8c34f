"""An order in a file, `{"store", "order_id", "order"}`, as tills' developers keep their samples."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.core import strict_json

KEYS = ("store", "order_id", "order")

FILE_BYTES = 4 * 1024 * 1024
"""More than any order the gateway takes."""


class NoOrder(Exception):
    """The file holds no order; the text says why, and where."""


@dataclass(frozen=True, kw_only=True)
class OrderFile:
    """An order as it is written, not yet checked; `store` is empty where the file names none."""

    store: str
    order_id: str
    order: dict[str, Any]

    @property
    def till(self) -> str:
        """The till the order itself names."""
        return str(self.order.get("till", ""))


def read_order_file(path: Path) -> OrderFile:
    """Read an order with its store and id, or an order alone; NoOrder says what it is instead."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise NoOrder(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > FILE_BYTES:
        raise NoOrder(f"{path} is larger than {FILE_BYTES} bytes: that is no order")
    try:
        value = strict_json.loads(data)
    except strict_json.BadJson as error:
        raise NoOrder(f"{path}:{error.line}:{error.column}: {error}") from None
    if isinstance(value, dict) and "order" not in value and "lines" in value:
        value = {"order_id": value.get("receipt_number", ""), "order": value}
    if not isinstance(value, dict) or not isinstance(value.get("order"), dict):
        raise NoOrder(f'{path} must hold {{"store", "order_id", "order"}}, or an order alone')
    if unknown := [key for key in value if key not in KEYS]:
        raise NoOrder(f"{path}: found {', '.join(unknown)} beside {', '.join(KEYS)}")
    return OrderFile(
        store=str(value.get("store", "")),
        order_id=str(value.get("order_id", "")),
        order=value["order"],
    )
