"""Transcripts: one flow written down, read from JSON and driven without a gateway."""

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gateway.core import operation as operations
from gateway.core import strict_json
from gateway.core.adapter import Adapter, Site
from gateway.core.errors import InDoubt
from gateway.core.flow import Call, Reply

HERE = Path(__file__).parent
ORDERS = HERE.parent / "orders"
SITE_FACTS = {"store": "0042", "timezone": "America/Toronto", "currency": "CAD"}

ASKS: dict[str, type[operations.Operation]] = {
    "identify": operations.Identify,
    "rewards": operations.Rewards,
    "quote": operations.Quote,
    "submit": operations.Submit,
    "void": operations.Void,
    "refund": operations.Refund,
    "release": operations.Release,
    "pay": operations.Pay,
    "load": operations.Load,
    "reverse": operations.Reverse,
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One call of a transcript and what comes back: a reply, or doubt."""

    call: dict[str, Any]
    reply: Reply | None


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """One flow written down."""

    path: Path
    adapter: Adapter
    title: str
    operation: str
    scene: str
    shows: tuple[str, ...]
    site: Site
    ask: operations.Operation
    steps: tuple[Step, ...]
    outcome: dict[str, Any] | None
    raises: dict[str, str] | None

    @property
    def family(self) -> tuple[str, str]:
        """What it is told about: one operation of one vendor."""
        return self.adapter.name, self.operation

    def __str__(self) -> str:
        return f"{self.adapter.name}/{self.path.stem}"


def adapter_of(name: str) -> Adapter:
    """Find an adapter of this house by its folder."""
    adapter: Adapter = importlib.import_module(f"adapters.{name}").ADAPTER
    return adapter


def transcripts(folder: Path = HERE) -> Iterator[Transcript]:
    """Read every transcript under a folder of this house's vendors."""
    for site in sorted(folder.glob("*/site.json")):
        yield from transcripts_of(site.parent, adapter_of(site.parent.name))


def transcripts_of(vendor: Path, adapter: Adapter) -> Iterator[Transcript]:
    """Read every transcript of one vendor's folder, wherever it stands."""
    for path in sorted(vendor.glob("transcripts/*.json")):
        yield read(path, adapter)


def read(path: Path, adapter: Adapter) -> Transcript:
    """Read one transcript."""
    data = json.loads(path.read_text("utf-8"))
    facts = json.loads((path.parent.parent / "site.json").read_text("utf-8"))
    site = adapter.site.model_validate({**SITE_FACTS, **facts, **data.get("site", {})})
    ask = ASKS[data["operation"]].model_validate(with_orders(data["ask"]))
    return Transcript(
        path=path,
        adapter=adapter,
        title=data["title"],
        operation=data["operation"],
        scene=data["scene"],
        shows=tuple(data.get("shows", ())),
        site=site,
        ask=ask,
        steps=tuple(
            Step(call=step["call"], reply=None if step.get("doubt") else _reply(step))
            for step in data["steps"]
        ),
        outcome=data.get("outcome"),
        raises=data.get("raises"),
    )


def with_orders(value: Any) -> Any:
    """Put canonical orders in the place of {"basis": name, "changes": {path: value}}."""
    if isinstance(value, list):
        return [with_orders(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "basis" not in value:
        return {key: with_orders(inner) for key, inner in value.items()}
    order = json.loads((ORDERS / f"{value['basis']}.json").read_text("utf-8"))
    for path, change in value.get("changes", {}).items():
        *parents, last = path.split(".")
        place = order
        for part in parents:
            place = place[int(part) if isinstance(place, list) else part]
        place[int(last) if isinstance(place, list) else last] = change
    return order


def said(call: Call) -> dict[str, Any]:
    """Spell a call as a transcript does."""
    spelled: dict[str, Any] = {
        "step": call.step,
        "method": call.method,
        "target": call.target(),
        "once": call.once,
    }
    if call.body is not None:
        spelled["body"] = json.loads(strict_json.dumps(call.body))
    if call.form is not None:
        spelled["form"] = [list(pair) for pair in call.form]
    if call.headers:
        spelled["headers"] = [list(pair) for pair in call.headers]
    return spelled


def drive(transcript: Transcript) -> BaseModel:
    """Drive a flow with a transcript's replies, comparing every call to the letter."""
    says = transcript.adapter.operations[transcript.operation]  # type: ignore[index]
    flow = says.flow(transcript.ask, transcript.site)
    replies: Iterator[Step] = iter(transcript.steps)
    reply: Reply | None = None
    doubt: InDoubt | None = None
    while True:
        try:
            call = flow.throw(doubt) if doubt else flow.send(reply)  # type: ignore[arg-type]
        except StopIteration as end:
            assert next(replies, None) is None, "the flow ended before its transcript"
            result: BaseModel = end.value
            return result
        step = next(replies, None)
        assert step is not None, f"a call the transcript does not have: {said(call)}"
        assert said(call) == step.call
        reply = step.reply
        doubt = InDoubt() if reply is None else None


def _reply(step: dict[str, Any]) -> Reply:
    spelled = step["reply"]
    body = (
        json.dumps(spelled["json"]).encode()
        if "json" in spelled
        else spelled.get("text", "").encode()
    )
    return Reply(
        status=spelled["status"],
        headers=spelled.get("headers", {}),
        body=body,
        repeated=step.get("repeated", False),
    )
