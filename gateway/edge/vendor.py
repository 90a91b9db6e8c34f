"""Says an adapter's call to its vendor: spell it, sign it, send it, return what came back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from yarl import URL

from gateway.core.adapter import Adapter, Authorize, Credentials, Link, Outgoing, Site, Token
from gateway.core.errors import NoReply, NotSent, Stuck, Throttled, Unauthorized, VendorNonsense
from gateway.core.flow import STEPS, Call, Reply
from gateway.core.outcome import Reason
from gateway.edge.exchange import Exchange, carriable
from gateway.edge.token import Tokens, key_of
from gateway.engine.policy import retry_after
from gateway.engine.ports import Account, Clock
from gateway.engine.runner import first_call

Accounts = Callable[[str, str], tuple[Adapter, Link, Credentials]]
"""(vendor, store) -> who they are, where they are, and what proves that we are we."""

TOKEN_TRIES = 2
"""A kept token may have been withdrawn; the next one that is refused is an answer."""


class Unsendable(Stuck):
    """A call says something HTTP cannot carry."""

    reason: Reason = "gateway_fault"


@dataclass(frozen=True, kw_only=True)
class _Door:
    """One account as it is at the moment of sending."""

    vendor: str
    adapter: Adapter
    link: Link
    credentials: Credentials

    @property
    def base(self) -> URL:
        return URL(self.link.base_url)


class VendorClient:
    """Sends calls with the credentials of the moment; the engine's `Send`."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._exchange = Exchange()
        self._tokens = Tokens(clock)

    async def start(self) -> None:
        """Get ready to connect."""
        await self._exchange.start()

    async def stop(self) -> None:
        """Close every connection."""
        await self._exchange.stop()

    async def __call__(self, account: Account, call: Call, site: Site) -> Reply:
        """Sign and send one call, at most once; return the reply whatever its status.

        Raises NotSent, Unauthorized and Throttled among them, if it certainly did not arrive,
        NoReply if it may have, Unsendable if it can never be sent.
        """
        adapter, link, credentials = self._accounts(account.vendor, account.store)
        door = _Door(vendor=account.vendor, adapter=adapter, link=link, credentials=credentials)
        outgoing = spelled(call, door.base.raw_path.rstrip("/"))
        authorize = adapter.authorize
        if authorize is None or not authorize.needed(credentials):
            return await self._send(door, outgoing, fresh=call.once)
        return await self._send_with_token(door, outgoing, site, authorize, fresh=call.once)

    async def _send(self, door: _Door, outgoing: Outgoing, *, fresh: bool) -> Reply:
        signed = self._signed(door, outgoing, door.adapter.sign)
        return await self._exchange.send(door.base, signed, door.link, fresh=fresh)

    async def _send_with_token(
        self, door: _Door, outgoing: Outgoing, site: Site, authorize: Authorize, *, fresh: bool
    ) -> Reply:
        """Send with a token; a kept one that is refused (401: nothing was done) is fetched anew."""
        ask = spelled(first_of(authorize, site))
        key = key_of(authorize.url(site), self._signed(door, ask, authorize.sign))
        fetch = partial(self._fetch, door, authorize, site)
        for _ in range(TOKEN_TRIES):
            token, is_new = await self._tokens.get(key, fetch)
            reply = await self._send(door, replace(outgoing, token=token), fresh=fresh)
            if reply.status != 401:
                return reply
            self._tokens.drop(key, token)
            if is_new:
                break
        return reply

    async def _fetch(self, door: _Door, authorize: Authorize, site: Site) -> Token:
        """Run the small flow that gets a token; NotSent in one of its shapes if there is none."""
        flow = authorize.flow(site)
        place = URL(authorize.url(site))
        try:
            call = next(flow)
            for _ in range(STEPS):
                call = flow.send(await self._granted(door, authorize, place, call))
        except StopIteration as end:
            token: Token = end.value
            return token
        except VendorNonsense:
            raise NotSent(f"{place.host} answered no token that we understand") from None
        finally:
            flow.close()
        raise NotSent(f"{place.host} gave no token within {STEPS} calls")

    async def _granted(self, door: _Door, authorize: Authorize, place: URL, call: Call) -> Reply:
        signed = self._signed(door, spelled(call), authorize.sign)
        try:
            reply = await self._exchange.send(place, signed, door.link, fresh=False)
        except NoReply as error:
            raise NotSent(f"no token: {error.detail}") from None
        if reply.status in {400, 401}:
            raise Unauthorized(f"{place.host} gives our client no token: HTTP {reply.status}")
        if reply.status == 429:
            raise Throttled(
                f"{place.host} gives no token: HTTP 429", retry_after_seconds=retry_after(reply)
            )
        if not reply.ok:
            raise NotSent(f"{place.host} gives no token: HTTP {reply.status}")
        return reply

    def _signed(
        self, door: _Door, outgoing: Outgoing, sign: Callable[[Outgoing, Any, Any], Outgoing]
    ) -> Outgoing:
        if not carriable(outgoing):
            raise Unsendable(
                "the call's path or a header of it holds a control character or an unescaped one"
            )
        signed = sign(outgoing, door.credentials, self._clock.now())
        if not carriable(signed):
            raise Unauthorized(
                f"a credential of {door.vendor} holds a line break or another character that no "
                "header may carry; look at the end of its file or variable"
            )
        return signed


def spelled(call: Call, prefix: str = "") -> Outgoing:
    """Spell a call as bytes, its path behind the account's own."""
    headers = {"Accept": "application/json"}
    if call.form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    elif call.body is not None:
        headers["Content-Type"] = "application/json"
    return Outgoing(
        method=call.method,
        target=prefix + call.target(),
        headers={**headers, **dict(call.headers)},
        body=call.payload(),
    )


def first_of(authorize: Authorize, site: Site) -> Call:
    """Take the call a token is asked for with; Unsendable if the flow makes none."""
    call = first_call(authorize.flow(site))
    if isinstance(call, Token):
        raise Unsendable("the adapter's authorize flow makes no call")
    return call
