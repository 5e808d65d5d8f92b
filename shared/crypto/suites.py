"""What a suite is, and the suites there are: by name in the key ring, by number in every stored value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from shared.crypto.international import International, Sha256Index
from shared.crypto.national import National, Sm3Index


class Cipher(Protocol):
    """Encrypts under one key; ``context`` is bound to each value, which opens in no other."""

    number: ClassVar[int]
    key_bytes: ClassVar[int]

    def __init__(self, key: bytes) -> None: ...

    def seal(self, plains: Sequence[bytes], context: bytes) -> list[bytes]:
        """Return nonce, ciphertext and tag of each text."""

    def open(self, sealed: Sequence[bytes], context: bytes) -> list[bytes]:
        """Return the texts, or raise ``InvalidTag`` if one was changed or belongs elsewhere."""


class Index(Protocol):
    """Digests under one key, so that equal texts are found and nobody without the key can guess them."""

    def __init__(self, key: bytes) -> None: ...

    def digest(self, kind: bytes, texts: Iterable[bytes]) -> list[bytes]:
        """Return 32 bytes for each text of a kind."""


CIPHERS: dict[str, type[Cipher]] = {"international": International, "national": National}
INDEXES: dict[str, type[Index]] = {"international": Sha256Index, "national": Sm3Index}
