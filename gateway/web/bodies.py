"""Reads what was sent: bounded, in time, JSON and nothing else."""

import asyncio
import re
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel

from gateway.core.cards import looks_like_a_card
from gateway.core.reading import BadInput, read_json, read_model
from gateway.core.totals import Fault
from gateway.engine.refusal import Refused
from gateway.web.door import invalid

MAX_BODY_BYTES = 1024 * 1024
"""An order of 500 lines, the most there may be, with ordinary names is a quarter of it."""

BODY_SECONDS = 10.0
"""A body that takes longer comes from a broken line, and would hold its place for ever."""

ID = re.compile(r"[A-Za-z0-9._:\-]{1,64}")
"""A name the till gives a thing (till-api.md §1)."""

M = TypeVar("M", bound=BaseModel)


async def read_body(request: web.Request) -> bytes:
    """Read the body as sent; Refused `too_large`, `too_slow` or `unsupported_media_type`."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused("unsupported_media_type", "send the body plain, without Content-Encoding")
    too_large = f"a body may have {MAX_BODY_BYTES} bytes, this one has more"
    if request.content_length is not None and request.content_length > MAX_BODY_BYTES:
        raise Refused("too_large", too_large)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refused("too_large", too_large) from None
    except TimeoutError:
        raise Refused("too_slow", f"the body took more than {BODY_SECONDS:.0f} s") from None
    except (web.RequestPayloadError, ConnectionError):
        fault = Fault(code="malformed_json", path="", message="the body broke off")
        raise BadInput([fault]) from None


def json_of(request: web.Request, body: bytes) -> Any:
    """Read a JSON body; Refused `unsupported_media_type`, BadInput where it is not JSON."""
    charset = (request.charset or "utf-8").lower()
    if request.headers.get("Content-Type") is None or request.content_type != "application/json":
        raise Refused("unsupported_media_type", "say Content-Type: application/json, and send JSON")
    if charset not in ("utf-8", "utf8"):
        raise Refused("unsupported_media_type", "JSON here is UTF-8, no other charset")
    return read_json(body)


def model_of(request: web.Request, body: bytes, model: type[M]) -> M:
    """Read a JSON body as a model; BadInput names every wrong place."""
    return read_model(model, json_of(request, body))


def id_of(request: web.Request, name: str) -> str:
    """Read an id of the path; BadInput for what is none, and for a card number, never repeated."""
    value = request.match_info[name]
    if looks_like_a_card(value):
        message = "looks like a full card number; name things otherwise"
        raise BadInput([Fault(code="card_number_refused", path=name, message=message)])
    if not ID.fullmatch(value):
        raise invalid(name, "must be 1-64 of A-Za-z0-9._:-")
    return value
