"""What an account, a store and their credentials may set for Spendgo (dossier 7)."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StrictBool, model_validator

from gateway.core.adapter import AccountSettings, Credentials, Site, StoreSettings
from gateway.core.duration import Seconds
from gateway.core.frozen import Word
from gateway.core.order import Tender

SpendgoTender = Literal["cash", "check", "credit", "debit", "prepaid", "transfer", "value"]
Undoable = Literal["checkout", "placed", "billed"]

HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]

_FOREIGN_TO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


class SpendgoAccount(AccountSettings):
    """One account at Spendgo, as far as it shapes what is said."""

    account_id: Word = Field(description="Spendgo's Account ID, sent as `brand`")
    enrol: Literal["consent", "always", "never"] = Field(
        default="consent",
        description="who may be looked up by phone: a look-up creates the member",
    )
    auto_complete: StrictBool = Field(
        default=False, description="say completed right after billed, for tills that never do"
    )
    program_type: Literal["points", "visits", "points_banking", "shop_with_points"] | None = Field(
        default=None,
        description="the account's programme; only shop_with_points may redeem in part",
    )
    payments_shape: Literal["array", "object"] = Field(
        default="array",
        description="array: every tender; object: the largest one with the whole sum",
    )
    send_transaction_on: Literal["refunded", "refunded_and_voided"] = Field(
        default="refunded", description="where Spendgo's own transaction id is sent back"
    )
    guest_orders_enabled: StrictBool = Field(
        default=True, description="report sales without a member as guest orders"
    )
    order_id_format: Literal["as_printed", "without_leading_zeros", "order_id"] = Field(
        default="as_printed",
        description="the order's number at Spendgo: the receipt's, or order_id where receipt "
        "numbers start again each day",
    )
    void_allowed_from: tuple[Undoable, ...] = Field(
        default=("checkout", "placed", "billed"),
        description="statuses from which voided is taken",
    )
    refund_window: Seconds | None = Field(
        default=None, description="how long after the sale refunded is taken; unset: ever"
    )
    repeat_status_is_safe: StrictBool = Field(
        default=True,
        description="say a status again after a lost answer; false: park it for a person",
    )
    phone_normalisation: Literal["ten_digits", "as_given"] = Field(
        default="ten_digits",
        description="ten_digits: the country code dropped, digits alone",
    )
    tender_map: Mapping[Tender, SpendgoTender] = Field(
        default_factory=dict, description="our tenders in Spendgo's words"
    )


class SpendgoStore(StoreSettings):
    """One store at Spendgo."""

    store_code: Word = Field(description="code agreed with Spendgo, sent as `vendor`")


class SpendgoCredentials(Credentials):
    """The key pair of one account, environment and channel, and how it signs."""

    api_key: SecretStr
    secret: SecretStr
    secret_decoding: Literal["base64", "lenient_base64", "text"] = Field(
        default="base64",
        description="how the secret becomes the key; lenient skips foreign characters",
    )
    header_key: HeaderName = "X-Class-Key"
    header_signature: HeaderName = "X-Class-Signature"
    content_type: Word = Field(
        default="application/json", description="sent with every call, reads too"
    )
    sign_includes_query: StrictBool = True
    sign_algorithm: Literal["hmac-sha256", "hmac-sha512"] = "hmac-sha256"
    signature_encoding: Literal["base64", "hex"] = "base64"

    @model_validator(mode="after")
    def _secret_can_be_read(self) -> Self:
        self.key()
        return self

    def key(self) -> bytes:
        """The secret's raw bytes; ValueError where the spelling is not what is configured."""
        text = self.secret.get_secret_value()
        match self.secret_decoding:
            case "text":
                return text.encode()
            case "lenient_base64":
                text = _FOREIGN_TO_BASE64.sub("", text)
                text += "=" * (-len(text) % 4)
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            raise ValueError(
                f"secret is not {self.secret_decoding}, padding included; copy it whole, or set "
                "secret_decoding to lenient_base64 or text"
            ) from None


class SpendgoSite(SpendgoAccount, SpendgoStore, Site):
    """A store as Spendgo's flows see it."""
