"""The national suite (国密): SM4 (GM/T 0002, GB/T 32907) in counter mode and HMAC with SM3 (GM/T 0004, GB/T 32905).

A tag over context, nonce and ciphertext, under a key of its own, makes the counter mode authentic (encrypt-then-MAC).
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC

_NONCE, _TAG, _BLOCK = 12, 16, 16
#: From so many texts on, the work on the whole column is quicker than that on each.
_MANY = 8
Numbers = npt.NDArray[np.int64]


class National:
    """SM4-CTR and HMAC-SM3. The key is 16 bytes for the one and 32 for the other."""

    number: ClassVar[int] = 2
    key_bytes: ClassVar[int] = 48

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key[:_BLOCK])
        self._mac = HMAC(key[_BLOCK:], hashes.SM3())

    def seal(self, plains: Sequence[bytes], context: bytes) -> list[bytes]:
        """Return nonce, ciphertext and tag of each text."""
        random = os.urandom(_NONCE * len(plains))
        nonces = [random[start : start + _NONCE] for start in range(0, len(random), _NONCE)]
        streamed = self._streamed(nonces, plains)
        bodies = [nonce + text for nonce, text in zip(nonces, streamed, strict=True)]
        return [body + tag for body, tag in zip(bodies, self._tags(bodies, context), strict=True)]

    def open(self, sealed: Sequence[bytes], context: bytes) -> list[bytes]:
        """Return the texts, or raise ``InvalidTag``."""
        bodies = [each[:-_TAG] for each in sealed]
        for each, tag in zip(sealed, self._tags(bodies, context), strict=True):
            if not hmac.compare_digest(each[-_TAG:], tag):
                raise InvalidTag
        return self._streamed([body[:_NONCE] for body in bodies], [body[_NONCE:] for body in bodies])

    def _streamed(self, nonces: Sequence[bytes], texts: Sequence[bytes]) -> list[bytes]:
        """Add each text to its key stream; doing it again takes the stream off again."""
        if len(texts) < _MANY:
            modes_of = (modes.CTR(nonce + bytes(_BLOCK - _NONCE)) for nonce in nonces)
            each = zip(modes_of, texts, strict=True)
            return [Cipher(self._key, mode).encryptor().update(text) for mode, text in each]
        # Setting up a cipher costs ten times what it does to one short text. So the counter blocks of all texts are
        # encrypted in one call, which is counter mode still.
        blocks = np.array([-(-len(text) // _BLOCK) for text in texts])
        ends = np.cumsum(blocks)
        encryptor = Cipher(self._key, modes.ECB()).encryptor()  # noqa: S305 - of counters only, never of text
        stream = encryptor.update(_counters(nonces, blocks, ends).tobytes())
        padded = b"".join([text + bytes(-len(text) % _BLOCK) for text in texts])
        mixed = (np.frombuffer(stream, np.uint8) ^ np.frombuffer(padded, np.uint8)).tobytes()
        starts = ((ends - blocks) * _BLOCK).tolist()
        return [mixed[start : start + len(text)] for start, text in zip(starts, texts, strict=True)]

    def _tags(self, bodies: Iterable[bytes], context: bytes) -> list[bytes]:
        in_context = self._mac.copy()
        in_context.update(len(context).to_bytes(2) + context)
        return [digest[:_TAG] for digest in _digests(in_context, bodies)]


def _counters(nonces: Sequence[bytes], blocks: Numbers, ends: Numbers) -> npt.NDArray[np.uint8]:
    """Return the counter blocks of all texts, one a row: the nonce, then the number of the block in its text."""
    rows = np.empty((int(ends[-1]), _BLOCK), np.uint8)
    rows[:, :_NONCE] = np.frombuffer(b"".join(nonces), np.uint8).reshape(-1, _NONCE).repeat(blocks, axis=0)
    within = np.arange(len(rows)) - (ends - blocks).repeat(blocks)
    rows[:, _NONCE:] = within.astype(">u4").view(np.uint8).reshape(-1, _BLOCK - _NONCE)
    return rows


class Sm3Index:
    """HMAC-SM3."""

    def __init__(self, key: bytes) -> None:
        self._mac = HMAC(key, hashes.SM3())

    def digest(self, kind: bytes, texts: Iterable[bytes]) -> list[bytes]:
        """Return the digests of ``kind:text``."""
        of_kind = self._mac.copy()
        of_kind.update(kind + b":")
        return _digests(of_kind, texts)


def _digests(begun: HMAC, texts: Iterable[bytes]) -> list[bytes]:
    digests = []
    for text in texts:
        mac = begun.copy()
        mac.update(text)
        digests.append(mac.finalize())
    return digests
