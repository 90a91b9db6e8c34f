"""SpotOn, played strictly from its documentation: one request in, one answer out."""

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from adapters.spoton import checks
from adapters.spoton.checks import Breach, Order, Refusal, broken
from adapters.spoton.world import Menu, Placed, Proposed, Switches, World, sample_world, written
from gateway.core import strict_json
from gateway.core.sandbox import Held, SandboxRequest, SandboxResponse

AS_DOCUMENTED = Switches()

UNPRICED = ("state", "payments", "totals", "signature")
"""All that may be added to a cart between propose and submit (dossier 4.2)."""


@dataclass(frozen=True, kw_only=True)
class _Ask:
    """A request that found its route: what its path names and what its query says."""

    request: SandboxRequest
    location_id: str
    path: Mapping[str, str]
    query: Mapping[str, str]


_Answer = Callable[[_Ask], SandboxResponse]


def _match(template: str, path: str) -> dict[str, str] | None:
    """What the template's names stand for in a raw path, None if it is another path."""
    wanted, found = template.split("/"), [unquote(part) for part in path.split("/")]
    pairs = list(zip(wanted, found, strict=False))
    if len(wanted) != len(found) or any(w != f and not w.startswith("{") for w, f in pairs):
        return None
    return {w[1:-1]: f for w, f in pairs if w.startswith("{")}


def _json(status: int, value: Any) -> SandboxResponse:
    headers = {"content-type": "application/json"}
    return SandboxResponse(status=status, headers=headers, body=strict_json.dumps(value))


class SpotonSandbox:
    """SpotOn's Central API as the dossier has it, over a world that tests can look into."""

    def __init__(self, switches: Switches = AS_DOCUMENTED, world: World | None = None) -> None:
        self.switches = switches
        self.world = sample_world() if world is None else world
        self._violations: list[str] = []
        menus = "/menu/v1/locations/{location_id}/menus"
        reporting = "/reporting/v1/locations/{location_id}/orders"
        self._routes: tuple[tuple[str, str, _Answer, frozenset[str]], ...] = (
            ("POST", "/oauth2/v1/token", self._token, frozenset()),
            ("GET", "/business/v1/livez", lambda _: _json(200, {"status": "ok"}), frozenset()),
            ("GET", "/business/v1/locations/{location_id}", self._location, frozenset()),
            ("GET", menus, self._menus, frozenset({"page"})),
            ("GET", f"{menus}/{{menu_id}}/items", self._items, frozenset({"page"})),
            ("GET", reporting, self._report, frozenset({"page", "last_updated_from"})),
            ("POST", switches.path_propose, self._propose, frozenset()),
            ("POST", switches.path_submit, self._submit, frozenset()),
            ("POST", switches.path_cancel, self._cancel, frozenset()),
        )

    @property
    def violations(self) -> Sequence[str]:
        """Every breach of the documented contract so far; no secret or identifier in any."""
        return tuple(self._violations)

    @property
    def ledger(self) -> Sequence[Held]:
        """Every submit and every cancel by the caller, in the order they took effect."""
        return self.world.held()

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request; a refused one changes nothing."""
        try:
            return self._routed(request)
        except Refusal as no:
            if isinstance(no, Breach):
                self._note(request, f"{no.code}: {no.message}")
            details = [{"field": field, "reason": reason} for field, reason in no.faults]
            return _json(no.status, {"code": no.code, "message": no.message, "details": details})

    def _note(self, request: SandboxRequest, sentence: str) -> None:
        self._violations.append(f"{request.method} {request.target.partition('?')[0]}: {sentence}")

    def _note_unknown(self, request: SandboxRequest, what: str, names: Iterable[str]) -> None:
        for name in sorted(names):
            self._note(request, f"the {what} {name!r} is unknown")

    def _routed(self, request: SandboxRequest) -> SandboxResponse:
        path, _, query = request.target.partition("?")
        matched = False
        for method, template, answer, known in self._routes:
            named = _match(template, path)
            matched = matched or named is not None
            if named is None or method != request.method:
                continue
            asked = dict(parse_qsl(query, keep_blank_values=True))
            location_id = named.get("location_id", "")
            ask = _Ask(request=request, location_id=location_id, path=named, query=asked)
            if "location_id" in named:
                self._admit(ask)
            self._note_unknown(request, "query parameter", asked.keys() - known)
            return answer(ask)
        status, code = (405, "METHOD_NOT_ALLOWED") if matched else (404, "NOT_FOUND")
        raise Breach(status, code, "SpotOn has no such call")

    def _admit(self, ask: _Ask) -> None:
        """Let in who may speak for this location; Refusal 401 or 403."""
        headers, api_key = ask.request.headers, self.switches.auth_mode == "api_key"
        if "application/json" not in headers.get("accept", ""):
            self._note(ask.request, "the header Accept: application/json is missing")
        name = self.switches.api_key_header.lower() if api_key else "authorization"
        sent = headers.get(name, "")
        if not sent or not (api_key or sent.startswith("Bearer ")):
            raise Breach(401, "UNAUTHENTICATED", f"no credential in {name}")
        expires_at = self.world.tokens.get(sent.removeprefix("Bearer "), ask.request.now)
        if not (sent == self.world.api_key if api_key else ask.request.now < expires_at):
            raise Refusal(401, "UNAUTHENTICATED", f"the credential in {name} is wrong or expired")
        location = self.world.locations.get(ask.location_id)
        if location is None or not location.granted:
            raise Refusal(403, "PERMISSION_DENIED", f"{ask.location_id} is not granted")

    def _token(self, ask: _Ask) -> SandboxResponse:
        """Give a service token, with OAuth's own error body (RFC 6749 section 5.2)."""
        request, world = ask.request, self.world
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        kind = request.headers.get("content-type", "")
        if not kind.startswith("application/x-www-form-urlencoded"):
            self._note(request, "the body must be sent as application/x-www-form-urlencoded")
        self._note_unknown(request, "form field", form.keys() - {"grant_type", "scope"})
        pair = base64.b64encode(f"{world.client_id}:{world.client_secret}".encode()).decode()
        scopes = set(form.get("scope", "").split())
        if request.headers.get("authorization") != f"Basic {pair}":
            return _json(401, {"error": "invalid_client", "error_description": "unknown client"})
        if form.get("grant_type") != "client_credentials":
            self._note(request, "grant_type must be client_credentials")
            return _json(400, {"error": "unsupported_grant_type"})
        if not scopes or not scopes <= world.scopes:
            described = f"granted are {' '.join(sorted(world.scopes))}"
            return _json(400, {"error": "invalid_scope", "error_description": described})
        token, seconds = world.numbered("tok"), self.switches.token_seconds
        world.tokens[token] = request.now + timedelta(seconds=seconds)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": seconds}
        return _json(200, {**answer, "scope": form["scope"]})

    def _location(self, ask: _Ask) -> SandboxResponse:
        place = self.world.locations[ask.location_id]
        answer = {"id": place.location_id, "name": place.name, "timezone": place.timezone}
        return _json(200, {"location": answer})

    def _menus(self, ask: _Ask) -> SandboxResponse:
        menus = [menu for menu in self.world.menus.values() if menu.location_id == ask.location_id]
        rows = [{"id": menu.menu_id, "name": menu.name} for menu in menus]
        return self._paged(ask, "menus", rows)

    def _items(self, ask: _Ask) -> SandboxResponse:
        items = self._menu(ask, ask.path["menu_id"]).items
        return self._paged(ask, "items", [item.answer() for item in items.values()])

    def _report(self, ask: _Ask) -> SandboxResponse:
        try:
            since = checks.instant(ask.query.get("last_updated_from"))
        except ValueError as error:
            raise broken("INVALID_ARGUMENT", ("last_updated_from", str(error))) from None
        then = ask.request.now - timedelta(seconds=self.switches.reporting_lag_seconds)
        orders = self.world.reported(ask.location_id, then)
        rows = [order.row(self.switches) for order in orders if order.updated_at >= since]
        return self._paged(ask, "orders", rows)

    def _paged(self, ask: _Ask, name: str, rows: Sequence[Any]) -> SandboxResponse:
        page, size = ask.query.get("page", "1"), self.switches.page_size
        if not re.fullmatch(r"[1-9][0-9]{0,8}", page):
            raise broken("INVALID_ARGUMENT", ("page", "must be a whole number from 1"))
        shown = rows[(int(page) - 1) * size : int(page) * size]
        pagination = {"page": int(page), "total_pages": max(1, -(-len(rows) // size))}
        return _json(200, {name: shown, "pagination": pagination})

    def _body(self, ask: _Ask) -> dict[str, Any]:
        if not ask.request.headers.get("content-type", "").startswith("application/json"):
            self._note(ask.request, "the header Content-Type: application/json is missing")
        try:
            body = strict_json.loads(ask.request.body)
        except strict_json.BadJson as error:
            raise broken("INVALID_ARGUMENT", ("", f"not JSON as it must be: {error}")) from None
        if not isinstance(body, dict):
            raise broken("INVALID_ARGUMENT", ("", "must be an object"))
        return body

    def _order(self, ask: _Ask) -> tuple[dict[str, Any], Order]:
        """Read what propose and submit share: the cart as it was sent, and the order."""
        raw, wrapper = self._body(ask), self.switches.request_wrapper
        if wrapper is not None:
            if list(raw) != [wrapper] or not isinstance(raw[wrapper], dict):
                raise broken("INVALID_ARGUMENT", (wrapper, "the body must be this object alone"))
            raw = raw[wrapper]
        order = checks.read_order(raw)
        self._note_unknown(ask.request, "field", checks.unknown_fields(order))
        if not order.menu_id:
            raise broken("MENU_ID_REQUIRED", ("menu_id", "required on every order"))
        self._menu(ask, order.menu_id)
        checks.check_cart(order, ask.location_id, strict=self.switches.strict)
        return {name: raw[name] for name in raw if name not in UNPRICED}, order

    def _menu(self, ask: _Ask, menu_id: str) -> Menu:
        menu = self.world.menus.get(menu_id)
        if menu is None or menu.location_id != ask.location_id:
            raise Refusal(404, "MENU_NOT_FOUND", f"{ask.location_id} has no menu {menu_id}")
        return menu

    def _propose(self, ask: _Ask) -> SandboxResponse:
        """Price a cart strictly; repeatable, nothing happens in the restaurant."""
        cart, order = self._order(ask)
        world, switches = self.world, self.switches
        checks.check_prices(order.line_items, world.menus[order.menu_id])
        totals = checks.priced(order, world.tax_rate)
        if order.totals and order.totals.tax_total != totals["tax_total"]:
            reason = f"{order.totals.tax_total}, the menu makes {totals['tax_total']}"
            raise Refusal(422, "TAX_MISMATCH", reason, ("totals.tax_total", reason))
        answer = {**cart, "totals": totals}
        expires_at = ask.request.now + timedelta(seconds=switches.signature_seconds)
        if switches.requires_signature:
            value = world.numbered("sig")
            answer["signature"] = {"value": value, "expires_at": written(expires_at)}
        proposed = Proposed(
            location_id=ask.location_id,
            cart=cart,
            totals=totals,
            signature=answer.get("signature"),
            expires_at=expires_at,
        )
        world.proposals.append(proposed)
        return self._said(answer)

    def _submit(self, ask: _Ask) -> SandboxResponse:
        """Take a finished and paid order laxly; it is accepted at once."""
        cart, order = self._order(ask)
        switches, now, reference = self.switches, ask.request.now, order.external_reference_id
        totals = checks.check_paid(order, strict=switches.strict)
        here = [one for one in self.world.proposals if one.location_id == ask.location_id]
        if switches.requires_signature:
            unedited = [one for one in here if one.prices(cart, totals)]
            checks.check_signature(order, unedited, now)
        earlier = [one for one in here if one.cart.get("external_reference_id", "") == reference]
        if reference and earlier and not earlier[-1].prices(cart, totals):
            self._note(ask.request, "the cart was edited after its propose")
        if switches.dedupe_by_external_reference_id and reference:
            for placed in self.world.orders.values():
                if (placed.location_id, placed.reference) == (ask.location_id, reference):
                    return self._said(placed.answer(switches))
        return self._said(self._place(ask, cart, order, totals).answer(switches))

    def _place(
        self, ask: _Ask, cart: dict[str, Any], order: Order, totals: dict[str, int]
    ) -> Placed:
        world, spelt = self.world, self.switches.spelt
        customer_id = order.customer.id if order.customer else ""
        if order.customer and not customer_id and order.customer.record:
            customer_id = world.numbered("cus")
            world.customers[customer_id] = order.customer.record
        payments = tuple(
            {"id": world.numbered("pay"), "type": spelt("payment", p.type), "amount": p.amount}
            for p in order.payments
        )
        placed = Placed(
            order_id=world.numbered("ord"),
            location_id=ask.location_id,
            cart=cart,
            totals=totals,
            fulfillment=order.fulfillment.granted(ask.request.now, self.switches),
            customer_id=customer_id or None,
            payments=payments,
            placed_at=ask.request.now,
        )
        return world.place(placed)

    def _cancel(self, ask: _Ask) -> SandboxResponse:
        """Cancel a standing order; a canceled one is 409."""
        self._note_unknown(ask.request, "field", self._body(ask))
        order = self.world.orders.get(ask.path["order_id"])
        if order is None or order.location_id != ask.location_id:
            raise Refusal(404, "ORDER_NOT_FOUND", "there is no such order at this location")
        if order.canceled_at is not None:
            raise Refusal(409, "ORDER_ALREADY_CANCELED", f"{order.order_id} is canceled")
        canceled = self.world.cancel(order.order_id, ask.request.now)
        if self.switches.cancel_answers_body:
            return self._said(canceled.answer(self.switches))
        return SandboxResponse(status=204)

    def _said(self, order: Mapping[str, Any]) -> SandboxResponse:
        wrapper = self.switches.response_wrapper
        return _json(200, order if wrapper is None else {wrapper: order})
