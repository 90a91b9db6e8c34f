"""The ground the acts on the outbox stand on: statements, boxes and times."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.core import strict_json
from gateway.edge.outbox.database import Database, Row
from gateway.edge.seal import Seal, keyed_hash


class Acts:
    """One transaction's hands: run a named statement, close and open boxes."""

    def __init__(
        self, database: Database, sql: Mapping[str, str], seal: Seal, hash_key: bytes
    ) -> None:
        self._database = database
        self._sql = sql
        self._seal = seal
        self._hash_key = hash_key

    async def _run(self, name: str, *parameters: Any) -> list[Row]:
        return await self._database.execute(self._sql[name], parameters)

    async def _one(self, name: str, *parameters: Any) -> Row | None:
        rows = await self._run(name, *parameters)
        return rows[0] if rows else None

    def _close(self, value: Any, bound_to: str) -> bytes:
        return self._seal.close(strict_json.dumps(value), bound_to)

    def _open(self, box: bytes | None, bound_to: str) -> Any:
        return None if box is None else strict_json.loads_own(self._seal.open(box, bound_to))

    def _hashed(self, key: str) -> str:
        """Keep an order's key as it is, and a member's only as a keyed hash."""
        kind, _, name = key.partition(":")
        return f"{kind}:{keyed_hash(self._hash_key, name)}" if kind == "member" else key


def stamp(at: datetime | None) -> float | None:
    """Write a time as seconds since 1970."""
    return None if at is None else at.timestamp()


def instant(seconds: float | None) -> datetime | None:
    """Read a time that may be missing."""
    return None if seconds is None else moment(seconds)


def moment(seconds: float) -> datetime:
    """Read a time, aware UTC."""
    return datetime.fromtimestamp(seconds, UTC)
