"""What may be configured about SpotOn, and what is said about what may not."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.spoton.settings import CancelIfLater, SpotonCredentials, SpotonSite
from tests.adapters.spoton.samples import SITE, site


def test_the_unknowns_have_the_defaults_of_the_vendor_s_notes() -> None:
    where = site()
    assert where.path_submit == "/order/v1/locations/{location_id}/orders/submit"
    assert where.schedule_policy == CancelIfLater(cancel_if_later_than=900.0)
    assert (where.flow, where.enum_style, where.request_wrapper) == ("submit", "bare", None)
    assert not where.submit_retry_is_idempotent


def test_a_site_reads_back_as_it_was_written() -> None:
    where = site(schedule_policy={"cancel_if_later_than": "5m"})
    assert SpotonSite.model_validate(json.loads(where.model_dump_json())) == where


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"scopes": []}, "scopes must list"),
        ({"path_cancel": "/orders/cancel"}, "path_cancel"),
        ({"schedule_policy": "cancel"}, "schedule_policy"),
        ({"token_url": "ftp://x/y"}, "token_url"),
    ],
)
def test_what_cannot_work_is_refused_at_start(changes: dict[str, Any], found: str) -> None:
    with pytest.raises(ValidationError, match=found):
        SpotonSite.model_validate({**SITE, **changes})


def test_an_api_key_needs_no_scopes() -> None:
    assert site(scopes=[], auth_mode="api_key").scopes == ()


@pytest.mark.parametrize(
    "given",
    [{}, {"client_id": "i"}, {"client_secret": "s"}, {"client_id": "i", "api_key": "k"}],
)
def test_credentials_prove_in_exactly_one_way(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="client_id and client_secret together"):
        SpotonCredentials.model_validate(given)
