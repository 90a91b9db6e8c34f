"""What an account, a store and their credentials may set for RBI (dossier 7)."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints

from gateway.core.adapter import AccountSettings, Credentials, Site, StoreSettings
from gateway.core.frozen import Word
from gateway.core.order import ServiceMode

Mode = Literal["EAT_IN", "TAKEOUT", "DRIVE_THRU", "CURBSIDE", "TABLE_SERVICE"]
"""Service modes RBI knows (dossier 3.3)."""

Status = Literal["PENDING", "CLAIMED"]
"""States of a loyalty transaction that a body may say (dossier 3.3)."""


class RbiAccount(AccountSettings):
    """One region, environment and brand at RBI."""

    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(
        description="country of the stores, ISO 3166 two letters: the x-region header"
    )
    pos_type: Word = Field(default="Partner", description="the POS type agreed with RBI")
    supporting_pos: Word = Field(
        default="Tillbridge",
        description="the POS agreed with RBI; a wrong one brings another POS's PLUs",
    )
    send_unclaimed: bool = Field(
        default=False, description="tell RBI about paid sales of guests who never identified"
    )
    user_datetime_format: Literal["local", "offset"] = Field(
        default="local",
        description="x-user-datetime: the restaurant's local time, without or with its offset",
    )
    validate_method: Literal["POST", "PUT"] = Field(
        default="POST", description="method of the validate call; RBI's page has said both"
    )
    validate_status_sent: Literal["by_payments", "PENDING", "CLAIMED"] = Field(
        default="by_payments",
        description="status in a validate body; by_payments: CLAIMED once payments are named",
    )
    price_is_unit: bool = Field(
        default=True, description="a line's price is for one unit, not for the whole line"
    )
    price_includes_tax: bool = Field(
        default=False, description="line prices contain the tax, as the till's taxes then must"
    )
    void_body: Literal["full", "empty_order"] = Field(
        default="full", description="what a void repeats of the order"
    )
    void_status_sent: Literal["last", "PENDING", "CLAIMED"] = Field(
        default="last", description="status in a void body; last: the one sent before"
    )
    discount_also_as_offer_line: bool = Field(
        default=True, description="a used discount incentive stands in the basket as an offer too"
    )
    discount_amount_unit: Literal["currency", "cents"] = Field(
        default="currency", description="unit of an amount discount's value in identify"
    )
    payment_type_map: Mapping[str, str] = Field(
        default_factory=dict,
        description="RBI payment type by card brand or tender, over visa, mastercard, amex, cash",
    )
    payment_type_fallback: Word = Field(
        default="CREDIT", description="payment type of what the maps do not name"
    )
    max_offers: Annotated[int, Field(ge=0, le=100)] = Field(
        default=1, description="offers the market allows in one order"
    )
    max_rewards: Annotated[int, Field(ge=0, le=100)] = Field(
        default=1, description="rewards the market allows in one order"
    )
    extra_headers: Mapping[str, str] = Field(
        default_factory=dict, description="public headers to add to every call"
    )


class RbiStore(StoreSettings):
    """One restaurant."""

    store_id: Word = Field(description="RBI store number, sent as text")
    service_mode_map: Mapping[ServiceMode, Mode] = Field(
        default_factory=dict,
        description="RBI service mode by ours; pickup and delivery have none unless set here",
    )
    release_service_mode: Mode = Field(
        default="EAT_IN", description="service mode of a void without a basket"
    )


class RbiCredentials(Credentials):
    """The key of one environment, vendor and brand (dossier 2)."""

    api_key: SecretStr


class RbiSite(RbiAccount, RbiStore, Site):
    """A store as RBI's flows see it."""
