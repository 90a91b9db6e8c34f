import base64
from collections.abc import Mapping
from pathlib import Path

import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest

from adapters.rbi import ADAPTER as RBI
from adapters.spendgo import ADAPTER as SPENDGO
from adapters.spoonity import ADAPTER as SPOONITY
from adapters.spoton import ADAPTER as SPOTON
from gateway.core.adapter import Adapter
from gateway.settings import ConfigurationInvalid, load, schema, schema_text, yaml
from gateway.settings.faults import Faults

CONFIG = Path(__file__).parents[2] / "config"
ADAPTERS: Mapping[str, Adapter] = {
    adapter.name: adapter for adapter in (SPOONITY, SPENDGO, SPOTON, RBI)
}
MADE_UP = base64.b64encode(b"made-up-for-tests").decode()


VARIABLES = (
    "TILLBRIDGE_OPS_TOKEN SPENDGO_KEY SPENDGO_SECRET SPOTON_ID SPOTON_SECRET SPOTON_KEY "
    "SPOONITY_KEY_0042"
)
ENVIRONMENT = dict.fromkeys(VARIABLES.split(), MADE_UP)
FILES = [
    "till-0042-1", "till-0042-k1", "till-0077-1", "till-0061-1", "till-20177-1",
    "till-1001-1", "till-1002-1", "rbi-de",
]  # fmt: skip


def copied(source: Path, target: Path) -> None:
    """Copy an example and write the secrets it names."""
    for file in source.rglob("*.yaml"):
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.read_text())
    (target / "secrets").mkdir()
    for name in FILES:
        (target / "secrets" / name).write_text(MADE_UP)
        (target / "secrets" / name).chmod(0o600)


def test_the_example_loads_with_the_adapters_as_they_are(tmp_path: Path) -> None:
    copied(CONFIG, tmp_path)
    settings = load(tmp_path / "gateway.yaml", ADAPTERS, ENVIRONMENT)
    used = {route.adapter for store in settings.plan.stores.values() for route in store.routes}
    assert used == set(ADAPTERS)
    for (vendor, store), account in settings.accounts.items():
        assert settings.account(vendor, store) == (account.link, account.credentials)


def test_the_chain_example_loads_with_the_adapters_as_they_are(tmp_path: Path) -> None:
    copied(CONFIG / "chain", tmp_path)
    settings = load(tmp_path, ADAPTERS, ENVIRONMENT)
    assert list(settings.plan.stores) == ["1001", "1002"]


def test_the_example_says_which_secrets_it_lacks_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text((CONFIG / "gateway.yaml").read_text())
    with pytest.raises(ConfigurationInvalid) as caught:
        load(tmp_path / "gateway.yaml", ADAPTERS, {})
    assert len(caught.value.errors) == 12
    for error in caught.value.errors:
        assert error.endswith((" is not set", " cannot be read: No such file or directory"))


def test_the_schema_file_is_fresh() -> None:
    assert (CONFIG / "gateway.schema.json").read_text() == schema_text(ADAPTERS)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("gateway.yaml", None),
        ("chain/gateway.yaml", None),
        ("chain/stores/1001.yaml", "stores"),
        ("chain/stores/1002.yaml", "stores"),
    ],
)
def test_the_examples_fit_the_schema(name: str, part: str | None) -> None:
    whole = schema(ADAPTERS)
    wanted = {"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]} if part else whole
    node = yaml.read(CONFIG / name, Faults())
    assert node is not None
    errors = jsonschema.Draft202012Validator(wanted).iter_errors(yaml.plain(node))
    assert [error.message for error in errors] == []
