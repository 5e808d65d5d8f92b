"""The key ring: which keys there are, which one encrypts, and the key of the blind index.

A stored value begins with its suite and key id, so keys are rotated by adding one: new values take the active
key, old ones are still read. The index key is not rotated with them: an index only finds what was made with
the same key.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag

from shared.crypto.suites import CIPHERS, INDEXES, Cipher

#: A stored value begins with its suite (1 byte) and key id (2 bytes).
_HEADER = 3
_INDEX_KEY_BYTES = 32
_LAST_ID = 0xFFFF


class UnknownKeyError(LookupError):
    """A stored value names a key that is not on the ring."""


class BadKeyRingError(ValueError):
    """The key ring cannot be used; the text says why and holds no key."""


@dataclass(frozen=True)
class _Key:
    suite: str
    secret: bytes = field(repr=False)


class KeyRing:
    """Encrypts, decrypts and indexes.

    ``context`` is where a value lives (``member.phone``): moved elsewhere, it does not open.
    """

    def __init__(self, keys: dict[int, _Key], *, active: int, index: _Key) -> None:
        _check(keys, active, index)
        self._keys, self._active, self._index_key = keys, active, index
        self._ciphers: dict[int, Cipher] = {id_: CIPHERS[key.suite](key.secret) for id_, key in keys.items()}
        self._index = INDEXES[index.suite](index.secret)

    @classmethod
    def generate(cls, suite: str = "international") -> Self:
        """Return a ring with one new key."""
        return cls({1: _new(suite)}, active=1, index=_Key(suite, secrets.token_bytes(_INDEX_KEY_BYTES)))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read ``{"active": 1, "keys": {"1": {"suite", "key"}}, "index": {"suite", "key"}}``; keys in base64."""
        try:
            ring = json.loads(text)
            keys = {int(id_): _read(key) for id_, key in ring["keys"].items()}
            active, index = int(ring["active"]), _read(ring["index"])
        except (ValueError, KeyError, TypeError, AttributeError):
            # Neither the text nor what the parser says about it may reach a log: it holds the keys.
            raise BadKeyRingError("not a key ring in JSON") from None
        return cls(keys, active=active, index=index)

    def to_json(self) -> str:
        """Return the ring as ``from_json`` reads it. It holds the keys: keep it where keys are kept."""
        keys = {str(id_): _written(key) for id_, key in self._keys.items()}
        return json.dumps({"active": self._active, "keys": keys, "index": _written(self._index_key)})

    def rotated(self, suite: str | None = None) -> KeyRing:
        """Return a ring with a new active key, of the same suite unless another is named, beside the old ones."""
        id_ = max(self._keys) + 1
        key = _new(suite or self._keys[self._active].suite)
        return KeyRing({**self._keys, id_: key}, active=id_, index=self._index_key)

    def encrypt(self, text: str, context: str) -> bytes:
        """Return the stored form: suite, key id, then nonce, ciphertext and tag."""
        return self._seal([text.encode()], context)[0]

    def encrypt_many(self, texts: Iterable[str | None], context: str) -> list[bytes | None]:
        """Encrypt a column; None stays None."""
        column = [None if text is None else text.encode() for text in texts]
        sealed = iter(self._seal([text for text in column if text is not None], context))
        return [None if text is None else next(sealed) for text in column]

    def decrypt(self, stored: bytes, context: str) -> str:
        """Return the text; raises ``UnknownKeyError`` or ``cryptography.exceptions.InvalidTag``."""
        return self._key_of(stored).open([stored[_HEADER:]], context.encode())[0].decode()

    def decrypt_many(self, stored: Sequence[bytes | None], context: str) -> list[str | None]:
        """Decrypt a column, under whichever keys; None stays None."""
        under: defaultdict[bytes, list[int]] = defaultdict(list)
        for position, each in enumerate(stored):
            if each is not None:
                under[each[:_HEADER]].append(position)
        texts: list[str | None] = [None] * len(stored)
        for header, positions in under.items():
            sealed = [each[_HEADER:] for position in positions if (each := stored[position]) is not None]
            opened = self._key_of(header).open(sealed, context.encode())
            for position, text in zip(positions, opened, strict=True):
                texts[position] = text.decode()
        return texts

    def blind_index(self, text: str, kind: str = "identity_number") -> bytes:
        """Return 32 bytes by which a value is found without being stored; ``kind`` keeps kinds of values apart.

        The text must be in its one normal form: an index finds equal texts only.
        """
        return self._index.digest(kind.encode(), [text.encode()])[0]

    def blind_index_many(self, texts: Iterable[str], kind: str = "identity_number") -> list[bytes]:
        """Index a column."""
        return self.blind_index_encoded(map(str.encode, texts), kind)

    def blind_index_encoded(self, texts: Iterable[bytes], kind: str = "identity_number") -> list[bytes]:
        """Index a column of which each text is in UTF-8 already, as a million are once they have been read."""
        return self._index.digest(kind.encode(), texts)

    def _seal(self, plains: Sequence[bytes], context: str) -> list[bytes]:
        cipher = self._ciphers[self._active]
        header = bytes([cipher.number]) + self._active.to_bytes(_HEADER - 1)
        return [header + each for each in cipher.seal(plains, context.encode())]

    def _key_of(self, stored: bytes) -> Cipher:
        if len(stored) < _HEADER:
            raise InvalidTag
        id_ = int.from_bytes(stored[1:_HEADER])
        cipher = self._ciphers.get(id_)
        if cipher is None or cipher.number != stored[0]:
            raise UnknownKeyError(id_)
        return cipher


def _check(keys: dict[int, _Key], active: int, index: _Key) -> None:
    """Refuse what the ciphers would take in silence, such as a key of half the length."""
    for id_, key in keys.items():
        if not 0 < id_ <= _LAST_ID:
            raise BadKeyRingError(f"key id {id_} is not within 1 to {_LAST_ID}")
        if key.suite not in CIPHERS:
            raise BadKeyRingError(f"the suite of key {id_} is none of {', '.join(CIPHERS)}")
        if len(key.secret) != CIPHERS[key.suite].key_bytes:
            raise BadKeyRingError(f"key {id_} has not {CIPHERS[key.suite].key_bytes} bytes")
    if active not in keys:
        raise BadKeyRingError("the active key is not on the ring")
    if index.suite not in INDEXES or len(index.secret) != _INDEX_KEY_BYTES:
        raise BadKeyRingError(f"the index key has not a known suite and {_INDEX_KEY_BYTES} bytes")


def _new(suite: str) -> _Key:
    return _Key(suite, secrets.token_bytes(CIPHERS[suite].key_bytes))


def _read(key: dict[str, str]) -> _Key:
    return _Key(key["suite"], base64.b64decode(key["key"], validate=True))


def _written(key: _Key) -> dict[str, str]:
    return {"suite": key.suite, "key": base64.b64encode(key.secret).decode()}
