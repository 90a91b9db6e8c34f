"""What the door says no to, before anything is stored."""

from collections.abc import Iterable

from gateway.core.errors import OrderRefused
from gateway.core.totals import Fault

RETRYABLE = frozenset({"vendor_unreachable", "offline_refused", "storage_full", "draining"})
"""Codes after which the same request may be sent again."""


class Refused(Exception):
    """The door says no; `code` is a problem code of till-api.md §4, nothing was stored."""

    def __init__(self, code: str, detail: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.faults = tuple(faults)

    @property
    def retryable(self) -> bool:
        """Tell whether the same request may be sent again."""
        return self.code in RETRYABLE


def refused_by(refusal: OrderRefused) -> Refused:
    """What an adapter cannot say, as the till is told: with the place, where there is one."""
    fault = Fault(code=refusal.code, path=refusal.path, message=refusal.detail)
    return Refused(refusal.code, refusal.detail, [fault] if refusal.path else ())
