"""The key ring: which keys there are, which one encrypts, and the key of the blind index.

A stored value begins with its suite and key id, so keys are rotated by adding one: new values take the active
key, old ones are still read. The index key is not rotated with them: an index only finds what was made with
the same key.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from shared.crypto.suites import INDEXERS, SUITES, Indexer, Suite

_HEADER = 3
_INDEX_KEY_BYTES = 32


class UnknownKeyError(LookupError):
    """A stored value names a key that is not on the ring."""


@dataclass(frozen=True)
class _Key:
    suite: str
    secret: bytes

    def cipher(self) -> Suite:
        return SUITES[self.suite](self.secret)


class KeyRing:
    """Encrypts, decrypts and indexes. ``context`` is where a value lives (``member.phone``): moved elsewhere, it does not open."""

    def __init__(self, keys: dict[int, _Key], *, active: int, index: _Key) -> None:
        self._keys = keys
        self._ciphers = {number: key.cipher() for number, key in keys.items()}
        self._active = active
        self._index_key = index
        self._index: Indexer = INDEXERS[index.suite](index.secret)

    @classmethod
    def generate(cls, suite: str = "international") -> Self:
        """Return a ring with one new key."""
        key = _Key(suite, secrets.token_bytes(SUITES[suite].key_bytes))
        return cls({1: key}, active=1, index=_Key(suite, secrets.token_bytes(_INDEX_KEY_BYTES)))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read ``{"active": 1, "keys": {"1": {"suite", "key"}}, "index": {"suite", "key"}}``; keys in base64."""
        ring = json.loads(text)
        keys = {int(number): _read(key) for number, key in ring["keys"].items()}
        return cls(keys, active=int(ring["active"]), index=_read(ring["index"]))

    def to_json(self) -> str:
        """Return the ring as ``from_json`` reads it. It holds the keys: keep it where keys are kept."""
        keys = {str(number): _written(key) for number, key in self._keys.items()}
        return json.dumps({"active": self._active, "keys": keys, "index": _written(self._index_key)})

    def rotated(self, suite: str = "international") -> KeyRing:
        """Return a ring with a new active key beside the old ones."""
        number = max(self._keys) + 1
        key = _Key(suite, secrets.token_bytes(SUITES[suite].key_bytes))
        return KeyRing({**self._keys, number: key}, active=number, index=self._index_key)

    def encrypt(self, text: str, context: str) -> bytes:
        """Return the stored form: suite (1 byte), key id (2 bytes), then nonce, ciphertext and tag."""
        cipher = self._ciphers[self._active]
        return self._header(cipher) + cipher.encrypt(text.encode(), context.encode())

    def encrypt_many(self, texts: Iterable[str | None], context: str) -> list[bytes | None]:
        """Encrypt a column."""
        cipher, where = self._ciphers[self._active], context.encode()
        header = self._header(cipher)
        return [None if text is None else header + cipher.encrypt(text.encode(), where) for text in texts]

    def decrypt(self, stored: bytes, context: str) -> str:
        """Return the text; raises ``UnknownKeyError`` or ``cryptography.exceptions.InvalidTag``."""
        number = int.from_bytes(stored[1:_HEADER])
        cipher = self._ciphers.get(number)
        if cipher is None or cipher.number != stored[0]:
            raise UnknownKeyError(number)
        return cipher.decrypt(stored[_HEADER:], context.encode()).decode()

    def blind_index(self, text: str, kind: str = "identity_number") -> bytes:
        """Return 32 bytes by which a value is found without being stored; ``kind`` keeps kinds of values apart."""
        return self._index([f"{kind}:{text}".encode()])[0]

    def blind_index_many(self, texts: Iterable[str], kind: str = "identity_number") -> list[bytes]:
        """Index a column."""
        return self._index(f"{kind}:{text}".encode() for text in texts)

    def _header(self, cipher: Suite) -> bytes:
        return bytes([cipher.number]) + self._active.to_bytes(2)


def _read(key: dict[str, str]) -> _Key:
    return _Key(key["suite"], base64.b64decode(key["key"]))


def _written(key: _Key) -> dict[str, str]:
    return {"suite": key.suite, "key": base64.b64encode(key.secret).decode()}
