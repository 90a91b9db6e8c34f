"""What can go wrong, sorted by what to do next.

GatewayError
  OrderRefused        the till said what this vendor cannot be told      -> 422, nothing stored
  Unreachable         keep the place, try again later (whole lane waits)
    NotSent             it certainly did not arrive
      Throttled           429, with the vendor's Retry-After
      Unauthorized        our credential is refused
    NoReply             it may have arrived
  Stuck               not by itself: park, tell a person
    InDoubt             must happen once and may have happened
    VendorNonsense      the vendor broke its own contract
    ReplayMismatch      we broke ours
    FlowTooLong         a limit was hit
  LookAgain           evidence may come: keep the place, the lane goes on
"""

from gateway.core.outcome import Reason


class GatewayError(Exception):
    """Something went wrong between the till and a vendor."""

    reason: Reason = "vendor_declined"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip().splitlines()[0])

    @property
    def detail(self) -> str:
        """One sentence for a person."""
        return str(self.args[0])


class OrderRefused(GatewayError):
    """The till said something this vendor cannot be told."""

    reason: Reason = "unsupported_by_vendor"

    def __init__(self, detail: str, *, path: str = "", code: str = "unsupported_by_vendor") -> None:
        super().__init__(detail)
        self.path = path
        self.code = code


class Unreachable(GatewayError):
    """The vendor cannot be reached just now."""

    reason: Reason = "unreachable"


class NotSent(Unreachable):
    """The call certainly did not arrive."""


class Throttled(NotSent):
    """The vendor asks us to slow down."""

    reason: Reason = "throttled"

    def __init__(
        self, detail: str | None = None, *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class Unauthorized(NotSent):
    """The vendor refuses our credential."""

    reason: Reason = "unauthorized"


class NoReply(Unreachable):
    """The call may have arrived; no answer of the vendor's came back."""


class Stuck(GatewayError):
    """This entry does not get further by itself."""

    reason: Reason = "vendor_nonsense"


class InDoubt(Stuck):
    """A call that must happen once was sent, and nobody knows whether it arrived."""

    reason: Reason = "in_doubt"


class VendorNonsense(Stuck):
    """The vendor answered something its own documentation does not allow."""


class ReplayMismatch(Stuck):
    """A replayed flow said something else than the journal holds."""

    reason: Reason = "gateway_fault"


class FlowTooLong(Stuck):
    """A flow made more calls than any flow may."""

    reason: Reason = "gateway_fault"


class LookAgain(GatewayError):
    """Evidence may still come: keep the place, look again later.

    `after_seconds` is when to look next; `until_seconds`, counted from the doubt, is when to stop
    looking and park.
    """

    reason: Reason = "in_doubt"

    def __init__(self, after_seconds: int, until_seconds: int) -> None:
        super().__init__(f"looking again in {after_seconds} s")
        self.after_seconds = after_seconds
        self.until_seconds = until_seconds
