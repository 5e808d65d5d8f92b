"""The two suites: AES-256-GCM with HMAC-SHA-256, and the national SM4-CTR with HMAC-SM3.

Sources: NIST SP 800-38D, RFC 2104; GB/T 32907 (SM4), GB/T 32905 (SM3). SM4 is used in counter mode with a tag
over nonce, context and ciphertext (encrypt-then-MAC), with a key of its own for each of the two.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterable
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC

_NONCE, _TAG, _BLOCK = 12, 16, 64


class Suite(Protocol):
    """A cipher under one key."""

    #: Stands in every stored value.
    number: int

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        """Return nonce, ciphertext and tag."""

    def decrypt(self, sealed: bytes, context: bytes) -> bytes:
        """Return the plaintext, or raise ``InvalidTag``."""


class International:
    """AES-256-GCM."""

    number = 1
    key_bytes = 32

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        """Return nonce, ciphertext and tag."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, context)

    def decrypt(self, sealed: bytes, context: bytes) -> bytes:
        """Return the plaintext, or raise ``InvalidTag``."""
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], context)


class National:
    """SM4-CTR with an HMAC-SM3 tag."""

    number = 2
    key_bytes = 48

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key[:16])
        self._mac = HMAC(key[16:], hashes.SM3())

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        """Return nonce, ciphertext and tag."""
        nonce = os.urandom(_NONCE)
        body = nonce + self._stream(nonce, plain)
        return body + self._tag(body, context)

    def decrypt(self, sealed: bytes, context: bytes) -> bytes:
        """Return the plaintext, or raise ``InvalidTag``."""
        body, tag = sealed[:-_TAG], sealed[-_TAG:]
        if not hmac.compare_digest(tag, self._tag(body, context)):
            raise InvalidTag
        return self._stream(body[:_NONCE], body[_NONCE:])

    def _stream(self, nonce: bytes, data: bytes) -> bytes:
        # Counter mode is its own inverse; the last four bytes count blocks.
        return Cipher(self._key, modes.CTR(nonce + bytes(4))).encryptor().update(data)

    def _tag(self, body: bytes, context: bytes) -> bytes:
        mac = self._mac.copy()
        mac.update(len(context).to_bytes(2) + context + body)
        return mac.finalize()[:_TAG]


SUITES: dict[str, type[International | National]] = {"international": International, "national": National}

#: Digests many texts under one key.
Indexer = Callable[[Iterable[bytes]], list[bytes]]


def sha256_indexer(key: bytes) -> Indexer:
    """Return HMAC-SHA-256 under the key; the padded key is hashed once and copied, twice as fast as ``hmac``."""
    padded = key.ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def index(texts: Iterable[bytes]) -> list[bytes]:
        found = []
        for text in texts:
            first, second = inner.copy(), outer.copy()
            first.update(text)
            second.update(first.digest())
            found.append(second.digest())
        return found

    return index


def sm3_indexer(key: bytes) -> Indexer:
    """Return HMAC-SM3 under the key."""
    keyed = HMAC(key, hashes.SM3())

    def index(texts: Iterable[bytes]) -> list[bytes]:
        found = []
        for text in texts:
            mac = keyed.copy()
            mac.update(text)
            found.append(mac.finalize())
        return found

    return index


INDEXERS: dict[str, Callable[[bytes], Indexer]] = {"international": sha256_indexer, "national": sm3_indexer}
