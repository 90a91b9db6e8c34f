"""One HTTP server the command line talks to: the gateway, at a host and port or a Unix socket."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from yarl import URL

from gateway.core import strict_json

PATIENCE_SECONDS = 40.0
"""A till may ask for 30 seconds of waiting, and the answer takes its way."""

Into = Callable[[bytes], object]
"""Where a long answer goes, piece by piece."""

SOCKET = "unix:"
SCHEMES = ("http://", "https://", SOCKET)


class Unanswered(Exception):
    """Nobody answers at that address, or not with what is expected."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Tell whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Read the body as JSON; Unanswered if it is none."""
        try:
            return strict_json.loads(self.body)
        except strict_json.BadJson:
            raise Unanswered(f"answered {self.status} with a body that is not JSON") from None


class Peer:
    """A server by its URL, `http://host:port` or `unix:PATH`; use as a context."""

    def __init__(self, url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        if not url.startswith(SCHEMES):
            raise Unanswered(f"{url} is no address; allowed: http://host:port, https:, unix:PATH")
        self.url = url
        self._patience_seconds = patience_seconds
        self._base = "http://gateway" if url.startswith(SOCKET) else url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector: aiohttp.BaseConnector = aiohttp.TCPConnector()
        if self.url.startswith(SOCKET):
            connector = aiohttp.UnixConnector(self.url.removeprefix(SOCKET))
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(total=self._patience_seconds)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(
        self,
        method: str,
        target: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        into: Into | None = None,
    ) -> Heard:
        """Send one request, `target` exactly as it is; Unanswered where nobody answers.

        With `into` the body of a 2xx goes there; Unanswered if it breaks off.
        """
        if self._session is None:
            raise RuntimeError("a Peer is used as a context")
        kind = {"Content-Type": "application/json"} if body else {}
        try:
            async with self._session.request(
                method,
                URL(self._base + target, encoded=True),
                data=body or None,
                headers={**kind, **(headers or {})},
                allow_redirects=False,
            ) as reply:
                named = {name.lower(): value for name, value in reply.headers.items()}
                if into is not None and reply.ok:
                    async for piece in reply.content.iter_any():
                        into(piece)
                return Heard(status=reply.status, headers=named, body=await reply.read())
        except TimeoutError:
            waited = f"{self._patience_seconds:.0f} s"
            raise Unanswered(f"{self.url} did not answer in {waited}") from None
        except aiohttp.ClientPayloadError:
            raise Unanswered(f"{self.url} broke off in the middle of its answer") from None
        except aiohttp.ClientConnectorError as error:
            raise Unanswered(f"nobody answers at {self.url}: {error.os_error.strerror}") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(f"nobody answers at {self.url}: {error or type(error)}") from None


def ask_once(
    url: str,
    method: str,
    target: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    into: Into | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Heard:
    """Ask a server one thing; Unanswered where nobody answers."""

    async def ask() -> Heard:
        async with Peer(url, patience_seconds=patience_seconds) as peer:
            return await peer.ask(method, target, body=body, headers=headers, into=into)

    return asyncio.run(ask())
