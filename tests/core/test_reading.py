"""From a till's bytes to a value, or to what is wrong with them and where."""

import pytest

from gateway.core import strict_json
from gateway.core.order import Member, Order
from gateway.core.reading import FAULTS, PATH_LENGTH, BadInput, read_json, read_model, refuse_cards
from tests.engine.conftest import latte

CARD = "4242 4242 4242 4242"


def test_a_body_that_is_no_json_says_line_and_column() -> None:
    with pytest.raises(BadInput, match="Expecting value") as bad:
        read_json(b'{"a": 1,\n "b": }')
    [fault] = bad.value.faults
    assert (bad.value.code, fault.path, fault.line, fault.column) == ("malformed_json", "", 2, 7)


def test_a_card_number_is_refused_with_its_places_and_never_repeated() -> None:
    body = strict_json.dumps({"note": CARD, "lines": [{"name": "Latte"}, {"name": CARD}]})
    with pytest.raises(BadInput) as bad:
        read_json(body)
    assert bad.value.code == "card_number_refused"
    assert [fault.path for fault in bad.value.faults] == ["note", "lines.1.name"]
    assert "4242" not in str(bad.value.faults)
    assert read_json(b'{"note": "4242"}') == {"note": "4242"}
    refuse_cards({"kind": "card", "value": CARD})
    with pytest.raises(BadInput):
        refuse_cards({"x" * 200: CARD}, "extensions")


def test_every_wrong_place_is_named_up_to_what_helps() -> None:
    with pytest.raises(BadInput) as bad:
        read_model(Member, {"kind": "card", "value": "", "x" * 300: 1})
    assert {fault.path for fault in bad.value.faults} == {"value", "x" * PATH_LENGTH}
    with pytest.raises(BadInput) as bad:
        read_model(Order, {"lines": [{}] * 50})
    assert len(bad.value.faults) == FAULTS


def test_what_a_till_says_to_one_adapter_alone_reaches_that_one() -> None:
    order = latte(extensions={"rbi": {"table": 4}})
    assert order.extension("rbi") == {"table": 4}
    assert order.extension("spoton") == {}
