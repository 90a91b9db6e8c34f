from pathlib import Path

import pytest

from gateway.core.errors import Unauthorized
from gateway.engine.routing import When, matching, primary
from gateway.settings import ConfigurationInvalid, load
from tests.settings.vendors import (
    ADAPTERS,
    ENVIRONMENT,
    HUSH,
    RIGHT,
    TILL_SECRET,
    KitchenCredentials,
    PointsCredentials,
    PointsSite,
    changed,
    errors_of,
    settings_of,
)

MINIMAL = """\
vendors:
  points-ca: {adapter: points, base_url: "https://points.example", brand: b, api_key: {env: K}}
stores:
  s: {timezone: UTC, currency: CAD, routes: [{vendor: points-ca}]}
"""


def test_the_top_level_becomes_settings(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert str(settings.listen) == "127.0.0.1:8470"
    assert settings.till_auth == "hmac"
    assert settings.ops_token is not None
    assert settings.ops_token.get_secret_value() == ENVIRONMENT["OPS_TOKEN"]
    assert settings.tills["0042-1"].store == "0042"
    assert settings.tills["0042-1"].secret == TILL_SECRET


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, MINIMAL, {"K": "k"})
    assert str(settings.listen) == "127.0.0.1:8470"
    assert settings.data_dir == tmp_path / "data"
    assert [reference.path for reference in settings.seal_keys] == [tmp_path / "seal.key"]
    assert (settings.wait_seconds, settings.retention_seconds) == (3, 90 * 86400)
    assert (settings.log.level, settings.log.format, settings.log.file) == ("info", "json", None)
    assert (settings.tls, settings.ops_token, settings.tills) == (None, None, {})
    store = settings.plan.stores["s"]
    assert (store.wait_seconds, store.visit_ttl_seconds) == (3, 1800)
    assert (store.on_park, store.offline_reward, store.locale) == ("continue", "refuse", "en")
    route = store.routes[0]
    assert (route.role, route.when, route.settle_delay_seconds) == ("primary", When(), 0)


def test_a_store_becomes_what_the_engine_routes_by(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    store = settings.plan.stores["0042"]
    assert (store.name, store.timezone, store.currency) == ("King & Bay", "America/Toronto", "CAD")
    assert store.wait_seconds == 2
    assert settings.plan.stores["0077"].wait_seconds == 3
    assert store.offline_reward == "queue"
    assert store.max_age_seconds == {("submit", "kitchen"): 900, ("submit", "points"): 30 * 86400}
    assert store.offline == {("pay", "points"): "refuse"}
    follower = store.routes[1]
    assert follower.when == When(channel=frozenset({"web", "kiosk"}), till=frozenset({"0042-1"}))
    assert (follower.role, follower.settle_delay_seconds) == ("follower", 5)
    assert follower.source == f"{tmp_path}/gateway.yaml:29"
    assert settings.plan.adapters is ADAPTERS


def test_a_site_has_store_account_and_route_in_one(tmp_path: Path) -> None:
    site = settings_of(tmp_path).plan.stores["0042"].routes[0].site
    assert site == PointsSite(
        store="0042",
        timezone="America/Toronto",
        currency="CAD",
        phone_country_code="1",
        brand="90001",
        base_url="https://points.example",
        till_map={"0042-1": 7},
    )


def test_a_route_overrides_any_account_key_for_its_store_alone(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    near, far = (settings.plan.stores[code].routes[0].site for code in ("0042", "0077"))
    assert isinstance(near, PointsSite)
    assert isinstance(far, PointsSite)
    assert (near.brand, near.date_mode) == ("90001", "local")
    assert (far.brand, far.date_mode) == ("other", "utc")
    for code in ("0042", "0077"):
        link, credentials = settings.account("points-ca", code)
        assert link.read_timeout == 15
        assert isinstance(credentials, PointsCredentials)
        assert credentials.api_key.get_secret_value() == f"{HUSH}-{code}"
    assert settings.vendors["kitchen-us"].link.rate_per_second == 10
    assert settings.account("kitchen-us", "0042")[0].rate_per_second == 2


def test_a_store_that_left_a_vendor_still_has_the_account_to_drain_with(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    link, credentials = settings.account("kitchen-us", "0077")
    assert link.base_url == "https://kitchen.example"
    assert isinstance(credentials, KitchenCredentials)
    with pytest.raises(Unauthorized, match="points-ca are configured for store 9999"):
        settings.account("points-ca", "9999")
    with pytest.raises(Unauthorized, match="nobody are configured"):
        settings.account("nobody", "0042")


def test_no_secret_shows_in_a_repr(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    shown = repr(settings) + repr(settings.accounts) + repr(settings.vendors)
    shown += repr(settings.origins) + repr(settings.account("points-ca", "0042"))
    assert HUSH not in shown
    assert TILL_SECRET.decode() not in shown


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("TILLBRIDGE_LISTEN", "[::1]:1", "[::1]:1"),
        ("TILLBRIDGE_LISTEN", "unix:/run/t.sock", "unix:/run/t.sock"),
        ("TILLBRIDGE_WAIT", "500ms", "0.5"),
        ("TILLBRIDGE_RETENTION", "2d", "172800.0"),
        ("TILLBRIDGE_TILL_AUTH", "none", "none"),
        ("TILLBRIDGE_DATA_DIR", "/var/lib/t", "/var/lib/t"),
    ],
)
def test_a_variable_overrides_a_top_level_key(
    tmp_path: Path, name: str, value: str, read: str
) -> None:
    settings = settings_of(tmp_path, environment={**ENVIRONMENT, name: value})
    key = name.removeprefix("TILLBRIDGE_").lower()
    attribute = {"wait": "wait_seconds", "retention": "retention_seconds"}.get(key, key)
    assert str(getattr(settings, attribute)) == read
    assert [origin.source for origin in settings.origins if origin.path == key] == [name]


def test_origins_tell_which_line_set_each_value(tmp_path: Path) -> None:
    origins = {each.path: each for each in settings_of(tmp_path).origins}
    assert origins["wait"].source == f"{tmp_path}/gateway.yaml:4"
    assert origins["stores.0042.routes[0].api_key.env"].value == "'KEY_0042'"
    assert origins["vendors.kitchen-us.scopes[0]"].value == "'orders'"


def test_a_folder_is_the_gateway_file_and_one_file_a_store(tmp_path: Path) -> None:
    top, _, stores = RIGHT.partition("stores:\n")
    first, _, second = stores.partition('  "0077":\n')
    (tmp_path / "stores").mkdir()
    (tmp_path / "gateway.yaml").write_text(top)
    (tmp_path / "stores/a.yaml").write_text(first)
    (tmp_path / "stores/b.yaml").write_text('"0077":\n' + second)
    (tmp_path / "stores/README").write_text("not a store")
    settings = load(tmp_path, ADAPTERS, ENVIRONMENT)
    assert list(settings.plan.stores) == ["0042", "0077"]
    assert settings.plan.stores["0077"].routes[0].source == f"{tmp_path}/stores/b.yaml:5"


def test_routes_of_a_folder_are_found_wrong_in_their_own_files(tmp_path: Path) -> None:
    top, _, stores = RIGHT.partition("stores:\n")
    first, _, second = stores.partition('  "0077":\n')
    (tmp_path / "stores").mkdir()
    (tmp_path / "stores/a.yaml").write_text(first.replace("CAD", "CDA"))
    (tmp_path / "stores/b.yaml").write_text("0077:\n" + second)
    (tmp_path / "stores/c.yaml").write_text('"0042": {}\n')
    (tmp_path / "stores/d.yaml").write_text('"1": {}\n"2": {}\n')
    (tmp_path / "stores/e.yml").write_text("")
    (tmp_path / "gateway.yaml").write_text(top)
    with pytest.raises(ConfigurationInvalid) as caught:
        load(tmp_path, ADAPTERS, ENVIRONMENT)
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        (
            "stores/a.yaml:4:15: currency: found 'CDA', allowed: an ISO 4217 currency such as CAD; "
            "did you mean CAD?"
        ),
        'stores/b.yaml:1:1: a key must be text, found 0077: put quotes around it: "0077"',
        "stores/c.yaml:1:1: store 0042 is already in stores/a.yaml:1; keep one of the two",
        'stores/d.yaml:1:1: must hold one store: its code in quotes, as in "0042": …',
        "stores/e.yml: is not read; name it .yaml",
    ]


def test_every_kind_of_order_needs_exactly_one_primary_route(tmp_path: Path) -> None:
    [error] = errors_of(tmp_path, changed("role: follower", "role: primary"))
    assert error.startswith("gateway.yaml:18:3: store 0042: an order with channel ")
    assert "has 2 primary routes: " in error
    only = changed(
        "      - vendor: points-ca\n", "      - vendor: points-ca\n        role: follower\n"
    )
    [error] = errors_of(tmp_path, only)
    assert error.endswith("has no primary route")


def test_a_store_routed_by_channel_has_one_primary_each(tmp_path: Path) -> None:
    split = RIGHT.replace("role: follower", "role: primary").replace(
        'when: {channel: [web, kiosk], till: ["0042-1"]}', "when: {channel: [web, kiosk]}"
    )
    split = split.replace(
        "      - vendor: points-ca\n",
        "      - vendor: points-ca\n        when: {channel: [in_store, drive_thru, app, phone]}\n",
    )
    store = settings_of(tmp_path, split).plan.stores["0042"]
    assert [route.vendor for route in matching(store, {"channel": "web"})] == ["kitchen-us"]
    chosen = primary(store, {"channel": "in_store"})
    assert chosen is not None
    assert chosen.vendor == "points-ca"


@pytest.mark.parametrize("listen", ["127.0.0.9:1", "localhost:80", "[::1]:8470", "unix:t.sock"])
def test_tills_may_stay_unproved_where_nobody_else_can_call(tmp_path: Path, listen: str) -> None:
    text = changed("hmac", "none").replace("127.0.0.1:8470", f'"{listen}"')
    settings = settings_of(tmp_path, text)
    assert settings.till_auth == "none"
    assert settings.listen.path in (None, tmp_path / "t.sock")


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:8470", "[::]:8470", "192.168.1.4:80", "till.example:1"]
)
def test_tills_must_prove_themselves_where_others_can_call(tmp_path: Path, listen: str) -> None:
    text = changed("hmac", "none").replace("127.0.0.1:8470", f'"{listen}"')
    assert errors_of(tmp_path, text) == [
        (
            "gateway.yaml:2:12: till_auth: none is allowed only where nobody else can call, found "
            f"listen: {listen}; allowed: hmac, or listen on 127.0.0.1, [::1] or unix:PATH"
        )
    ]


def test_tls_names_two_files_and_the_key_is_private(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("-")
        (tmp_path / name).chmod(0o644)
    text = RIGHT + "tls: {certificate: {file: cert.pem}, key: {file: key.pem}}\n"
    assert errors_of(tmp_path, text) == [
        "gateway.yaml:40:43: key: key.pem can be read by others (mode 0644); run chmod 600 on it"
    ]
    (tmp_path / "key.pem").chmod(0o600)
    tls = settings_of(tmp_path, text).tls
    assert tls is not None
    assert (tls.certificate, tls.key) == (tmp_path / "cert.pem", tmp_path / "key.pem")


def test_a_seal_key_alone_may_still_be_made_and_no_other(tmp_path: Path) -> None:
    alone = RIGHT + "seal_keys: [{file: new.key}]\n"
    [reference] = settings_of(tmp_path, alone).seal_keys
    assert str(reference) == f"{{file: {tmp_path}/new.key}}"
    both = RIGHT + "seal_keys: [{file: new.key}, {file: old.key}]\n"
    assert errors_of(tmp_path, both) == [
        f"gateway.yaml:40:{place}.key cannot be read: No such file or directory"
        for place in ("13: a seal key: new", "30: a seal key: old")
    ]
    for name in ("new", "old"):
        (tmp_path / f"{name}.key").write_text("ab")
        (tmp_path / f"{name}.key").chmod(0o600)
    assert len(settings_of(tmp_path, both).seal_keys) == 2
