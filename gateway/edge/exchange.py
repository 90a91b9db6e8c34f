"""One request on the wire and its reply, or which of the two silences came instead."""

import asyncio
import re
import zlib
from types import SimpleNamespace

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from gateway.core.adapter import Link, Outgoing
from gateway.core.errors import NoReply, NotSent, Unreachable
from gateway.core.flow import Reply

MAX_REPLY_BYTES = 256 * 1024
"""The longest page of rewards or reports is a tenth of it; more is not meant for us."""

CONNECTIONS = 100
"""At once, over all vendors; who finds none free within its connect time-out was not sent."""

_TARGET = re.compile(r'/[!"$-~]*', re.ASCII)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_INFLATABLE = ("gzip", "x-gzip", "deflate")


def carriable(outgoing: Outgoing) -> bool:
    """Tell whether HTTP can carry a request exactly as it is, with nothing smuggled in."""
    if not _TARGET.fullmatch(outgoing.target) or outgoing.target.endswith("?"):
        return False
    return all(
        _HEADER_NAME.fullmatch(name) and value.isprintable()
        for name, value in outgoing.headers.items()
    )


class Exchange:
    """Speaks HTTP as the house needs it: no redirect, cookie, proxy or second try by itself."""

    def __init__(self) -> None:
        self._kept: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Get ready to connect."""
        self._kept = _session(force_close=False)
        self._fresh = _session(force_close=True)

    async def stop(self) -> None:
        """Close every connection."""
        for session in (self._kept, self._fresh):
            if session is not None:
                await session.close()

    async def send(self, base: URL, outgoing: Outgoing, link: Link, *, fresh: bool) -> Reply:
        """Send these very bytes, at most once, and return the reply whatever its status.

        `fresh` asks for a connection of its own. NotSent: it certainly did not leave; NoReply: it
        may have arrived. Neither names more of the request than the host.
        """
        session = self._fresh if fresh else self._kept
        if session is None:
            raise NotSent("the gateway is not started")
        host = f"{base.host}:{base.port}"
        attempt = _Attempt(link.read_timeout)
        try:
            async with asyncio.timeout(link.connect_timeout) as attempt.limit:
                return await _converse(session, base, outgoing, attempt, host)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            fault = _lost(error, host, link) if attempt.left else _unsent(error, host, link)
        # Raised out here so that no traceback leads back to an error that shows the URL.
        raise fault


class _Attempt:
    """Where a request stands: connecting, or possibly gone out."""

    def __init__(self, read_seconds: float) -> None:
        self._read_seconds = read_seconds
        self.limit: asyncio.Timeout
        self.left = False

    def leave(self) -> None:
        """From here on it may arrive; the time to answer begins."""
        self.left = True
        self.limit.reschedule(asyncio.get_running_loop().time() + self._read_seconds)


def _session(*, force_close: bool) -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_on_leaving)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=force_close, limit=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=("Content-Type",),
        trace_configs=[trace],
        middlewares=[_no_second_try],
    )


async def _on_leaving(
    _session: aiohttp.ClientSession,
    context: SimpleNamespace,
    _params: aiohttp.TraceRequestHeadersSentParams,
) -> None:
    context.trace_request_ctx.leave()


async def _no_second_try(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Hide a broken connection from aiohttp, which would send PUT, DELETE and GET again."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        raise aiohttp.ClientConnectionError("the connection broke") from None


async def _converse(
    session: aiohttp.ClientSession, base: URL, outgoing: Outgoing, attempt: _Attempt, host: str
) -> Reply:
    headers = CIMultiDict({"User-Agent": "tillbridge"})
    for name, value in outgoing.headers.items():
        headers[name] = value
    headers["Accept-Encoding"] = "identity"
    response = await session.request(
        outgoing.method,
        _url(base, outgoing.target),
        headers=headers,
        data=outgoing.body or None,
        allow_redirects=False,
        trace_request_ctx=attempt,
    )
    try:
        body = await _read(response, host)
    finally:
        response.close()
    heard: dict[str, str] = {}
    for name, value in response.headers.items():
        key = name.lower()
        heard[key] = f"{heard[key]}, {value}" if key in heard else value
    encoding = heard.get("content-encoding", "identity").strip().lower()
    return Reply(status=response.status, headers=heard, body=_inflated(body, encoding, host))


def _url(base: URL, target: str) -> URL:
    """Put the host before a target without touching the target."""
    path, _, query = target.partition("?")
    return URL.build(
        scheme=base.scheme,
        host=base.host_subcomponent or "",
        port=base.explicit_port,
        path=path,
        query_string=query,
        encoded=True,
    )


async def _read(response: aiohttp.ClientResponse, host: str) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_REPLY_BYTES:
            raise NoReply(f"{host} answered more than {MAX_REPLY_BYTES} bytes")
    return bytes(body)


def _inflated(body: bytes, encoding: str, host: str) -> bytes:
    """Open what was packed although we asked for it plain, and not further than the limit."""
    if encoding == "identity" or not body:
        return body
    if encoding not in _INFLATABLE:
        raise NoReply(f"{host} packed its answer in a way that was not asked for")
    try:
        pump = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        plain = pump.decompress(body, MAX_REPLY_BYTES + 1)
    except zlib.error:
        raise NoReply(f"{host} answered a broken {encoding} body") from None
    if len(plain) > MAX_REPLY_BYTES:
        raise NoReply(f"{host} answered more than {MAX_REPLY_BYTES} bytes, packed")
    if not pump.eof:
        raise NoReply(f"{host} answered only the start of a {encoding} body")
    return plain


def _unsent(error: Exception, host: str, link: Link) -> Unreachable:
    """Say why nothing left."""
    if isinstance(error, TimeoutError):
        return NotSent(f"no connection to {host} within {link.connect_timeout:g} s")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return NotSent(f"the name of {host} is not resolved")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return NotSent(f"the certificate of {host} does not prove that it is theirs")
    if isinstance(error, aiohttp.ClientSSLError):
        return NotSent(f"no TLS connection to {host}")
    if isinstance(error, ConnectionRefusedError) or (
        isinstance(error, aiohttp.ClientConnectorError)
        and isinstance(error.os_error, ConnectionRefusedError)
    ):
        return NotSent(f"{host} refuses connections")
    return NotSent(f"no connection to {host} ({type(error).__name__})")


def _lost(error: Exception, host: str, link: Link) -> Unreachable:
    """Say how an answer failed to come."""
    if isinstance(error, TimeoutError):
        return NoReply(f"{host} did not answer within {link.read_timeout:g} s")
    if isinstance(error, aiohttp.ClientPayloadError):
        return NoReply(f"{host} broke off in the middle of its answer")
    if isinstance(error, aiohttp.ClientResponseError):
        return NoReply(f"{host} answered something that is not HTTP")
    return NoReply(f"{host} closed the connection without an answer")
