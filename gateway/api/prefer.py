"""How long a till waits for a final outcome: `Prefer` (RFC 7240), else the store's own wait."""

import re
from collections.abc import Iterable, Iterator

MOST_SECONDS = 30
"""No cashier waits longer, and no connection should."""

_WAIT = re.compile(r'"?([0-9]{1,9})"?')


def wait_seconds(headers: Iterable[str], default: float) -> float:
    """Seconds to wait, 0-30; `respond-async` alone is 0, what is not understood is ignored."""
    said: dict[str, str] = {}
    for name, value in _preferences(headers):
        said.setdefault(name, value)
    wait = _WAIT.fullmatch(said.get("wait", ""))
    if wait is not None:
        return float(min(int(wait.group(1)), MOST_SECONDS))
    return 0.0 if "respond-async" in said else min(default, float(MOST_SECONDS))


def _preferences(headers: Iterable[str]) -> Iterator[tuple[str, str]]:
    for header in headers:
        for preference in header.split(","):
            name, _, value = preference.partition(";")[0].partition("=")
            yield name.strip().lower(), value.strip()
