"""RBI, played strictly from its documentation: one request in, one answer out."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from adapters.rbi import checks
from adapters.rbi.checks import MALFORMED, NOT_CLAIMABLE, Ask, Breach, Findings, Refusal
from adapters.rbi.world import RULES, Guest, Store, Switches, Transaction, Want, World, sample_world
from gateway.core import strict_json
from gateway.core.money import from_minor_units, json_number
from gateway.core.sandbox import Held, SandboxRequest, SandboxResponse

AS_DOCUMENTED = Switches()


def _json(status: int, value: Any) -> SandboxResponse:
    headers = {"content-type": "application/json"}
    return SandboxResponse(status=status, headers=headers, body=strict_json.dumps(value))


def _cents(ask: Ask) -> int:
    return sum(payment["amount"] for payment in ask.details["payments"])


class RbiSandbox:
    """The loyalty middleware as the dossier has it, over a world that tests can look into."""

    def __init__(self, switches: Switches = AS_DOCUMENTED, world: World | None = None) -> None:
        self.switches = switches
        self.world = sample_world() if world is None else world
        self._violations: list[str] = []
        pos = "/loyalty/transaction/pos"
        self._routes: tuple[tuple[str, str, Callable[[Ask], SandboxResponse]], ...] = (
            ("POST", "/loyalty/identify", self._identify),
            (switches.validate_method, f"{pos}/validate/([^/]+)", self._validate),
            ("PUT", f"{pos}/([^/]+)/void", self._void),
            ("PUT", f"{pos}/([^/]+)", self._update),
            ("POST", pos, self._unclaimed),
            ("POST", "/loyalty/promo-code/redeem", self._promo),
        )

    @property
    def violations(self) -> Sequence[str]:
        """Every breach of the documented contract so far; no key and no code in any."""
        return tuple(self._violations)

    @property
    def ledger(self) -> Sequence[Held]:
        """Every hold (its amount is in points), claim and void, in the order they took effect."""
        return self.world.held()

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request; a refused one changes nothing."""
        if self.switches.pending_ttl_s is not None:
            self.world.expire(request.now, self.switches.pending_ttl_s)
        try:
            return self._routed(request)
        except Refusal as no:
            if isinstance(no, Breach):
                self._note(request, str(no))
            older = self.switches.old_codes and no.code.isupper()
            code = no.code.title().replace("_", "") if older else no.code
            body = {"code": code, "statusCode": no.status, "message": no.message}
            return _json(no.status, {**body, "details": no.details})

    def _note(self, request: SandboxRequest, sentence: str) -> None:
        self._violations.append(f"{request.method} {request.target.partition('?')[0]}: {sentence}")

    def _routed(self, request: SandboxRequest) -> SandboxResponse:
        path, _, query = request.target.partition("?")
        methods = []
        for method, pattern, answer in self._routes:
            hit = re.fullmatch(pattern, path)
            methods += [method] if hit else []
            if hit and method == request.method:
                local = checks.local_time(request.headers)
                key = self.world.api_keys.get(request.headers["x-region"])
                if key != request.headers["x-api-key"]:
                    raise Refusal(401, "Unauthorized", "x-api-key is not that of x-region")
                if query:
                    self._note(request, "the query must be empty")
                if not request.headers.get("content-type", "").startswith("application/json"):
                    self._note(request, "the header Content-Type: application/json is missing")
                named, body = unquote("".join(hit.groups())), checks.read_body(request.body)
                return answer(Ask(request=request, transaction_id=named, local=local, body=body))
        if methods:
            raise Breach(405, "MethodNotAllowed", f"the method must be {' or '.join(methods)}")
        raise Breach(404, "NotFound", "there is no such call")

    def _checked(self, ask: Ask, found: Findings) -> Store:
        """Note or refuse what was found; the store that the request names."""
        for note in found.notes:
            self._note(ask.request, note)
        if found.faults:
            code = NOT_CLAIMABLE if [name for name, _ in found.faults] == ["status"] else MALFORMED
            message = "; ".join(f"{name} {reason}" for name, reason in found.faults)
            details = [{"field": name, "message": reason} for name, reason in found.faults]
            raise Breach(400, code, message, details)
        store = self.world.stores.get(str(ask.details["posVendor"]["storeId"]))
        if store is None:
            raise Refusal(404, "StoreNotFound", "posVendor.storeId is no store of this market")
        return store

    def _identify(self, ask: Ask) -> SandboxResponse:
        """Open a transaction and hold what was picked in the app; a code is used up by it."""
        shape, vendor = checks.IDENTIFY, checks.POS_VENDOR
        self._checked(ask, checks.at_root(ask.body, shape, vendor, self.switches))
        world, now, identifier = self.world, ask.request.now, ask.body["identifier"]
        guest, keys = self._guest(identifier, now)
        wanted = [Want(incentive=one, count=1) for one in world.incentives if one.key in keys]
        hold, points = sum(want.cost for want in wanted), world.balance(guest.guest_id)
        if hold > points:
            raise Refusal(404, "RewardNotFoundError", "the points for the reward are gone")
        world.used.add(identifier)
        transaction = world.open(guest.guest_id, now)
        world.hold(transaction, hold, ask.receipt, now)
        answer = self._identified(transaction, guest, points - hold, wanted)
        if guest.discounts:
            answer["eligibleDiscounts"] = guest.discounts
        return _json(200, answer)

    def _guest(self, identifier: str, now: datetime) -> tuple[Guest, tuple[str, ...]]:
        """Whom an identifier names, and what was picked with it (dossier 3.8)."""
        world, guests = self.world, self.world.guests
        if checks.UUID.fullmatch(identifier):
            if identifier not in guests:
                raise Refusal(400, "IdentificationFailed", "no guest has this loyalty id")
            return guests[identifier], ()
        if "@" in identifier:
            raise Refusal(422, "IdentifierTypeDisabled", "e-mail addresses are not taken here")
        if not checks.OTP.fullmatch(identifier):
            raise Refusal(422, "InvalidIdentifier", "identifier must be 6 digits or a loyalty id")
        if identifier in world.used:
            raise Refusal(422, "OrderSelectionStatusUnclaimable", "the code is used up")
        code, ttl = world.codes.get(identifier), timedelta(seconds=self.switches.otp_ttl_s)
        if code is None or now - (code.issued_at or now) > ttl:
            raise Refusal(404, "HashSetNotFoundError", "the code is unknown or has expired")
        return guests[code.guest_id], code.picked

    def _identified(
        self, transaction: Transaction, guest: Guest, points: int, wanted: Sequence[Want]
    ) -> dict[str, Any]:
        """The shape of identify, and the old one of update."""
        old, balance = self.switches.old_spelling, {"amount": points, "currency": "points"}
        created = guest.created.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        user = {"id": guest.guest_id, "name": guest.name, "created": created}
        return {
            "transactionId": transaction.transaction_id,
            "balances": balance if old else [balance],
            "loyaltyUser": user,
            "order": [want.incentive.picked(int(want.count), old=old) for want in wanted],
        }

    def _entered(self, ask: Ask, *, paid: bool) -> tuple[Transaction, Store, list[Want]]:
        """What validate, update and void share: the transaction, the store, the incentives."""
        body = ask.body
        store = self._checked(ask, checks.sale(body, checks.SALE, self.switches, paid=paid))
        if ask.transaction_id != body["transactionId"]:
            raise Breach(400, MALFORMED, "transactionId must be that of the path")
        transaction = self.world.transactions.get(ask.transaction_id)
        if transaction is None:
            raise Refusal(404, "TransactionNotFoundError", "there is no such transaction")
        if transaction.guest_id != body["loyaltyId"]:
            raise Breach(404, "UserNotFoundError", "loyaltyId must be the transaction's guest")
        if transaction.status not in ("PENDING", "CLAIMED"):
            raise Refusal(400, NOT_CLAIMABLE, f"the transaction is {transaction.status}")
        eligible = self.world.guests[body["loyaltyId"]].discounts
        if any(one not in eligible for one in ask.details.get("appliedDiscounts", ())):
            self._note(ask.request, "appliedDiscounts has an entry that identify did not give")
        return transaction, store, self._wanted(ask)

    def _wanted(self, ask: Ask) -> list[Want]:
        """The basket's incentives, each once; each id must be of the kind it is said to be."""
        wanted: dict[str, Want] = {}
        for line in ask.details["order"]:
            kind, ids = checks.kind(line), checks.incentive_ids(line)
            if kind in ("reward", "offer"):
                one = self.world.incentive(kind, ids)
                if one is None:
                    raise Refusal(404, f"{kind.title()}NotFoundError", f"{ids} is no {kind} here")
                count = wanted[one.key].count if one.key in wanted else 0
                wanted[one.key] = Want(incentive=one, count=count + line["quantity"])
        return list(wanted.values())

    def _validate(self, ask: Ask) -> SandboxResponse:
        """Try a basket against the engine's rules; nothing changes (dossier 3.5)."""
        transaction, store, wanted = self._entered(ask, paid=False)
        left, broken = self.world.balance(ask.body["loyaltyId"]) + transaction.hold, []
        for want in wanted:
            if want.cost > left:
                broken.append(want.breaks(RULES["points"], left, want.cost))
            else:
                left -= want.cost
            if want.incentive.kind == "reward" and not store.loyalty:
                broken.append(want.breaks(RULES["store_id"], store.store_id, []))
            facts = self._facts(ask, want)
            broken += [
                want.breaks(RULES[name], facts[name], list(values))
                for name, values in want.incentive.allowed.items()
                if facts[name] not in values
            ]
        if broken:
            details = {"isEngineError": True, "ruleEvaluation": broken}
            status = self.switches.rules_error_http
            raise Refusal(status, "RulesError", "an incentive's rules are not met", details)
        return self._done()

    def _facts(self, ask: Ask, want: Want) -> Mapping[str, Any]:
        """What RULES look at."""
        return {
            "count": json_number(Decimal(want.count)),
            "weekday": f"{ask.local:%A}",
            "day": f"{ask.local:%Y-%m-%d}",
            "service_mode": ask.body["serviceMode"],
            "store_id": str(ask.details["posVendor"]["storeId"]),
        }

    def _done(self) -> SandboxResponse:
        return SandboxResponse(status=204) if self.switches.empty_success else _json(200, {})

    def _update(self, ask: Ask) -> SandboxResponse:
        """Hold for a basket, or make it final; of the rules only points and store are checked."""
        transaction, store, wanted = self._entered(ask, paid=True)
        pending, cost = ask.body["status"] == "PENDING", sum(want.cost for want in wanted)
        if transaction.status == "CLAIMED":
            if pending or ask.details != transaction.details:
                raise Breach(400, NOT_CLAIMABLE, "a claimed transaction cannot be modified")
            return _json(200, transaction.answer)
        if not store.loyalty and any(want.incentive.kind == "reward" for want in wanted):
            raise Refusal(400, "REDEEM_REWARD_ERROR", "loyalty is off in this store")
        left = self.world.balance(ask.body["loyaltyId"]) + transaction.hold - cost
        if left < 0:
            raise Refusal(400, "TRANSACTION_INSUFFICIENT_POINTS", f"{-left} points are missing")
        earned = 0 if pending else _cents(ask) * self.switches.earn_rate // 100
        answer = self._updated(replace(transaction, earned=earned), left + earned, cost, wanted)
        if pending:
            self.world.hold(transaction, cost, ask.receipt, ask.request.now)
            return _json(200, answer)
        texts = {"pointsEarned": f"Earned: {earned}", "pointsRedeemed": f"Redeemed: {cost}"}
        texts["totalPoints"] = f"Balance: {left + earned}"
        answer |= self._presentation(transaction, texts)
        self._sold(ask, replace(transaction, burned=cost, earned=earned, answer=answer))
        return _json(200, answer)

    def _updated(
        self, transaction: Transaction, points: int, cost: int, wanted: Sequence[Want]
    ) -> dict[str, Any]:
        if self.switches.old_shape:
            guest = self.world.guests[transaction.guest_id or ""]
            return self._identified(transaction, guest, points, wanted)
        return {
            "points": points,
            "pointsEarned": transaction.earned,
            "pointsRedeemed": cost,
            "loyaltyId": transaction.guest_id,
            "transactionId": transaction.transaction_id,
            "receiptCode": transaction.receipt_code,
        }

    def _presentation(self, transaction: Transaction, points: Mapping[str, str]) -> dict[str, Any]:
        """Texts for the receipt; `identifier` is one that is not to be printed (dossier 4)."""
        code = transaction.receipt_code
        texts = {"header": "Rewards", "identifier": code, "marketing": "More\nin the app", **points}
        texts |= {"qrCode": f"https://rewards.example.test/{code}", "footer": "See you soon"}
        return {"presentation": texts} if self.switches.presentation else {}

    def _sold(self, ask: Ask, transaction: Transaction) -> None:
        amount = from_minor_units(_cents(ask), ask.details["currency"])
        claim = replace(transaction, amount=amount, details=ask.details)
        self.world.claim(claim, ask.receipt)

    def _void(self, ask: Ask) -> SandboxResponse:
        transaction, _, _ = self._entered(ask, paid=True)
        self.world.void(transaction, ask.receipt)
        return self._done()

    def _unclaimed(self, ask: Ask) -> SandboxResponse:
        """Take a sale of nobody's; sent twice, it is taken twice."""
        self._checked(ask, checks.sale(ask.body, checks.UNCLAIMED, self.switches, paid=True))
        if ask.body["status"] != "CLAIMED":
            self._note(ask.request, "status must be CLAIMED")
        transaction = self.world.open(None, ask.request.now)
        self._sold(ask, transaction)
        texts = self._presentation(transaction, {})
        return _json(200, {"transactionId": transaction.transaction_id, **texts})

    def _promo(self, ask: Ask) -> SandboxResponse:
        """Name the offer that a promo code stands for; it is redeemed as a line, not here."""
        shape, vendor = checks.PROMO, checks.PROMO_VENDOR
        self._checked(ask, checks.at_root(ask.body, shape, vendor, self.switches))
        if ask.body.get("loyaltyId") not in (None, *self.world.guests):
            raise Refusal(404, "UserNotFoundError", "no guest has this loyalty id")
        if ask.body["promoCode"] not in self.world.promos:
            raise Refusal(404, "OfferNotFoundError", "no offer has this promo code")
        return _json(200, {"sanityId": self.world.promos[ask.body["promoCode"]]})
