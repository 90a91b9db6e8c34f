"""Five hundred broken orders: each a problem that says where, none stored, none our fault."""

import copy
import random
from typing import Any

from gateway.api.examples import ORDER
from gateway.core import strict_json
from tests.api.conftest import Till
from tests.api.house import latte

SEED = 20_261_120
BODIES = 500

JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**30,
    1.5,
    "",
    "x" * 300,
    "\x00",
    "1e9",
    "-1.00",
    "NaN",
    "0x10",
    "²",
    "4111 1111 1111 1111",
    "12.3456789",
    [],
    {},
    [[[[]]]],
    {"a": {"b": 1}},
    "2026-13-45",
    "2026-11-20T12:00:00",
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Any, ...]] = []
    for key, one in inner:
        found.append((*at, key))
        if isinstance(one, dict | list):
            found += places(one, (*at, key))
    return found


def mutated(chance: random.Random) -> bytes:
    """One order with something wrong in it, or bytes that are no JSON any more."""
    order = copy.deepcopy(ORDER)
    *way, last = chance.choice(places(order))
    holder: Any = order
    for key in way:
        holder = holder[key]
    kind = chance.randrange(5)
    if kind == 0 and isinstance(holder, dict):
        holder[f"{last}?"] = holder.pop(last)
    elif kind == 1:
        holder["tip_" if isinstance(holder, dict) else 0] = chance.choice(JUNK)
    else:
        holder[last] = chance.choice(JUNK)
    body = strict_json.dumps(order)
    if kind == 2:
        cut = chance.randrange(len(body))
        body = body[:cut] + chance.randbytes(3) + body[cut + chance.randrange(4) :]
    elif kind == 3:
        body = body[: chance.randrange(len(body))]
    return body


async def test_a_broken_order_is_always_a_problem_with_a_place_and_never_kept(till: Till) -> None:
    chance = random.Random(SEED)
    taken = 0
    for number in range(BODIES):
        body = mutated(chance)
        async with till.client.put(
            f"/v1/stores/0042/orders/{number}",
            data=body,
            headers={"Content-Type": "application/json", "Prefer": "wait=0"},
        ) as answer:
            told = await answer.json(content_type=None)
        if answer.status in (200, 202):
            taken += 1  # junk that happens to be allowed, such as a null where there may be one
            continue
        assert 400 <= answer.status < 500, (number, body, told)
        assert answer.content_type == "application/problem+json"
        assert told["errors"], (number, told)
        for place in told["errors"]:
            spot = place.get("line") and place.get("column")
            assert place["path"] or spot or told["code"] == "malformed_json", (number, told)
    assert taken < BODIES / 10
    assert await till.house.count("asked") == taken
    assert till.house.log.events("request.failed") == []


async def test_figures_beyond_all_measure_are_a_problem_too(till: Till) -> None:
    most = {"quantity": "999999999.999999", "unit_price": "999999999.999999"}
    lines = [
        {"line_id": str(at), "parent_id": str(at - 1) if at else None, "sku": "s", "name": "n"}
        for at in range(5)
    ]
    order = latte(lines=[{**line, **most} for line in lines])
    status, told = await till.ask("PUT", "/orders/1", order)
    assert (status, told["code"]) in ((422, "invalid_order"), (422, "totals_mismatch"))
