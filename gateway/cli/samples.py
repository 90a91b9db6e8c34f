"""What the played vendors' sample worlds let in, as configuration keys, and whom they know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One vendor's: public account keys, secrets of a made-up world, route keys, and its people."""

    account: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    route: Mapping[str, Any] = field(default_factory=dict)
    knows: tuple[str, ...] = ()

    def at(self, url: str) -> dict[str, Any]:
        """The account's public keys, with the sandbox's address in each that is one."""
        filled = {
            key: value.format(url=url) if isinstance(value, str) else value
            for key, value in self.account.items()
        }
        return {"base_url": url, **filled}


SAMPLES: Mapping[str, Sample] = {
    "spoonity": Sample(
        secrets={"api_key": "key-0042"},
        knows=(
            "members ana@example.test (9886 points) and brandin@spoonity.com (250), in CAD",
            "rewards 7001 Free coffee on a line (100 points), 7002 Five off on the order (500)",
            "a second store has the api_key key-0043",
        ),
    ),
    "spendgo": Sample(
        account={"account_id": "90001"},
        secrets={
            "api_key": "spendgo-key",
            "secret": "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=",
        },
        route={"store_code": "0077"},
        knows=(
            "members +14155550123 (1250 points) and +14155550124, in USD",
            "rewards 810001 $5 off (store 0077), 810002 10% off, 810003 free Latte, 810004 $2 off",
            "a second store has the store_code 0042",
        ),
    ),
    "spoton": Sample(
        account={
            "token_url": "{url}/oauth2/v1/token",
            "scopes": ["order:orders:write"],
            "source_name": "Acme POS",
            "provider_name": "Acme Pay",
        },
        secrets={"client_id": "spoton-id", "client_secret": "spoton-secret"},
        route={"location_id": "BL-AAAA-BBBB-CCCC", "menu_id": "menu-main"},
        knows=(
            "menu-main in cents: itm-burger 900, itm-fries 350, itm-cola 250, itm-combo 1200,",
            "mod-cheese 150, mod-bacon 200; the itm-salad is sold out; tax is 8 %, in USD",
        ),
    ),
    "rbi": Sample(
        account={"region": "DE", "pos_type": "Partner", "supporting_pos": "Acme POS"},
        secrets={"api_key": "rbi-key-de"},
        route={"store_id": "20177"},
        knows=(
            "Dana (2550 points) shows the short_codes 481920 (a drink is picked), 481921 (chicken",
            "offer), 481922, 481923 (nothing); Sam 735501, 735502; promo code SUMMER; in EUR",
        ),
    ),
}
"""By adapter; an adapter from elsewhere has none, and is played all the same."""
