"""Spoonity, played strictly from its documentation: one request in, one answer out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.spoonity import checks
from adapters.spoonity.checks import Breach, Declined, Refused
from adapters.spoonity.world import (
    CLOSED,
    FIRST_REFERENCE,
    FIRST_TRANSACTION,
    POINTS,
    POINTS_PER_PAID_UNIT,
    POINTS_PER_UNIT,
    Deed,
    Member,
    Reward,
    Session,
    Switches,
    World,
    balances_view,
    check_in_view,
    collection,
    onscreen_view,
    perk_view,
    sample_world,
    session_view,
)
from gateway.core.sandbox import Held, SandboxRequest, SandboxResponse

COMPACT = (",", ":")
AS_DOCUMENTED = Switches()
NO_ERROR: Mapping[str, Any] = {"errors": [], "code": None, "reference_id": None}

_Body = dict[str, Any]
_Answer = tuple[int, _Body]


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A request that has passed the door: a known location and, unless it is a GET, an object."""

    call: str
    api_key: str
    query: Mapping[str, str]
    body: _Body
    now: datetime


class SpoonitySandbox:
    """The order and onscreen generation of Spoonity's API over a world of its own."""

    def __init__(self, switches: Switches = AS_DOCUMENTED, world: World | None = None) -> None:
        self._switches = switches
        self._world = sample_world() if world is None else world
        self._violations: list[str] = []
        self._calls: dict[str, Callable[[_Asked], _Answer]] = {
            "POST /onscreen": self._check_in,
            "GET /onscreen": self._read,
            "DELETE /onscreen": self._close,
            "GET /vendor/perk/redemption/list": self._list,
            "POST /order": self._order_or_gift_card,
            "DELETE /order": self._void,
            "POST /order/payments/loyalty": self._loyalty_pay,
        }

    @property
    def violations(self) -> Sequence[str]:
        """Every breach of the documented contract so far; no secret or identifier in any."""
        return tuple(self._violations)

    @property
    def ledger(self) -> Sequence[Held]:
        """What took effect, oldest first: an order at its total, every amount positive."""
        return tuple(
            Held(
                kind=deed.kind,
                receipt=deed.receipt,
                member=deed.member_id,
                amount=deed.amount,
                reference=deed.reference,
                standing=deed.kind != "submit" or deed.reference not in self._world.voided,
            )
            for deed in self._world.deeds
        )

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request; what is refused changes nothing but `violations`."""
        try:
            asked = self._admit(request)
            status, body = self._calls[asked.call](asked)
        except Refused as refused:
            if isinstance(refused, Breach):
                path = request.target.partition("?")[0]
                self._note(f"{request.method} {path}", [str(refused)])
            status, body = refused.status, refused.body
        return SandboxResponse(
            status=status,
            headers={"content-type": "application/json"},
            body=_written(body, quoted=self._switches.numbers_quoted),
        )

    def _note(self, call: str, sentences: Sequence[str]) -> None:
        self._violations += [f"{call}: {sentence}" for sentence in sentences]

    def _admit(self, request: SandboxRequest) -> _Asked:
        path, query = checks.read_target(request.target)
        if "api_key" not in query:
            raise Breach(401, "the query has no api_key; every request must carry one.")
        api_key = query.pop("api_key")
        if api_key not in self._world.stores:
            raise Refused(401, "The api_key is not that of any location.")
        call = f"{request.method} {path}"
        if call not in self._calls:
            methods = [known.split()[0] for known in self._calls if known.endswith(f" {path}")]
            if not methods:
                raise Breach(404, "No route found.")
            raise Breach(405, f"No route found: Method Not Allowed (Allow: {', '.join(methods)}).")
        unknown = sorted(query.keys() - checks.QUERY.get(call, frozenset()))
        self._note(call, [f"query parameter {name!r} is not documented." for name in unknown])
        body: _Body = {}
        if request.method != "GET":
            body = checks.read_body(request.headers, request.body)
        elif request.body:
            self._note(call, ["it has a body; a GET has none."])
        return _Asked(call=call, api_key=api_key, query=query, body=body, now=request.now)

    def _check_in(self, asked: _Asked) -> _Answer:
        self._note(asked.call, checks.unknown_fields("the body", asked.body, checks.CHECK_IN))
        member = self._world.member(asked.body["card_number"])
        if member is None:
            raise Refused(404, "No customer has this card number, e-mail address or phone number.")
        view = check_in_view(self._world.open(asked.api_key, member, asked.now))
        return self._switches.check_in_status, view

    def _session(self, asked: _Asked, session_hash: str) -> Session:
        session = self._world.session(asked.api_key, session_hash)
        if session is None:
            raise Refused(404, "This location has no open session with this pos_session_hash.")
        return session

    def _read(self, asked: _Asked) -> _Answer:
        if "pos_session_hash" not in asked.query:
            raise Breach(400, "the query has no pos_session_hash; it is required.")
        session = self._session(asked, asked.query["pos_session_hash"])
        return 200, onscreen_view(session, self._world)

    def _close(self, asked: _Asked) -> _Answer:
        self._note(asked.call, checks.unknown_fields("the body", asked.body, checks.CLOSE))
        session = self._session(asked, asked.body["pos_session_hash"])
        self._world.close(session)
        return 200, {"pos_session": session_view(session, CLOSED)}

    def _list(self, _asked: _Asked) -> _Answer:
        return 200, collection(*map(perk_view, self._world.rewards))

    def _order_or_gift_card(self, asked: _Asked) -> _Answer:
        gift_card = "amount" in asked.body
        if gift_card == ("subtotal" in asked.body):
            found = "both" if gift_card else "neither"
            raise Breach(
                400, f"the body has {found} of amount (gift card) and subtotal (order); one is due."
            )
        in_words = self._switches.success_as_text and not gift_card
        no, yes = ("false", "true") if in_words else (False, True)
        try:
            deed, receipt = self._gift_card(asked) if gift_card else self._order(asked)
        except Declined as declined:
            blank = {"reference_number": None, "success": no, "receipt_data": None}
            return 200, {**blank, "error": declined.error}
        body: _Body = {"reference_number": deed.reference, "success": yes}
        if not self._switches.receipt_data_missing:
            body["receipt_data"] = receipt
        return 200, {**body, "error": NO_ERROR}

    def _known(self, card_number: str) -> Member:
        member = self._world.member(card_number)
        if member is None:
            raise Declined("The customer is unknown.")
        return member

    def _order(self, asked: _Asked) -> tuple[Deed, _Body]:
        ticket, notes = checks.read_ticket(asked.body)
        self._note(asked.call, notes)
        member = self._known(ticket.card_number)
        known = {(order.api_key, order.receipt) for order in self._world.orders()}
        repeated = (asked.api_key, ticket.receipt_number) in known
        if repeated and self._switches.refuse_repeated_receipt:
            raise Declined("This location has already sent an order with this receipt number.")
        rewards = self._redeemed(ticket.wanted, member)
        earned = int(ticket.subtotal * POINTS_PER_UNIT)
        deed = Deed(
            kind="submit",
            api_key=asked.api_key,
            member_id=member.id,
            receipt=ticket.receipt_number,
            amount=ticket.total,
            reference=self._world.next_number(FIRST_REFERENCE),
            points=earned - sum(reward.cost for reward in rewards),
            discounts_field=ticket.discounts_field,
        )
        self._world.commit(deed)
        moves = [(earned, f"+{earned} pts")]
        moves += [(-reward.cost, f"-{reward.cost} pts {reward.name}") for reward in rewards]
        return deed, {
            "lines": [line for _, line in moves],
            "points": [{"currency": POINTS, "amount": n, "expiryDate": None} for n, _ in moves],
            "user": {"id": member.id, "balances": balances_view(member, self._world)},
        }

    def _redeemed(self, asked_for: Sequence[checks.Wanted], member: Member) -> list[Reward]:
        rewards = []
        for wanted in asked_for:
            reward = self._world.reward(wanted.identifier)
            if reward is None:
                raise Declined(f"The id of {wanted.place} names no reward of this brand.")
            if reward.for_item != wanted.on_item:
                home = "line_items[].discounts" if reward.for_item else "discounts"
                raise Declined(f"{reward.name} stands in {wanted.place}; it belongs in {home}.")
            rewards.append(reward)
        cost, points = sum(reward.cost for reward in rewards), self._world.points[member.id]
        if rewards and cost > points:
            raise Declined(f"The rewards cost {cost} points; the customer has {points}.")
        return rewards

    def _gift_card(self, asked: _Asked) -> tuple[Deed, _Body]:
        self._note(asked.call, checks.unknown_gift_card_fields(asked.body))
        change = checks.amount(asked.body["amount"])
        member = self._known(asked.body["card_number"])
        if self._world.money[member.id] + change < 0:
            raise Declined("The customer's Quick Pay balance is less than this amount.")
        deed = Deed(
            kind="pay" if change < 0 else "load",
            api_key=asked.api_key,
            member_id=member.id,
            receipt=asked.body.get("receipt_number"),
            amount=abs(change),
            reference=self._world.next_number(FIRST_REFERENCE),
            money=change,
        )
        self._world.commit(deed)
        balance = balances_view(member, self._world)[0]
        user = {"id": member.id, "card_number": asked.body["card_number"], "balances": [balance]}
        return deed, {"lines": [f"Quick Pay balance {balance['balance']}"], "user": user}

    def _loyalty_pay(self, asked: _Asked) -> _Answer:
        self._note(asked.call, checks.unknown_fields("the body", asked.body, checks.LOYALTY_PAY))
        try:
            deed = self._paid_with_points(asked)
        except Declined as declined:
            blank = {"success": False, "amount": None, "transaction_id": None}
            return 200, {**blank, "error": declined.error}
        taken = {"amount": -deed.amount, "transaction_id": deed.reference}
        return 200, {"success": True, **taken, "error": NO_ERROR}

    def _paid_with_points(self, asked: _Asked) -> Deed:
        amount = checks.amount(asked.body["amount"])
        member = self._known(asked.body["card_number"])
        if amount < 0 and not self._switches.negative_loyalty_pay:
            raise Declined("The amount is negative; a payment takes a positive one.")
        cost, points = int(abs(amount) * POINTS_PER_PAID_UNIT), self._world.points[member.id]
        if cost > points:
            raise Declined(f"This takes {cost} points; the customer has {points}.")
        deed = Deed(
            kind="pay",
            api_key=asked.api_key,
            member_id=member.id,
            receipt=None,
            amount=abs(amount),
            reference=self._world.next_number(FIRST_TRANSACTION),
            points=-cost,
        )
        self._world.commit(deed)
        return deed

    def _void(self, asked: _Asked) -> _Answer:
        self._note(asked.call, checks.unknown_fields("the body", asked.body, checks.VOID))
        world, reference = self._world, str(asked.body["receipt"])
        here = [order for order in world.orders() if order.api_key == asked.api_key]
        target = next((order for order in here if order.reference == reference), None)
        if target is None:
            raise Refused(404, "This location has no order with this reference number.")
        if reference in world.voided:
            raise Refused(400, "This order is already voided.")
        later = here[here.index(target) + 1 :]
        if any(o.member_id == target.member_id and o.reference not in world.voided for o in later):
            raise Refused(400, "The customer has a newer order here; void the newest first.")
        world.commit(replace(target, kind="void", points=-target.points))
        return 200, {"voided": True}


def _written(body: _Body, *, quoted: bool) -> bytes:
    """Compact JSON; amounts have two decimals and are small, so their float prints exactly."""
    text = json.dumps(body, default=float, separators=COMPACT)
    if quoted:
        text = json.dumps(json.loads(text, parse_int=str, parse_float=str), separators=COMPACT)
    return text.encode()
