"""Spendgo, played strictly from its documentation: one request in, one answer out."""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.spendgo import checks
from adapters.spendgo.checks import GUEST, Breach, Claim, Refused, Ticket
from adapters.spendgo.world import (
    SPEND_THRESHOLD,
    VALUE_PER_POINT,
    Account,
    Order,
    Switches,
    World,
    price,
    sample_world,
)
from gateway.core.money import json_number
from gateway.core.sandbox import Held, SandboxRequest, SandboxResponse
from gateway.core.strict_json import dumps

AS_DOCUMENTED = Switches()
ACCOUNTS = "/loyalty/accounts"
_Answer = tuple[int, Mapping[str, Any]]
"""A status and a body."""


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A request that has passed the door."""

    call: str
    account: Account
    member_id: str
    query: Mapping[str, str]
    body: bytes


class SpendgoSandbox:
    """The server-to-server calls of Spendgo's API over a world of its own."""

    def __init__(self, switches: Switches = AS_DOCUMENTED, world: World | None = None) -> None:
        self._switches = switches
        self._world = sample_world() if world is None else world
        self._violations: list[str] = []
        self._errors = 0
        self._routes: Mapping[str, Callable[[_Asked], _Answer]] = {
            f"POST {ACCOUNTS}": self._enrol,
            f"GET {ACCOUNTS}/{{spendgo_id}}/rewards": self._rewards,
            f"GET {ACCOUNTS}/{{spendgo_id}}/balance": self._balance,
            f"POST {ACCOUNTS}/{{spendgo_id}}/orders": self._order,
        }

    @property
    def violations(self) -> Sequence[str]:
        """Every breach of the documented contract so far; no secret or identifier in any."""
        return tuple(self._violations)

    @property
    def ledger(self) -> Sequence[Held]:
        """What took effect, oldest first; an order is a `submit` once billed, at its total."""
        return self._world.ledger

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request; what is refused changes nothing but `violations`."""
        call, member_id, query = checks.read_target(request.method, request.target)
        try:
            account = self._authenticated(request)
            self._look_over(call, [name for name, _ in query], request)
            status, body = self._routes[call](
                _Asked(
                    call=call,
                    account=account,
                    member_id=member_id,
                    query=dict(query),
                    body=request.body,
                )
            )
        except Refused as refused:
            status, body = refused.status, self._error(call, refused)
        plain = status < 300 and self._switches.plain_text
        media_type = "text/plain" if plain else "application/json"
        return SandboxResponse(
            status=status,
            headers={"content-type": media_type},
            body=b"OK" if plain else dumps(body),
        )

    def _note(self, call: str, sentences: Iterable[str]) -> None:
        self._violations += [f"{call}: {sentence}" for sentence in sentences]

    def _complain(self, call: str, refused: Refused) -> None:
        if isinstance(refused, Breach):
            self._note(call, [str(refused)])

    def _error(self, call: str, refused: Refused) -> Mapping[str, Any]:
        self._complain(call, refused)
        self._errors += 1
        stage = {} if refused.stage is None else {"status": refused.stage}
        words = {"message": "The request was refused.", "details": str(refused)}
        return {"id": f"E-{self._errors}", "code": refused.code, **stage, **words}

    def _authenticated(self, request: SandboxRequest) -> Account:
        """The account whose key and signature a request carries, asked in the order of 4.1."""
        given = request.headers.get("x-class-signature")
        if not given:
            raise Breach(401, 1001, "X-Class-Signature is missing.")
        key = request.headers.get("x-class-key")
        if not key:
            raise Breach(401, 1002, "X-Class-Key is missing.")
        account = self._world.accounts.get(key)
        if account is None:
            raise Refused(401, 1003, "X-Class-Key is not that of any account.")
        path, _, _ = request.target.partition("?")
        uri = request.target if self._switches.sign_query else path
        expected = checks.signature(account.signing_key, uri, request.body)
        if not hmac.compare_digest(expected, given.encode(errors="surrogateescape")):
            raise Breach(401, 1004, "X-Class-Signature is not that of this path, query and body.")
        return account

    def _look_over(self, call: str, names: Sequence[str], request: SandboxRequest) -> None:
        """Refuse what no documented call looks like, and note what is wrong but answered."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Breach(400, checks.GENERIC, "Content-Type is not application/json.")
        if call not in self._routes:
            raise Breach(404, checks.GENERIC, f"no such call; there are {', '.join(self._routes)}.")
        allowed = ["store"] if call.endswith("/rewards") else []
        if names != allowed[: len(names)]:
            self._note(call, [f"the query names {names}; it may name {allowed}."])
        if request.method == "GET" and request.body:
            self._note(call, ["it has a body; a GET must have none."])
        if not checks.is_minified(request.body):
            self._note(call, ["the body has blanks outside its texts; it must be minified."])

    def _known(self, asked: _Asked) -> str:
        """The id in the path, of a member there is."""
        member_id = asked.member_id
        if not (member_id.isascii() and member_id.isdecimal()):
            raise Breach(400, checks.BAD_MEMBER, "the member id in the path must be digits.")
        if member_id not in self._world.members:
            bad_id = self._switches.unknown_member_is_bad_id
            status, code = (400, checks.BAD_MEMBER) if bad_id else (404, checks.GENERIC)
            raise Refused(status, code, "There is no member with this id.")
        return member_id

    def _store(self, asked: _Asked, code: str) -> str:
        if code not in asked.account.stores:
            raise Refused(400, checks.BAD_STORE, "The account has no store with this code.")
        return code

    def _enrol(self, asked: _Asked) -> _Answer:
        body = checks.read(checks.Enrolment, asked.body)
        self._note(asked.call, checks.undocumented(body))
        wanted, members = body.customer, self._world.members.values()
        found = next((member for member in members if member.phone == wanted.phone), None)
        owners = (member for member in members if wanted.email and member.email == wanted.email)
        if next(owners, found) is not found:
            bad_request = self._switches.clash_is_bad_request
            status, code = (400, checks.GENERIC) if bad_request else (409, checks.CONFLICT)
            raise Refused(status, code, "The e-mail address belongs to another member.")
        if found is not None:
            return 200, {"id": found.id, "status": "Active"}
        if self._switches.verify_new_members or wanted.verify_email:
            return 202, {"status": "WaitingEmailVerification"}
        return 201, {"id": self._world.enrol(wanted.phone, wanted.email).id, "status": "Active"}

    def _rewards(self, asked: _Asked) -> _Answer:
        member_id = self._known(asked)
        if "store" not in asked.query:
            raise Breach(400, checks.BAD_STORE, "the query has no store; it is required.")
        store = self._store(asked, asked.query["store"])
        rewards = self._world.list_rewards(member_id, store, self._switches.program)
        caps = self._switches.capitalised
        views = [self._world.view(reward, member_id, capitalised=caps) for reward in rewards]
        return 200, {"rewards": views}

    def _balance(self, asked: _Asked) -> _Answer:
        return 200, _balance_view(self._world, self._known(asked), self._switches)

    def _order(self, asked: _Asked) -> _Answer:
        ticket = checks.read(Ticket, asked.body)
        self._note(asked.call, checks.undocumented(ticket))
        try:
            order = self._reported(asked, ticket)
        except Refused as refused:
            refused.stage = ticket.status
            raise
        transaction: dict[str, Any] = {"id": order.transaction} if order.transaction else {}
        transaction["status"] = ticket.status
        if ticket.status in {"checkout", "placed"}:
            transaction["discount"] = json_number(order.promised)
        if order.message:
            transaction["message"] = order.message
        in_list = self._switches.transaction_in_list
        return 200, {"transaction": [transaction] if in_list else transaction}

    def _reported(self, asked: _Asked, ticket: Ticket) -> Order:
        """The order after this report; as it was, where the same is reported again."""
        if ticket.brand != asked.account.id:
            raise Breach(403, checks.GENERIC, "brand is not the account id of this key.")
        self._store(asked, ticket.vendor)
        member_id = None if asked.member_id == GUEST else self._known(asked)
        if self._switches.check_sums:
            checks.check_sums(ticket)
        order = Order(ticket=ticket, member_id=member_id, sent=asked.body)
        before = self._world.find(asked.account.id, ticket)
        if before and before.repeated_by(order):
            if self._switches.repeat_conflicts:
                raise Refused(409, checks.CONFLICT, f"The order is already {ticket.status}.")
            return before
        checks.check_move(ticket, before.ticket if before else None)
        if before:
            self._note(asked.call, checks.inconstancies(ticket, before.ticket))
        if ticket.status == "checkout":
            order = self._promised(asked.call, order)
        else:
            order = self._carried(order, before or order)
        return self._world.report(asked.account.id, order)

    def _claim(self, order: Order) -> Claim | None:
        """The reward an order asks for: its member was shown it at its store, and has it still."""
        ticket, member_id = order.ticket, order.member_id or GUEST
        checks.check_claims(ticket, member_id)
        for claim in ticket.basket.rewards:
            if (member_id, ticket.vendor, claim.id) not in self._world.listed:
                raise Refused(400, checks.NOT_APPLIED, "The reward was not listed at this store.")
            takes = ticket.status in {"checkout", "placed", "billed"}
            if takes and not self._world.has_left(member_id, claim):
                raise Refused(400, checks.NOT_APPLIED, "The member has not enough of it left.")
            return claim
        return None

    def _promised(self, call: str, order: Order) -> Order:
        """An order at checkout, with what its reward is worth or why it cannot be applied."""
        try:
            return self._promise(call, order)
        except Refused as refused:
            if order.member_id is None or self._switches.refused_reward_fails:
                raise
            self._complain(call, refused)
            return replace(order, message=str(refused))

    def _promise(self, call: str, order: Order) -> Order:
        claim = self._claim(order)
        if claim is None:
            return order
        reward = self._world.rewards[claim.id]
        if not reward.is_bank and claim.discount != reward.value:
            self._note(call, ["the discount of a reward at checkout is not its listed value."])
        worth = price(reward, claim.discount, order.ticket)
        if worth == 0:
            raise Refused(400, checks.NOT_APPLIED, "The reward fits nothing in the basket.")
        return replace(order, reward_id=claim.id, promised=worth)

    def _carried(self, order: Order, before: Order) -> Order:
        """An order after checkout, with what the reports before it have brought about."""
        ticket, claim = order.ticket, self._claim(order)
        if order.member_id != before.member_id:
            raise Breach(403, checks.GENERIC, "the order is another member's.")
        known = {before.transaction}
        if self._switches.refund_without_transaction:
            known.add(None)
        if ticket.status == "refunded" and ticket.transaction not in known:
            raise Breach(400, checks.GENERIC, "transaction is not the id that billed answered.")
        after = replace(before, ticket=ticket, sent=order.sent, message=None)
        if claim is None and before.reward_id is None:
            return after
        if claim is None or claim.id != before.reward_id or not self._fits(claim, before):
            raise Breach(400, checks.NOT_APPLIED, "the reward is not as checkout has validated it.")
        return after if before.transaction else replace(after, spent=claim.discount)

    def _fits(self, claim: Claim, before: Order) -> bool:
        """Whether a reward's discount is the validated one, or part of it where that may be."""
        is_bank = self._world.rewards[claim.id].is_bank
        if is_bank and self._switches.program == "shop_with_points":
            return 0 < claim.discount <= before.promised
        return claim.discount == before.promised


def _balance_view(world: World, member_id: str, switches: Switches) -> dict[str, Any]:
    """A member's points as decimals, and the rewards without ids, spelled `Rebate` (3.3)."""
    points, program = world.points[member_id], switches.program
    rewards = []
    for reward in world.owned(member_id, program):
        view = world.view(reward, member_id, capitalised=switches.capitalised)
        del view["id"]
        view |= {"offer": reward.offer.capitalize(), "quantity": float(view["quantity"])}
        if reward.is_bank and program == "shop_with_points":
            view["value_per_point"] = json_number(VALUE_PER_POINT)
        elif reward.is_bank:
            view["points"] = float(points)
        rewards.append(view)
    balance = {"quantity": float(points), "Units" if switches.capitalised else "units": "points"}
    if program == "points":
        next_reward = {"spend_threshold": float(SPEND_THRESHOLD), "label": "$10 Off"}
        return {**balance, **next_reward, "rewards": rewards}
    return {**balance, "label": program.replace("_", " ").title(), "rewards": rewards}
