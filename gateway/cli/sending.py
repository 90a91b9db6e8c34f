"""Sends one order as a till would, and shows what the till is told."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gateway.cli.order_file import NoOrder, OrderFile, read_order_file
from gateway.cli.peer import Heard, Unanswered, ask_once
from gateway.cli.speech import FAILED, USAGE, console, fail, say_json, table
from gateway.cli.till import TillKey
from gateway.core import strict_json
from gateway.settings import Reference, SecretUnreadable, decoded, read_secret

DONE = 0


@dataclass(frozen=True, kw_only=True)
class Sending:
    """One order to send; what is empty is taken from the file."""

    path: Path
    url: str
    store: str = ""
    order_id: str = ""
    till: str = ""
    secret_file: Path | None = None
    wait_seconds: float | None = None

    def send(self, *, as_json: bool) -> int:
        """Send it and show the answer; returns the exit code."""
        try:
            said = read_order_file(self.path)
        except NoOrder as error:
            fail(str(error), USAGE)
        target = self._target(said)
        body = strict_json.dumps(said.order)
        try:
            heard = ask_once(
                self.url, "PUT", target, body=body, headers=self._headers(said, target, body)
            )
            value = heard.json()
        except Unanswered as error:
            fail(str(error))
        if as_json:
            say_json({"status": heard.status, "answer": value})
        else:
            show_answer(heard, value)
        return DONE if heard.ok else FAILED

    def _target(self, said: OrderFile) -> str:
        store, order_id = self.store or said.store, self.order_id or said.order_id
        for name, value in (("store", store), ("order-id", order_id)):
            if not value:
                fail(f"{self.path} names no {name}; give it with --{name}", USAGE)
        return f"/v1/stores/{quote(store, safe='')}/orders/{quote(order_id, safe='')}"

    def _headers(self, said: OrderFile, target: str, body: bytes) -> dict[str, str]:
        headers = {}
        if self.wait_seconds is not None:
            headers["Prefer"] = f"wait={self.wait_seconds:g}"
        if self.secret_file is None:
            return headers
        reference = Reference(kind="file", name=str(self.secret_file.absolute()))
        try:
            secret = decoded(read_secret(reference, os.environ))
        except SecretUnreadable as error:
            fail(f"--secret-file: {error}", USAGE)
        key = TillKey(till=self.till or said.till, secret=secret)
        headers["Authorization"] = key.authorization("PUT", target, body)
        return headers


def show_answer(heard: Heard, value: Any) -> None:
    """Show an order's answer, or the problem, as people read it."""
    out = console()
    if not heard.ok:
        out.print(f"{heard.status} {value.get('code', '')}: {value.get('title', '')}")
        out.print(value.get("detail", ""))
        for wrong in value.get("errors", ()):
            out.print(f"  {wrong['path'] or 'the body'}: {wrong['message']}")
    else:
        end = "final" if value["final"] else "not final yet"
        out.print(f"{heard.status} {value['outcome']}, {end}; the order is {value['state']}")
        shown = table("vendor", "role", "operation", "outcome", ">sequence", "reference", "detail")
        for result in value["results"]:
            words = [result["reason"], result["detail"], *result["receipt_lines"]]
            shown.add_row(
                result["vendor"],
                result["role"],
                result["operation"],
                result["outcome"],
                str(result["sequence"]),
                result["reference"] or "",
                "; ".join(word for word in words if word),
            )
        out.print(shown)
    cashier = value.get("cashier")
    if cashier:
        out.print(f"The cashier reads: {cashier['text']} [{cashier['action']}]")
