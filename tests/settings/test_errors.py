import random
from pathlib import Path

import pytest

from gateway.settings import ConfigurationInvalid
from tests.settings.vendors import ENVIRONMENT, HUSH, RIGHT, changed, errors_of, settings_of

ZONE = "an IANA time zone such as America/Toronto"
CODE = "an ISO 4217 currency such as CAD"

WRONG = [
    # found, put instead, the error
    ("listen: 127", "listne: 127", "1:1: unknown key listne; did you mean listen?"),
    ("127.0.0.1:8470", "8470", ("1:9: listen: must be text, found 8470: put quotes around it: "
     '"8470"')),
    ("127.0.0.1:8470", "till:99999", ("1:9: listen: found 'till:99999', allowed: host:port, "
     "[IPv6 address]:port, unix:PATH")),
    ("127.0.0.1:8470", "'::1:80'", ("1:9: listen: found '::1:80', allowed: host:port, "
     "[IPv6 address]:port, unix:PATH")),
    ("127.0.0.1:8470", "'unix:'", "1:9: listen: found 'unix:' without a path, allowed: unix:PATH"),
    ("hmac", "hmca", "2:12: till_auth: found 'hmca', allowed: hmac, none; did you mean hmac?"),
    ("{token: {env: OPS_TOKEN}}", "{tokn: x}", "3:6: ops needs token: {env: NAME} or {file: PATH}"),
    ("wait: 3s", "wait: 3", ("4:7: wait: must be a duration such as 500ms, 3s, 15m, 2h or 90d, "
     "got 3")),
    ("wait: 3s", "wait: 2m", "4:7: wait: must be at most 60 s, found '2m'"),
    ("wait: 3s", "wait: 0s", "4:7: wait: must be more than 0 s, found '0s'"),
    ("wait: 3s", "retention: 1h", "4:12: retention: must be at least 86400 s, found '1h'"),
    ("wait: 3s", "log: {level: inf}", ("4:14: level: found 'inf', allowed: debug, info, warning, "
     "error; did you mean info?")),
    ("wait: 3s", "log: [info]", "4:6: log: must be a mapping, found a list"),
    ("wait: 3s", "tls: {key: x, certificate: y}", "4:12: key must be {file: PATH}, found 'x'"),
    ("wait: 3s", "tls: x", "4:6: tls must be a mapping, found 'x'"),
    ("wait: 3s", "tls: {certificate: {file: no}}", "4:6: tls needs key: {file: PATH}"),
    ("wait: 3s", "tls: {key: {file: no}}", "4:12: key: there is no file no"),
    ("{token: {env: OPS_TOKEN}}", "x", "3:6: ops must be a mapping, found 'x'"),
    ('{store: "0042", secret: {env: TILL_1}}', "x", ("6:13: till 0042-1 must be a mapping, found "
     "'x'")),
    ("wait: 3s", "seal_keys: [x]", ("4:13: a seal key is a secret and never written here: write "
     "{env: NAME} or {file: PATH}")),
    (("    timezone: America/Chicago\n    currency: USD\n    routes:\n      - {vendor: points-ca, "
     "api_key: {env: KEY_0077}, brand: other, date_mode: utc}"), "    x",
     "36:5: store 0077 must be a mapping, found 'x'"),
    ("{vendor: points-ca, api_key: {env: KEY_0077}, brand: other, date_mode: utc}", "x",
     "39:9: a route must be a mapping, found 'x'"),
    ("    currency: USD\n    routes:", "    currency: USD\n    x:", ("35:3: store 0077 needs "
     "routes: a list of at least one route")),
    ("{reward: queue, submit: {kitchen: {max_age: 15m}, max_age: 30d}, pay: refuse}", "x",
     "24:14: offline must be a mapping, found 'x'"),
    ("wait: 3s", "seal_keys: {file: x}", ("4:12: seal_keys must be a list, as in [{file: PATH}], "
     "found a mapping")),
    ('  "0042-1": {store: "0042"', '  "0042/1": {store: "0042"', ("6:3: till '0042/1': a name has "
     "1 to 64 of A-Z, a-z, 0-9 and . _ : -")),
    ('{store: "0042"', "{store: 42", ('6:21: store must be text, found 42: put quotes around it: '
     '"42"')),
    ('{store: "0042"', '{store: "0024"', ("6:21: store: found '0024', allowed: 0042, 0077; did you "
     "mean 0042?")),
    (", secret: {env: TILL_1}", "", "6:13: till 0042-1 needs secret"),
    ("adapter: points", "adapter: pionts", ("9:14: adapter: found 'pionts', allowed: points, "
     "kitchen; did you mean points?")),
    ("adapter: points", "brnad: x", "9:5: vendor points-ca needs adapter: one of points, kitchen"),
    ("    base_url: https://points.example\n", "", "9:5: base_url is missing in vendor points-ca"),
    ("https://points.example", "points.example", ("10:15: base_url: found 'points.example', "
     "allowed: ^https?://[^/?#\\s]+(/[^?#\\s]*)?$")),
    ("https://points.example", f"https://me:{HUSH}@points.example", ("10:15: base_url must not "
     "carry a user or password before an @")),
    ('brand: "90001"', "brand: 90001", ('11:12: brand: must be text, found 90001: put quotes '
     'around it: "90001"')),
    ('brand: "90001"', 'brnad: "90001"', "11:5: unknown key brnad; did you mean brand?"),
    ("scopes: [orders]", "scopes: orders", ("16:13: scopes: must be a list, as in [one, two], "
     "found 'orders'")),
    ("scopes: [orders]", "scopes: []", ("29:9: vendor kitchen-us: scopes must list at least one "
     "scope")),
    ("scopes: [orders]", "schedule: acept\n    scopes: [a]", ("16:15: schedule: found 'acept', "
     "allowed: accept; did you mean accept?; or schedule: must be a mapping, found 'acept'")),
    ("scopes: [orders]", "schedule: {cancel_after: 15}\n    scopes: [a]", ("16:30: cancel_after: "
     "must be a duration such as 500ms, 3s, 15m, 2h or 90d, got 15")),
    ("scopes: [orders]", "tender_map: {csah: C}\n    scopes: [a]", ("16:18: csah: found 'csah', "
     "allowed: cash, card, gift_card, points, voucher, external; did you mean cash?")),
    ("scopes: [orders]", "rate_per_second: true\n    scopes: [a]", ("16:22: rate_per_second: must "
     "be a number, found true")),
    ('  "0077":', "  0077:", '35:3: a key must be text, found 0077: put quotes around it: "0077"'),
    ('  "0077":', "  77:", '35:3: a key must be text, found 77: put quotes around it: "77"'),
    ('  "0077":', '  "0042":', "35:3: 0042 is already set in line 18; keep one of the two"),
    ("America/Toronto", "America/Tornto", (f"20:15: timezone: found 'America/Tornto', allowed: "
     f"{ZONE}; did you mean America/Toronto?")),
    ("    timezone: America/Chicago\n", "", "36:5: timezone is missing in store 0077"),
    ("currency: USD", "currency: UDS", (f"37:15: currency: found 'UDS', allowed: {CODE}; did you "
     "mean USD?")),
    ("currency: USD", "currency: usd", "37:15: currency: found 'usd', allowed: ^[A-Z]{3}$"),
    ("phone_region: CA", "phone_region: XX", ("22:19: phone_region: found 'XX', allowed: a "
     "two-letter country such as CA")),
    ("phone_region: CA", "phone_region: NO\n    visit_ttl: 5s", ("23:16: visit_ttl: must be at "
     "least 60 s, found '5s'")),
    ("pay: refuse", "pay: queue", ("24:84: pay: points moves money there, which is never queued; "
     "allowed: refuse")),
    ("pay: refuse", "pay: maybe", ("24:84: pay: found 'maybe', allowed: queue, refuse, local, or "
     "adapters with {max_age: 15m}")),
    ("pay: refuse", "quote: queue", ("24:86: quote: quote is a conversation and never queued; "
     "allowed: refuse")),
    ("pay: refuse", "quote: {max_age: 2d}", "24:87: quote is never queued, so it has no age"),
    ("pay: refuse", "submit2: queue", "24:79: unknown key submit2; did you mean submit?"),
    ("pay: refuse", "refund: {kitchen: queue}", ("24:88: refund is not said to kitchen: food does "
     "not come back")),
    ("kitchen: {max_age: 15m}", "kitchn: {max_age: 15m}", ("24:39: unknown key kitchn; did you "
     "mean kitchen?")),
    ("kitchen: {max_age: 15m}", "kitchen: {max_age: 15}", ("24:58: max_age: must be a duration "
     "such as 500ms, 3s, 15m, 2h or 90d, got 15")),
    ("kitchen: {max_age: 15m}", "kitchen: local", ("24:48: submit: kitchen cannot answer it "
     "without its vendor; allowed: queue, refuse")),
    ("reward: queue", "reward: local", "24:23: reward: found 'local', allowed: queue, refuse"),
    ("vendor: points-ca\n", "vendor: points-cn\n", ("26:17: vendor: found 'points-cn', allowed: "
     "points-ca, kitchen-us; did you mean points-ca?")),
    ("vendor: points-ca\n", "role: primary\n", ("26:9: vendor is missing: one of points-ca, "
     "kitchen-us")),
    ("        api_key: {env: KEY_0042}\n", "", ("26:9: api_key is missing, here or under vendors: "
     "points-ca")),
    ('{"0042-1": 7}', '{"0042-1": seven}', "28:30: 0042-1: must be a whole number, found 'seven'"),
    ("role: follower", "role: folower", ("30:15: role: found 'folower', allowed: primary, "
     "follower; did you mean follower?")),
    ("[web, kiosk]", "[web, kisok]", ("31:31: channel: found 'kisok', allowed: in_store, kiosk, "
     "drive_thru, web, app, phone; did you mean kiosk?")),
    ("[web, kiosk]", "web", "31:25: channel: must be a list, as in [one, two], found 'web'"),
    ("[web, kiosk]", "[]", "31:25: channel: must not be empty"),
    ("channel: [", "chanel: [", "31:16: unknown key chanel; did you mean channel?"),
    ('till: ["0042-1"]', 'till: ["0042-7"]', ("31:46: till: found '0042-7', allowed: the tills of "
     "store 0042: 0042-1; did you mean 0042-1?")),
    ("settle_delay: 5s", "settle_delay: 2d", ("32:23: settle_delay: must be at most 86400 s, found "
     "'2d'")),
    ("        location_id: BL-1\n", "", "29:9: location_id is missing in the route to kitchen-us"),
    ("location_id: BL-1", "location: BL-1", ("33:9: unknown key location; did you mean "
     "location_id?")),
    ("vendor: kitchen-us", "vendor: points-ca\n        api_key: {env: CLIENT}", ("29:17: vendor "
     "'points-ca' already has a route in line 26; declare the account under a second name")),
]  # fmt: skip


@pytest.mark.parametrize(("found", "put", "error"), WRONG)
def test_an_error_names_its_place_what_was_found_and_what_is_allowed(
    tmp_path: Path, found: str, put: str, error: str
) -> None:
    errors = errors_of(tmp_path, changed(found, put))
    assert f"gateway.yaml:{error}" in errors


def test_all_errors_are_said_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = changed("wait: 3s", "wait: 3").replace("USD", "UDS").replace("KEY_0042", "KEY_X")
    text = text.replace('0042-1": 7', '0042-1": x')
    places = [error.split(": ")[0] for error in errors_of(tmp_path, text)]
    assert places == [
        "gateway.yaml:4:7",
        "gateway.yaml:27:18",
        "gateway.yaml:28:30",
        "gateway.yaml:37:15",
    ]


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("TILLBRIDGE_WAIT", "3", ("TILLBRIDGE_WAIT: wait: must be a duration such as 500ms, 3s, "
         "15m, 2h or 90d, got '3'")),
        ("TILLBRIDGE_TILL_AUTH", "off", ("TILLBRIDGE_TILL_AUTH: till_auth: found 'off', allowed: "
         "hmac, none")),
        ("TILLBRIDGE_LISTEN", "", ("TILLBRIDGE_LISTEN: listen: found '', allowed: host:port, "
         "[IPv6 address]:port, unix:PATH")),
        ("TILLBRIDGE_STORES", "{}", ("TILLBRIDGE_STORES: stores is more than one value and cannot "
         "be set by a variable")),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_named(tmp_path: Path, name: str, value: str, error: str) -> None:
    assert errors_of(tmp_path, RIGHT, {**ENVIRONMENT, name: value}) == [error]


@pytest.mark.parametrize("text", ["", "[]", "a", "stores: []", "vendors: x", "tills: [1]", "\x00"])
def test_what_is_no_configuration_at_all_is_an_error_or_empty(tmp_path: Path, text: str) -> None:
    if text:
        assert errors_of(tmp_path, text)
    else:
        assert settings_of(tmp_path, text).plan.stores == {}


@pytest.mark.parametrize("routes", ["null", "[]", "{}", "x"])
def test_a_store_needs_a_route(tmp_path: Path, routes: str) -> None:
    text = (
        RIGHT[: RIGHT.index('  "0077":')]
        + f'  "0077": {{timezone: UTC, currency: USD, routes: {routes}}}'
    )
    [error] = errors_of(tmp_path, text)
    assert "routes must be a list of at least one route" in error


def test_no_slip_of_the_keyboard_breaks_the_reader_or_tells_a_secret(tmp_path: Path) -> None:
    dice = random.Random(20)
    for _ in range(120):
        text = list(changed("{env: KEY_0042}", HUSH))
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(text))
            text[at : at + dice.randint(0, 2)] = dice.choice("{}[]:,\"'&*!|>%@#-\n 0a\t")
        if HUSH in (mangled := "".join(text)):
            assert HUSH not in _said(tmp_path, mangled)


def _said(folder: Path, text: str) -> str:
    try:
        return repr(settings_of(folder, text))
    except ConfigurationInvalid as error:
        return str(error)
