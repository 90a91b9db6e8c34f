"""What a reload may not change: what is read once, and what an entry still needs."""

from gateway.core.errors import Unauthorized
from gateway.engine.doors import Doors
from gateway.settings import Settings

READ_ONCE = ("listen", "data_dir", "till_auth", "tls", "seal_keys", "log")
"""Settings a running process cannot take up."""


def only_at_start(old: Settings, new: Settings) -> list[str]:
    """What is read once: a reload that changes it would promise what does not happen."""
    return [
        f"{name} changed: it is read at the start alone; restart, nothing was changed"
        for name in READ_ONCE
        if getattr(old, name) != getattr(new, name)
    ]


async def stranded(doors: Doors, settings: Settings) -> list[str]:
    """Lanes with entries may not lose the credential they are sent with (traps.md)."""
    found = []
    for lane in await doors.operator.lanes():
        waiting = lane["queued"] + lane["parked"]
        if not waiting:
            continue
        try:
            settings.account(lane["vendor"], lane["store"])
        except Unauthorized as error:
            found.append(
                f"{lane['lane']} still has entries waiting ({waiting}); keep its account until "
                f"they are delivered: {error.detail}"
            )
    return found
