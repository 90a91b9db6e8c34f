"""What an account, a store and their credentials may set for SpotOn (dossier 7)."""

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, SecretStr, StringConstraints, model_validator

from gateway.core.adapter import AccountSettings, Credentials, Site, StoreSettings
from gateway.core.duration import Seconds
from gateway.core.frozen import Frozen, Word

PHYSICAL_SECONDS = 15 * 60.0
"""A paid order nobody has begun to cook by then is a complaint at the counter, not an order."""

Path = Annotated[str, StringConstraints(pattern=r"^/[^?#\s]*$")]
OrderPath = Annotated[str, StringConstraints(pattern=r"^/[^?#\s]*\{order_id\}[^?#\s]*$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#\s]+/[^?#\s]*$")]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]

_ORDERS = "/order/v1/locations/{location_id}/orders"


class CancelIfLater(Frozen):
    """Cancel an order that SpotOn promises later than this after the time that was asked for."""

    cancel_if_later_than: Seconds = 15 * 60.0


class SpotonAccount(AccountSettings):
    """A SpotOn partner account (dossier 7)."""

    source_name: Word = Field(
        description="where orders come from, on receipts and in reports: one constant text"
    )
    provider_name: Word = Field(
        description="name of the tender in SpotOn's reports; tender_map names others per tender"
    )
    auth_mode: Literal["oauth_client_credentials", "api_key"] = Field(
        default="oauth_client_credentials", description="how calls prove who they are"
    )
    token_url: Url = Field(
        default="https://api.spoton.com/oauth2/v1/token", description="where tokens are fetched"
    )
    scopes: tuple[Word, ...] = Field(
        default=(), description="scopes SpotOn granted; required unless auth_mode is api_key"
    )
    path_propose: Path = Field(default=f"{_ORDERS}/propose", description="where carts are priced")
    path_submit: Path = Field(default=f"{_ORDERS}/submit", description="where orders are placed")
    path_cancel: OrderPath = Field(
        default=f"{_ORDERS}/{{order_id}}/cancel", description="where orders are canceled"
    )
    request_wrapper: Literal["order"] | None = Field(
        default=None, description="the key an order is wrapped in when sent, null for none"
    )
    enum_style: Literal["bare", "prefixed"] = Field(
        default="bare", description="CLOSED, or ORDER_STATE_CLOSED"
    )
    key_sub_items: Key = Field(default="sub_items", description="a line's own lines")
    key_modifiers: Key = Field(default="modifiers", description="a line's modifiers")
    key_note: Key = Field(default="special_instructions", description="a line's note")
    key_delivery_address: Key = Field(
        default="delivery_address", description="where to deliver, inside fulfillment"
    )
    key_table: Key = Field(default="table_number", description="the table, inside fulfillment")
    key_card_transaction_id: Key = Field(
        default="card_transaction_id", description="SpotOn's own card transaction of a payment"
    )
    requires_signature: bool = Field(
        default=False, description="whether SpotOn wants this partner's carts signed"
    )
    signature_lifetime: Seconds = Field(
        default=15 * 60.0, description="age at which a quote's signature is fetched anew"
    )
    send_state_on_propose: bool = Field(
        default=False, description="whether propose carries the order's state"
    )
    send_payments_on_propose: bool = Field(
        default=False, description="whether propose carries the payments"
    )
    cancel_body: dict[str, JsonValue] = Field(
        default_factory=dict, description="what a cancel says, such as a reason"
    )
    submit_retry_is_idempotent: bool = Field(
        default=False,
        description="set only once SpotOn confirms that external_reference_id deduplicates",
    )
    schedule_policy: Literal["accept"] | CancelIfLater = Field(
        default=CancelIfLater(), description="what to do when SpotOn promises a later time"
    )

    @model_validator(mode="after")
    def _scopes_are_named(self) -> Self:
        if self.auth_mode == "oauth_client_credentials" and not self.scopes:
            raise ValueError(
                "scopes must list the scopes SpotOn granted this account, got none; "
                "they are not needed with auth_mode: api_key"
            )
        return self


class SpotonStore(StoreSettings):
    """One location at SpotOn."""

    location_id: Word = Field(description="SpotOn's id of the location, such as BL-…")
    menu_id: Word = Field(description="the menu the till's prices come from")
    flow: Literal["submit", "propose"] = Field(
        default="submit",
        description="submit: the till's own figures stand; propose: SpotOn prices each cart first",
    )


class SpotonCredentials(Credentials):
    """A client that fetches tokens, or an API key: exactly one of the two."""

    client_id: SecretStr | None = None
    client_secret: SecretStr | None = None
    api_key: SecretStr | None = None
    api_key_header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")] = Field(
        default="x-api-key", description="the header an API key goes in"
    )

    @model_validator(mode="after")
    def _one_way_to_prove(self) -> Self:
        client = (self.client_id, self.client_secret)
        whole = all(client) if self.api_key is None else not any(client)
        if not whole:
            raise ValueError(
                "needs client_id and client_secret together, or, with auth_mode: api_key, "
                "api_key alone"
            )
        return self


class SpotonSite(SpotonAccount, SpotonStore, Site):
    """A store as SpotOn's flows see it."""

    def enum(self, prefix: str, word: str) -> str:
        """Spell an enum bare or with its prefix, as configured (dossier 3.2)."""
        return f"{prefix}_{word}" if self.enum_style == "prefixed" else word
