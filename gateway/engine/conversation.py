"""Talks with a vendor at the door, while the till waits: identify, quote, list."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.core.errors import InDoubt, LookAgain, OrderRefused, Stuck, Unreachable
from gateway.core.operation import Name, Operation
from gateway.engine.accepting import says_of
from gateway.engine.desk import Desk
from gateway.engine.ports import Account
from gateway.engine.refusal import Refused, refused_by
from gateway.engine.routing import Route, Store

FOLLOWER_GRACE_SECONDS = 0.3
"""What a follower may still say once the primary vendor has answered: it delays nothing."""

T = TypeVar("T")


async def primary_first(talks: Sequence[Coroutine[Any, Any, T]]) -> list[asyncio.Task[T]]:
    """Hold all at once; wait for the first, and a moment for the others, who may be unfinished."""
    tasks = [asyncio.create_task(talk) for talk in talks]
    try:
        await asyncio.wait(tasks[:1])
        if len(tasks) > 1:
            await asyncio.wait(tasks[1:], timeout=FOLLOWER_GRACE_SECONDS)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        raise
    return tasks


def heard(task: asyncio.Task[T]) -> T | BaseException:
    """What a conversation came to: its result, or why there is none."""
    if not task.done():
        return Refused("vendor_unreachable", "no answer in time")
    return task.exception() or task.result()


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One operation that never stands in a lane; `owner` names its journal."""

    desk: Desk
    store: Store
    route: Route
    name: Name
    owner: str
    trace_id: str

    async def hold(self, operation: Operation, deadline: float | None) -> Any:
        """Run it, before a deadline if there is one; Refused where no answer came."""
        desk, route = self.desk, self.route
        adapter = desk.plan().adapters[route.adapter]
        says = says_of(adapter, self.name)
        facts = self._facts()
        try:
            async with asyncio.timeout(None if deadline is None else max(0.0, desk.left(deadline))):
                return await desk.runner.run(
                    says.flow(operation, route.site),
                    owner=self.owner,
                    account=Account(vendor=route.vendor, store=self.store.code),
                    site=route.site,
                    understands=adapter.understands,
                    facts=facts,
                )
        except OrderRefused as refused:
            raise refused_by(refused) from None
        except InDoubt:
            raise Refused(
                "vendor_unreachable",
                f"{route.vendor} may have heard the first try; ask the guest for a new code",
            ) from None
        except (Unreachable, LookAgain) as error:
            raise Refused("vendor_unreachable", f"{route.vendor}: {error.detail}") from None
        except Stuck as stuck:
            desk.log("conversation.failed", **facts, reason=stuck.reason, detail=stuck.detail)
            raise Refused("vendor_unreachable", f"{route.vendor}: {stuck.detail}") from None
        except TimeoutError:
            raise Refused(
                "vendor_unreachable", f"{route.vendor} did not answer within the till's wait"
            ) from None
        except Exception as fault:
            desk.log("conversation.failed", **facts, error=type(fault).__name__)
            raise

    def _facts(self) -> dict[str, Any]:
        """What every log line about it says."""
        return {
            "store": self.store.code,
            "vendor": self.route.vendor,
            "operation": self.name,
            "owner": self.owner,
            "trace_id": self.trace_id,
        }
