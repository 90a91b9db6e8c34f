"""A third party's adapter in its own package: the smallest vendor there can be."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import SecretStr

from gateway.core import strict_json
from gateway.core.adapter import (
    AccountSettings,
    Adapter,
    Credentials,
    Outgoing,
    Says,
    Site,
    StoreSettings,
)
from gateway.core.errors import OrderRefused
from gateway.core.flow import Flow, Reply, once, repeatable
from gateway.core.money import json_number
from gateway.core.operation import Identify, Pay, Release, Submit, Void
from gateway.core.outcome import Identified, KnownMember, Outcome, applied, declined, skipped
from gateway.core.sandbox import Held, SandboxRequest, SandboxResponse
from gateway.core.shape import LooseId, Shape


class TinyCredentials(Credentials):
    """One key."""

    key: SecretStr


class TinySite(AccountSettings, StoreSettings, Site):
    """Nothing of its own."""


class Answer(Shape):
    """What Tiny answers."""

    ok: bool
    reference: LooseId | None = None
    member: LooseId | None = None
    text: str | None = None


def identify(ask: Identify, site: TinySite) -> Flow[Identified]:
    """Look a member up; Tiny holds a seat for them."""
    reply = yield repeatable("find", "POST", "/members", body={"name": ask.member.value})
    answer = reply.parse(Answer)
    if not answer.ok:
        return Identified(outcome="declined", reason="member_not_found", detail=answer.text)
    return Identified(
        outcome="applied",
        member=KnownMember(id=answer.member),
        keep={"seat": answer.reference},
        holds=True,
    )


def release(ask: Release, site: TinySite) -> Flow[Outcome]:
    """Give the seat back."""
    reply = yield repeatable("free", "POST", "/seats/free", body={"seat": ask.visit.keep["seat"]})
    return applied() if reply.parse(Answer).ok else declined("vendor_declined")


def submit(ask: Submit, site: TinySite) -> Flow[Outcome]:
    """Tell Tiny of a finished sale, once."""
    if ask.order.state != "completed":
        return skipped("not_yet")
    if ask.order.tip:
        raise OrderRefused("Tiny has no field for a tip", path="tip")
    body = {
        "id": ask.order_id,
        "total": json_number(ask.order.total),
        "member": ask.order.member.value if ask.order.member else None,
    }
    answer = (yield once("sell", "POST", "/sales", body=body)).parse(Answer)
    if not answer.ok:
        return declined("vendor_declined", answer.text)
    return applied(reference=answer.reference, member_id=answer.member)


def void(ask: Void, site: TinySite) -> Flow[Outcome]:
    """Take a sale back: Tiny knows it by its reference."""
    reply = yield repeatable(
        "unsell", "POST", "/sales/void", body={"reference": ask.record.reference}
    )
    answer = reply.parse(Answer)
    if answer.ok or (reply.repeated and answer.text == "already void"):
        return applied(reference=ask.record.reference)
    return declined("already_voided", answer.text)


def pay(ask: Pay, site: TinySite) -> Flow[Outcome]:
    """Take stored value, once."""
    body = {"id": ask.payment_id, "amount": json_number(ask.amount)}
    answer = (yield once("take", "POST", "/payments", body=body)).parse(Answer)
    if not answer.ok:
        return declined("insufficient_value", answer.text)
    return applied(reference=answer.reference, amount=ask.amount)


def understands(reply: Reply) -> bool:
    """Tiny refuses with a 4xx and its own shape."""
    return reply.status < 500 and b'"ok"' in reply.body


def sign(outgoing: Outgoing, credentials: TinyCredentials, now: datetime) -> Outgoing:
    """Add the key."""
    return outgoing.with_headers(x_tiny_key=credentials.key.get_secret_value())


class TinySandbox:
    """Tiny, played."""

    def __init__(self) -> None:
        self.rows: list[Held] = []
        self.void: set[str] = set()
        self.seats: list[str] = []
        self.refused: set[str] = set()
        self.violations: Sequence[str] = ()

    @property
    def ledger(self) -> list[Held]:
        return [
            Held(
                kind=row.kind,
                receipt=row.receipt,
                member=row.member,
                amount=row.amount,
                reference=row.reference,
                standing=row.reference not in self.void,
            )
            for row in self.rows
        ]

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        if request.headers.get("x-tiny-key") != "tiny-key":
            return SandboxResponse(status=401, body=b'{"ok":false}')
        body = strict_json.loads(request.body)
        status, answer = getattr(self, "_" + request.target.strip("/").replace("/", "_"))(body)
        return SandboxResponse(status=status, body=strict_json.dumps(answer))

    def _members(self, body: dict[str, str]) -> tuple[int, dict[str, object]]:
        if body["name"].startswith("nobody"):
            return 404, {"ok": False, "text": "nobody of that name"}
        self.seats.append(f"seat-{len(self.seats)}")
        return 200, {"ok": True, "member": f"m-{body['name']}", "reference": self.seats[-1]}

    def _seats_free(self, body: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.seats = [seat for seat in self.seats if seat != body["seat"]]
        return 200, {"ok": True}

    def _sales(self, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        if body["total"] == 666 or body["id"] in self.refused:
            return 422, {"ok": False, "text": "not that number"}
        return 200, self._take("submit", body["id"], body["member"], body["total"])

    def _payments(self, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        return 200, self._take("pay", body["id"], None, body["amount"])

    def _take(self, kind: str, id_: object, member: object, amount: object) -> dict[str, object]:
        reference = f"t-{len(self.rows) + 1}"
        self.rows.append(
            Held(
                kind=kind,
                receipt=str(id_),
                member=None if member is None else str(member),
                amount=Decimal(str(amount)),
                reference=reference,
                standing=True,
            )
        )
        return {"ok": True, "reference": reference, "member": f"m-{member}" if member else None}

    def _sales_void(self, body: dict[str, str]) -> tuple[int, dict[str, object]]:
        if body["reference"] in self.void:
            return 409, {"ok": False, "text": "already void"}
        self.void.add(body["reference"])
        return 200, {"ok": True}


ADAPTER = Adapter(
    name="tiny",
    title="Tiny",
    link={"base_url": "https://tiny.example"},
    account=AccountSettings,
    credentials=TinyCredentials,
    store=StoreSettings,
    site=TinySite,
    operations={
        "identify": Says(flow=identify, doubt="keyed", offline="refuse"),
        "release": Says(flow=release, doubt="keyed", offline="queue"),
        "submit": Says(flow=submit, doubt="unproved", offline="queue"),
        "void": Says(flow=void, doubt="keyed", offline="queue"),
        "pay": Says(flow=pay, doubt="money", offline="refuse"),
    },
    cannot={
        "rewards": "Tiny has no such list",
        "quote": "Tiny prices nothing",
        "refund": "Tiny takes whole sales back: void",
        "load": "Tiny only takes",
        "reverse": "Tiny cannot give back",
    },
    sign=sign,
    understands=understands,
    sandbox=TinySandbox,
)
