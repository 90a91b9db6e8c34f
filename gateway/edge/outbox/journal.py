"""Acts on the journal: intend, settle, doubt, forget."""

from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any

from gateway.core.flow import Call, Reply
from gateway.edge.outbox.acts import Acts, instant, moment, stamp
from gateway.engine.rows import Step

KEPT_HEADERS = ("content-type", "retry-after", "date")
"""What of a vendor's headers a flow or an incident report may want to see again."""


class JournalActs(Acts):
    """The durable record of every call of every entry and conversation."""

    async def steps(self, owner: str) -> list[Step]:
        """Read a journal."""
        return [
            Step(
                position=position,
                name=name,
                fingerprint=fingerprint,
                fresh=bool(fresh),
                lost=lost,
                doubted_at=instant(doubted_at),
                reply=_reply(self._open(reply, f"step|{owner}|{position}")),
            )
            for position, name, fingerprint, fresh, lost, doubted_at, reply in await self._run(
                "steps", owner
            )
        ]

    async def intend(self, owner: str, position: int, call: Call) -> int:
        """Write down that a call will be sent; returns how many earlier tries had no reply."""
        [(lost,)] = await self._run(
            "intend", owner, position, call.step, call.fingerprint(), int(call.fresh)
        )
        return int(lost)

    async def withdraw(self, owner: str, position: int) -> None:
        """Take back the latest intention: it certainly did not arrive."""
        await self._run("withdraw_first", owner, position)
        await self._run("withdraw_again", owner, position)

    async def settle(self, owner: str, position: int, call: Call, reply: Reply) -> None:
        """Write down the reply to a call."""
        box = self._close(_kept(reply), f"step|{owner}|{position}")
        await self._run(
            "settle", owner, position, call.step, call.fingerprint(), int(call.fresh), box
        )

    async def doubt(self, owner: str, position: int, now: datetime) -> None:
        """Write down that nobody knows what became of a call."""
        await self._run("doubt", owner, position, stamp(now))

    async def doubted_since(self, owner: str, now: datetime) -> datetime:
        """When the latest call came into doubt; a call answered with nonsense is from now on."""
        await self._run("doubt_nonsense", owner, stamp(now))
        row = await self._one("doubted_since", owner)
        return moment(row[0]) if row and row[0] else now

    async def undoubt(self, owner: str) -> None:
        """Forget the calls in doubt: a person knows that they did not happen."""
        await self._run("undoubt", owner)

    async def forget(self, owner: str, position: int) -> None:
        """Forget a reply that was nonsense."""
        await self._run("forget_fresh", owner, position)
        await self._run("forget_reply", owner, position)


def _kept(reply: Reply) -> dict[str, Any]:
    return {
        "status": reply.status,
        "headers": {key: reply.headers[key] for key in KEPT_HEADERS if key in reply.headers},
        "body": b64encode(reply.body).decode(),
        "repeated": reply.repeated,
    }


def _reply(kept: dict[str, Any] | None) -> Reply | None:
    if kept is None:
        return None
    return Reply(
        status=kept["status"],
        headers=kept["headers"],
        body=b64decode(kept["body"]),
        repeated=kept["repeated"],
    )
