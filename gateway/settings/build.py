"""From YAML to settings: everything is read, every fault is said, or there are settings."""

from collections.abc import Mapping
from pathlib import Path

from gateway.core.adapter import Adapter
from gateway.engine.routing import Plan, Store
from gateway.settings import access
from gateway.settings.accounts import Given, declare
from gateway.settings.faults import Faults
from gateway.settings.model import Listen, Log, Settings, StoreAccount
from gateway.settings.references import Secrets
from gateway.settings.routes import Routes
from gateway.settings.shapes import GatewayShape
from gateway.settings.stores import Stores
from gateway.settings.tree import STRUCTURED, folder_of, origins, read_tree
from gateway.settings.validation import check, known_only
from gateway.settings.yaml import Block

TOP_KEYS = tuple(dict.fromkeys((*GatewayShape.model_fields, *STRUCTURED)))

Accounts = Mapping[tuple[str, str], StoreAccount]


def load(path: Path, adapters: Mapping[str, Adapter], environment: Mapping[str, str]) -> Settings:
    """Read a configuration, a file or a folder, whole.

    Raises ConfigurationInvalid with every fault in it: file:line:column, what was found, what is
    allowed, the nearest right spelling. No secret is in any of them.
    """
    faults = Faults()
    secrets = Secrets(folder_of(path), environment, faults)
    top = read_tree(path, environment, faults)
    given = Given(adapters=adapters, secrets=secrets, faults=faults)
    settings = _settings(top, given) if top is not None else None
    if settings is None or faults:
        raise faults.error()
    return settings


def _settings(top: Block, given: Given) -> Settings | None:
    top = known_only(top, TOP_KEYS, given.faults)
    shape = check(GatewayShape, top.only(GatewayShape.model_fields), given.faults)
    tls, ops = top.values.get("tls"), top.values.get("ops")
    tills = access.tills(top, _names(top, "stores"), given)
    vendors = {
        name: declare(name, node, given)
        for name, _, node in access.named(top, "vendors", "vendor", given.faults)
    }
    routes = Routes(given=given, vendors=vendors, tills=tills)
    wait_seconds = GatewayShape().wait if shape is None else shape.wait
    stores, accounts = _stores(top, Stores(routes=routes, wait_seconds=wait_seconds))
    read_tls = access.tls(tls, given) if tls else None
    read_token = access.ops_token(ops, given) if ops else None
    read_seal_keys = access.seal_keys(top.values.get("seal_keys"), given)
    if shape is None:
        return None
    return Settings(
        listen=_listen(shape, top, given),
        data_dir=given.secrets.path(shape.data_dir),
        till_auth=shape.till_auth,
        tls=read_tls,
        ops_token=read_token,
        seal_keys=read_seal_keys,
        wait_seconds=shape.wait,
        retention_seconds=shape.retention,
        log=Log(
            level=shape.log.level,
            format=shape.log.format,
            file=given.secrets.path(shape.log.file) if shape.log.file else None,
        ),
        tills=tills,
        vendors={name: each.account for name, each in vendors.items() if each},
        plan=Plan(stores=stores, adapters=given.adapters),
        origins=origins(top),
        accounts=accounts,
    )


def _names(top: Block, key: str) -> tuple[str, ...]:
    node = top.values.get(key)
    return tuple(node.values) if isinstance(node, Block) else ()


def _stores(top: Block, stores: Stores) -> tuple[Mapping[str, Store], Accounts]:
    read: dict[str, Store] = {}
    accounts: dict[tuple[str, str], StoreAccount] = {}
    faults = stores.routes.given.faults
    for code, place, node in access.named(top, "stores", "store", faults):
        built = stores.read(code, place, node)
        if built is None:
            continue
        read[code], taken = built
        accounts.update({(each.route.vendor, code): each.account for each in taken})
    return read, accounts


def _listen(shape: GatewayShape, top: Block, given: Given) -> Listen:
    listen = Listen.parse(shape.listen)
    if listen.path is not None:
        listen = Listen(path=given.secrets.path(str(listen.path)))
    if shape.till_auth == "none" and not listen.is_local:
        given.faults.add(
            top.values["till_auth"].place,
            f"till_auth: none is allowed only where nobody else can call, found listen: {listen}; "
            "allowed: hmac, or listen on 127.0.0.1, [::1] or unix:PATH",
        )
    return listen
