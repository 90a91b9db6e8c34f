"""The first request a vendor would be sent for an order, byte for byte, with secrets masked."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import SecretStr
from yarl import URL

from gateway.core.adapter import Adapter, Credentials, Link, Outgoing
from gateway.core.errors import OrderRefused
from gateway.core.flow import Call
from gateway.core.order import Order
from gateway.core.outcome import Outcome
from gateway.edge.clock import SystemClock
from gateway.edge.vendor import spelled
from gateway.engine.accepting import submit_of
from gateway.engine.routing import Route
from gateway.engine.runner import first_call

MASK = "********"

PUBLIC = frozenset({"accept", "content-type"})
"""Headers a signature may set and everyone may read; all others it adds prove who we are."""

TOKEN = "TOKEN"  # noqa: S105 - stands where a token will be, and is masked with its header
"""What stands for a token that is fetched before the call."""


@dataclass(frozen=True, kw_only=True)
class FirstRequest:
    """One request as it goes on the wire, or why there is none; `then` says what follows it."""

    request: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    then: str = ""

    @property
    def text(self) -> str:
        """The request as people read it."""
        lines = [self.request, *(f"{name}: {value}" for name, value in self.headers)]
        body = ["", self.body] if self.body else []
        return "\n".join([*lines, *body, *([f"({self.then})"] if self.then else []), ""])


def first_request(
    order_id: str,
    order: Order,
    route: Route,
    adapter: Adapter,
    link: Link,
    credentials: Credentials,
) -> FirstRequest:
    """Translate an order for a route's vendor as if no visit and no quote came before."""
    now = SystemClock().now()
    says = adapter.operations["submit"]
    submit = submit_of(order_id, order, route, None, None, now)
    try:
        call = first_call(says.flow(submit, route.site))
    except OrderRefused as refused:
        place = f"{refused.path}: " if refused.path else ""
        return FirstRequest(request=f"refused at the till, {refused.code}: {place}{refused.detail}")
    if not isinstance(call, Call):
        return FirstRequest(request=_nothing(call))
    base = URL(link.base_url)
    plain = spelled(call, base.raw_path.rstrip("/"))
    token = Outgoing(
        method=plain.method,
        target=plain.target,
        headers=plain.headers,
        body=plain.body,
        token=TOKEN,
    )
    signed = adapter.sign(token, credentials, now)
    return FirstRequest(
        request=f"{signed.method} {base.origin()}{_masked(signed.target, credentials)}",
        headers=tuple(_headers(plain, signed)),
        body=signed.body.decode(),
        then=f"step {call.step}; what is said next depends on the answer",
    )


def _nothing(outcome: object) -> str:
    if isinstance(outcome, Outcome):
        return f"nothing is said: {outcome.kind}, {outcome.reason}"
    return "nothing is said"


def _headers(plain: Outgoing, signed: Outgoing) -> Iterator[tuple[str, str]]:
    for name, value in signed.headers.items():
        proves = plain.headers.get(name) != value and name.lower() not in PUBLIC
        yield name, MASK if proves else value


def _masked(target: str, credentials: Credentials) -> str:
    for value in credentials.model_dump().values():
        if isinstance(value, SecretStr):
            secret = value.get_secret_value()
            for spelling in (quote(secret, safe=""), secret):
                target = target.replace(spelling, MASK)
    return target
