"""What an account, a store and their credentials may set for Spoonity (dossier 7)."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints

from gateway.core.adapter import AccountSettings, Credentials, Site, StoreSettings
from gateway.core.frozen import Frozen, Id

TILL_DIGITS = 9
"""Spoonity's till is an integer of unknown width: nine digits fit into every one."""

TillNumber = Annotated[int, Field(ge=0, lt=10**TILL_DIGITS)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class RewardDiscountShape(Frozen):
    """How a discount names its reward; a line's discount goes on the line, others on the order."""

    identifier_key: Key = Field(default="id", description="key that carries the identifier")
    amount_sign: Literal["positive", "negative"] = Field(
        default="positive", description="sign of a discount's amount"
    )
    item_prefix: str = Field(
        default="discount_", description="identifiers of item rewards begin with this"
    )
    item_prefix_sent: bool = Field(
        default=False, description="send the prefix of an item reward's identifier on a line"
    )


class SpoonityAccount(AccountSettings):
    """One brand at Spoonity; `tender_map` is the dossier's payment_method_map."""

    phone_format: Literal["national_digits", "as_captured"] = Field(
        default="national_digits",
        description="national_digits: digits alone, without the store's own country code",
    )
    date_mode: Literal["local_wall_epoch", "utc_epoch"] = Field(
        default="local_wall_epoch",
        description="local_wall_epoch: the store's wall clock read as if it were UTC",
    )
    discounts_field: Literal["discounts", "discount"] = Field(
        default="discounts", description="name of the order's own discounts"
    )
    reward_discount_shape: RewardDiscountShape = Field(
        default=RewardDiscountShape(), description="how a discount names its reward"
    )
    line_price_mode: Literal["unit", "extended"] = Field(
        default="unit", description="price of a line: for one unit, or for its whole quantity"
    )
    subtotal_mode: Literal["net_of_discounts_ex_tax", "before_discounts_ex_tax"] = Field(
        default="net_of_discounts_ex_tax", description="the figure points are computed from"
    )
    loyalty_pay_request_sign: Literal["positive", "negative"] = Field(
        default="positive", description="sign of a payment with points"
    )
    void_receipt_type: Literal["string", "number"] = Field(
        default="string", description="JSON type of the reference in a void"
    )
    delete_params_in: Literal["body", "query", "both"] = Field(
        default="body", description="where a DELETE carries its field"
    )
    close_session_after_order: bool = Field(
        default=True, description="close the member's session after the order, best effort"
    )
    gift_card_undo: Literal["person_approves", "opposite_amount"] = Field(
        default="person_approves",
        description="what reverses a gift card payment: a person, or the opposite amount at once",
    )


class SpoonityStore(StoreSettings):
    """One location."""

    till_map: Mapping[Id, TillNumber] = Field(
        default_factory=dict, description="Spoonity's number of a till, by our name of it"
    )


class SpoonityCredentials(Credentials):
    """The key of one location, which is also its name (dossier 2)."""

    api_key: SecretStr
    api_key_parameter: Key = Field(
        default="api_key", description="query parameter that carries the key"
    )


class SpoonitySite(SpoonityAccount, SpoonityStore, Site):
    """A store as Spoonity's flows see it."""
