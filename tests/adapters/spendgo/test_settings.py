"""What may be set for Spendgo, and what is said about what may not."""

import pytest
from pydantic import ValidationError

from tests.adapters.spendgo.samples import site


def test_a_tender_spendgo_does_not_know_is_refused_in_the_configuration() -> None:
    with pytest.raises(ValidationError, match=r"tender_map\.voucher"):
        site(tender_map={"voucher": "coupon"})
