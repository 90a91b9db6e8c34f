"""Talks with a vendor at the door, while the till waits: identify, quote, list."""

import asyncio
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import InDoubt, LookAgain, OrderRefused, Stuck, Unreachable
from gateway.core.operation import Name, Operation
from gateway.engine.accepting import says_of
from gateway.engine.desk import Desk
from gateway.engine.ports import Account
from gateway.engine.refusal import Refused, refused_by
from gateway.engine.routing import Route, Store


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One operation that never stands in a lane; `owner` names its journal."""

    desk: Desk
    store: Store
    route: Route
    name: Name
    owner: str
    trace_id: str

    async def hold(self, operation: Operation, deadline: float) -> Any:
        """Run it before the deadline; Refused `vendor_unreachable` where no answer came."""
        desk, route = self.desk, self.route
        adapter = desk.plan().adapters[route.adapter]
        says = says_of(adapter, self.name)
        facts = {
            "store": self.store.code,
            "vendor": route.vendor,
            "operation": self.name,
            "owner": self.owner,
            "trace_id": self.trace_id,
        }
        try:
            async with asyncio.timeout(max(0.0, desk.left(deadline))):
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
