"""The demo's own parts: what is not so is said, and its baskets add up."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from rich.console import Console

from gateway.cli import demo
from gateway.cli.demo.baskets import BURGERS, CAFE, LATTES, Basket, Sale
from gateway.cli.demo.comparison import Pair
from gateway.cli.demo.process import Dead
from gateway.cli.demo.proof import NOT_SO, SO, NotSo, Stage
from gateway.cli.demo.scene import Scene, Sold, Till, Told
from gateway.cli.demo.wire import folded
from gateway.cli.peer import Peer
from gateway.cli.till import TillKey
from gateway.core.reading import read_order
from gateway.core.sandbox import Held

SALE = Sale(till="0042-1", receipt="7", currency="CAD", basket=LATTES)


def _stage() -> tuple[Stage, io.StringIO]:
    out = io.StringIO()
    return Stage(Console(file=out, width=100, markup=False, highlight=False)), out


def test_an_act_that_holds_gets_a_tick_and_the_demo_ends_with_0() -> None:
    stage, out = _stage()
    act = stage.begin("Sell", "It was sold.")
    act.expect("the total", Decimal("5.00"), Decimal("5.0"))
    stage.end(act)
    assert stage.verdict(3.0) == 0
    assert f"{SO} It was sold." in out.getvalue()


def test_one_thing_that_is_not_so_makes_a_cross_and_exit_code_1() -> None:
    stage, out = _stage()
    fine, wrong = stage.begin("Sell", "It was sold."), stage.begin("Void", "It was undone.")
    wrong.expect("the points", 1, 2)
    stage.end(fine)
    stage.end(wrong)
    assert stage.verdict(3.0) == 1
    said = out.getvalue()
    assert f"{NOT_SO} It was undone." in said
    assert "Void: the points: expected 1, found 2" in said


def test_what_the_story_stands_on_ends_it() -> None:
    stage, _ = _stage()
    act = stage.begin("Sell", "It was sold.")
    with pytest.raises(NotSo):
        act.need("the status", 200, 503)
    assert act.wrong == ["the status: expected 200, found 503"]


def test_a_gateway_that_does_not_start_ends_the_demo_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @asynccontextmanager
    async def no_scene() -> AsyncIterator[Scene]:
        raise Dead("the gateway ended at once: no disk")
        yield

    monkeypatch.setattr(demo, "open_scene", no_scene)
    assert demo.run() == 1
    assert "the gateway ended at once: no disk" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("outcome", "voided", "amount", "standing", "receipt", "differs"),
    [
        ("applied", False, "11.30", True, "7", []),
        ("applied", True, "11.30", False, "7", []),
        ("applied", False, "11.30", True, "0042-7-1", []),
        ("declined", False, "11.30", True, "7", ["outcome"]),
        ("applied", False, "11.31", True, "7", ["amount"]),
        ("applied", False, "11.30", False, "7", ["standing"]),
        ("applied", True, "11.30", True, "7", ["standing"]),
        ("applied", False, "11.30", True, "8", ["receipt"]),
    ],
)
def test_till_and_vendor_are_compared_in_everything(
    outcome: str, voided: bool, amount: str, standing: bool, receipt: str, differs: list[str]
) -> None:
    told = Told(status=200, body={}, milliseconds=1)
    key = TillKey(till="0042-1", secret=b"0" * 16)
    till = Till(store="0042", key=key, peer=Peer("http://127.0.0.1:9"))
    held = Held(
        kind="submit",
        receipt=receipt,
        member=None,
        amount=Decimal(amount),
        reference="r",
        standing=standing,
    )
    pair = Pair(
        sold=Sold(sale=SALE, till=till, told=told),
        voided=voided,
        result={"outcome": outcome, "reference": "r"},
        came=1,
        held=held,
    )
    assert [one.partition(":")[0] for one in pair.differences] == differs


@pytest.mark.parametrize("basket", [LATTES, BURGERS, *CAFE])
def test_every_basket_adds_up(basket: Basket) -> None:
    order = Sale(till="0042-1", receipt="7", currency="CAD", basket=basket).order()
    assert read_order(order).total > 0


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ('{"a":1,"b":[]}', ['{"a": 1, "b": []}']),
        ("no json", ["no json"]),
        (
            '{"a":1,"b":2,"list":["one","two","three"],"c":3}',
            [
                "{",
                ' "a": 1, "b": 2,',
                ' "list": [',
                '  "one", "two",',
                '  "three"',
                " ],",
                ' "c": 3',
                "}",
            ],
        ),
    ],
)
def test_a_body_is_folded_into_few_lines(body: str, lines: list[str]) -> None:
    assert folded(body, 18) == lines
