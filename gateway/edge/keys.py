"""The seal keys: read where they are kept, and made at the first start."""

import os
import secrets
from collections.abc import Mapping

from pydantic import SecretStr

from gateway.edge.seal import KEY_BYTES, SealKey
from gateway.settings import Reference, SecretUnreadable, read_secret


def seal_keys(
    references: tuple[Reference, ...], environment: Mapping[str, str], *, first_start: bool = False
) -> list[SealKey]:
    """Read the seal keys; at the first start a single key file that is absent is made.

    Where there is an outbox already, a new key would open nothing of it. Raises SecretUnreadable,
    which never tells the key.
    """
    for reference in references:
        path = reference.path
        if first_start and path is not None and not path.exists() and len(references) == 1:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(KEY_BYTES) + "\n")
    return [_key(read_secret(reference, environment)) for reference in references]


def _key(secret: SecretStr) -> SealKey:
    try:
        return SealKey(bytes.fromhex(secret.get_secret_value()))
    except ValueError as error:
        raise SecretUnreadable(
            f"a seal key must be {2 * KEY_BYTES} hexadecimal digits ({error})"
        ) from None
