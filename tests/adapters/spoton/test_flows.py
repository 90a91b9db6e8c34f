"""What we say to SpotOn, where a transcript would be too long."""

import pytest

from adapters.spoton import ADAPTER
from adapters.spoton.flows import LOOK_PAGES
from gateway.core.adapter import Token
from gateway.core.errors import InDoubt, LookAgain, VendorNonsense
from gateway.core.flow import Reply
from gateway.core.operation import Submit
from tests.adapters.spoton.samples import order, site


@pytest.mark.parametrize(
    ("body", "token"),
    [
        (b'{"access_token":"t","expires_in":3600}', Token(value="t", expires_in_seconds=3600)),
        (b'{"access_token":"t","expires_in":"60"}', Token(value="t", expires_in_seconds=60)),
        (b'{"access_token":"t"}', Token(value="t", expires_in_seconds=86400)),
    ],
)
def test_a_token_is_fetched_by_form_and_lives_a_day_unless_told(body: bytes, token: Token) -> None:
    assert ADAPTER.authorize is not None
    where = site(scopes=["a:b:read", "c:d:write"])
    flow = ADAPTER.authorize.flow(where)
    call = next(flow)
    assert (call.method, call.path) == ("POST", "/oauth2/v1/token")
    assert call.payload() == b"grant_type=client_credentials&scope=a%3Ab%3Aread%20c%3Ad%3Awrite"
    assert ADAPTER.authorize.url(where) == f"https://api.spoton.com{call.path}"
    with pytest.raises(StopIteration) as end:
        flow.send(Reply(status=200, body=body))
    assert end.value.value == token


def test_an_answer_without_a_token_is_nonsense() -> None:
    assert ADAPTER.authorize is not None
    flow = ADAPTER.authorize.flow(site())
    next(flow)
    with pytest.raises(VendorNonsense, match="access_token"):
        flow.send(Reply(status=200, body=b'{"access_token":""}'))


def test_a_report_longer_than_anyone_reads_proves_nothing() -> None:
    ask = Submit.model_validate(
        {"at": "2026-11-20T17:31:08Z", "order_id": "K3-0091", "order": order()}
    )
    flow = ADAPTER.operations["submit"].flow(ask, site())
    next(flow)
    steps = [flow.throw(InDoubt()).step]
    page = Reply(status=200, body=b'{"orders":[],"pagination":{"total_pages":99}}')
    steps += [flow.send(page).step for _ in range(1, LOOK_PAGES)]
    assert steps == [f"look_{number}" for number in range(1, LOOK_PAGES + 1)]
    with pytest.raises(LookAgain):
        flow.send(page)
