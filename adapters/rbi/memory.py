"""What we keep of RBI between operations, and what it proves."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from adapters.rbi.settings import Status
from adapters.rbi.shapes import EligibleDiscount, Identification
from gateway.core.money import json_number
from gateway.core.outcome import IncentiveLine


class Transaction(BaseModel):
    """What RBI opened for one scan; `status` is the last one we told it.

    `lines` are the incentives chosen in the app, `discounts` the entries of `eligibleDiscounts` as
    they must go back (dossier 3.7).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    transaction_id: str
    loyalty_id: str
    status: Status = "PENDING"
    lines: tuple[IncentiveLine, ...] = ()
    discounts: tuple[dict[str, JsonValue], ...] = ()

    @property
    def path(self) -> str:
        """Where update and void of this transaction go (dossier 3)."""
        return f"/loyalty/transaction/pos/{quote(self.transaction_id, safe='')}"

    @property
    def validate_path(self) -> str:
        """Where validate of this transaction goes (dossier 3)."""
        return f"/loyalty/transaction/pos/validate/{quote(self.transaction_id, safe='')}"

    def in_status(self, status: Status) -> "Transaction":
        """Remember what RBI was last told."""
        return self.model_copy(update={"status": status})

    def keep(self) -> dict[str, JsonValue]:
        """Spell it for a visit's or an order's `keep`; `holds` says that points are set aside."""
        spelled: dict[str, JsonValue] = self.model_dump(mode="json", exclude_defaults=True)
        return {**spelled, "status": self.status, "holds": self.status == "PENDING"}


def opened(found: Identification, *, lines: tuple[IncentiveLine, ...] = ()) -> Transaction:
    """Remember the transaction an identification opened."""
    return Transaction(
        transaction_id=found.transaction_id,
        loyalty_id=found.loyalty_user.id,
        lines=lines,
        discounts=tuple(_entry(discount) for discount in found.eligible_discounts),
    )


def remembered(keep: Mapping[str, Any]) -> Transaction | None:
    """Find the transaction in a `keep`, None where there is none of an identified guest."""
    try:
        return Transaction.model_validate(keep)
    except ValidationError:
        return None


def _entry(discount: EligibleDiscount) -> dict[str, JsonValue]:
    spelled = discount.model_dump(by_alias=True, exclude_none=True)
    details = spelled["details"]
    if discount.details.discount_value is not None:
        details["discountValue"] = json_number(discount.details.discount_value)
    return {
        "details": details,
        **{name: value for name, value in spelled.items() if name != "details"},
    }
