"""What can go wrong: each error has its reason, and says itself in one sentence."""

import pytest

from gateway.core.errors import (
    FlowTooLong,
    GatewayError,
    InDoubt,
    LookAgain,
    NoReply,
    NotSent,
    OrderRefused,
    ReplayMismatch,
    Stuck,
    Throttled,
    Unauthorized,
    Unreachable,
    VendorNonsense,
)


@pytest.mark.parametrize(
    ("error", "reason", "branch"),
    [
        (NotSent(), "unreachable", Unreachable),
        (NoReply(), "unreachable", Unreachable),
        (Throttled(), "throttled", NotSent),
        (Unauthorized(), "unauthorized", NotSent),
        (InDoubt(), "in_doubt", Stuck),
        (VendorNonsense(), "vendor_nonsense", Stuck),
        (ReplayMismatch(), "gateway_fault", Stuck),
        (FlowTooLong(), "gateway_fault", Stuck),
        (OrderRefused("no field for a tip"), "unsupported_by_vendor", GatewayError),
        (LookAgain(60, 600), "in_doubt", GatewayError),
    ],
)
def test_an_error_has_its_reason_and_stands_on_its_branch(
    error: GatewayError, reason: str, branch: type[GatewayError]
) -> None:
    assert error.reason == reason
    assert isinstance(error, branch)
    assert isinstance(error, Unreachable) + isinstance(error, Stuck) <= 1


def test_an_error_says_its_own_sentence_unless_it_is_given_one() -> None:
    assert NotSent().detail == "The call certainly did not arrive."
    assert NotSent("connection refused").detail == str(NotSent("connection refused"))
    assert LookAgain(60, 600).detail == "looking again in 60 s"


def test_what_the_next_one_needs_to_know_is_on_the_error() -> None:
    refused = OrderRefused("points only", path="payments.0", code="visit_required")
    assert (refused.path, refused.code) == ("payments.0", "visit_required")
    assert Throttled(retry_after_seconds=7).retry_after_seconds == 7
    assert Throttled().retry_after_seconds is None
    look = LookAgain(60, 600)
    assert (look.after_seconds, look.until_seconds) == (60, 600)
