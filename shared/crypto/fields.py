"""Encrypted columns: text in the program, ciphertext in the database, its dumps and its history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from shared.crypto.keyring import KeyRing

# A column type is made when classes are, long before settings are read, so the ring of the process is set
# here once at its start. All services in one process share it: they must agree on the blind index anyway.
_process: dict[str, KeyRing] = {}


class NoKeyRingError(RuntimeError):
    """``use()`` has not been called in this process."""


def use(ring: KeyRing) -> None:
    """Set the key ring of this process."""
    _process["ring"] = ring


def ring() -> KeyRing:
    """Return the key ring of this process."""
    try:
        return _process["ring"]
    except KeyError:
        raise NoKeyRingError from None


class EncryptedText(TypeDecorator[str]):
    """Text stored encrypted; ``context`` is ``table.column``. It cannot be searched: keep a blind index beside it."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Encrypt on the way in."""
        return None if value is None else ring().encrypt(value, self.context)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Decrypt on the way out."""
        return None if value is None else ring().decrypt(bytes(value), self.context)
