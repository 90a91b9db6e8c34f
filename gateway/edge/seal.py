"""What rests on disk is encrypted, and bound to the row it belongs to."""

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.engine.ports import Damaged

KEY_BYTES = 32
_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


@dataclass(frozen=True)
class SealKey:
    """One AES-256 key; its id is the start of its hash."""

    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.value) != KEY_BYTES:
            raise ValueError(f"a seal key has {KEY_BYTES} bytes, got {len(self.value)}")

    @property
    def id(self) -> bytes:
        """Four bytes that tell which key sealed a box."""
        return hashlib.sha256(b"tillbridge seal key" + self.value).digest()[:_KEY_ID_BYTES]


class Seal:
    """Seals with the first key, opens with any."""

    def __init__(self, keys: Sequence[SealKey]) -> None:
        self._first = keys[0]
        self._boxes = {key.id: AESGCM(key.value) for key in keys}

    def close(self, data: bytes, bound_to: str) -> bytes:
        """Seal bytes so that they open only in the place named by `bound_to`."""
        nonce = os.urandom(_NONCE_BYTES)
        box = self._boxes[self._first.id].encrypt(nonce, data, bound_to.encode())
        return _VERSION + self._first.id + nonce + box

    def open(self, box: bytes, bound_to: str) -> bytes:
        """Open a box; Damaged if it was altered, moved, or sealed with a key we do not have."""
        key_id = box[1 : 1 + _KEY_ID_BYTES]
        if box[:1] != _VERSION or key_id not in self._boxes:
            raise Damaged(f"{bound_to}: sealed with a key that is not configured, or not a box")
        start = 1 + _KEY_ID_BYTES
        nonce, data = box[start : start + _NONCE_BYTES], box[start + _NONCE_BYTES :]
        try:
            return self._boxes[key_id].decrypt(nonce, data, bound_to.encode())
        except (InvalidTag, ValueError):  # ValueError: cut off inside the nonce
            raise Damaged(f"{bound_to}: altered, or moved here from another row") from None


def keyed_hash(key: bytes, text: str) -> str:
    """Name an identifier without telling it: the same text is the same name, under one key."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
