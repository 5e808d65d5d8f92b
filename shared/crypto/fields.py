"""Encrypted columns: text in the program, ciphertext in the database, its dumps and its history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Dialect, LargeBinary
from sqlalchemy.sql.operators import OperatorType, eq, is_, is_not, ne
from sqlalchemy.types import TypeDecorator

from shared.crypto.keyring import KeyRing

# A column type is made when classes are, long before settings are read, so the ring of the process is set
# here once at its start. All services in one process share it: they must agree on the blind index anyway.
_process: dict[str, KeyRing] = {}
_TESTS_FOR_NULL = (eq, ne, is_, is_not)


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


class NotComparableError(TypeError):
    """An encrypted column was compared with something; only a blind index beside it can be searched."""


class EncryptedText(TypeDecorator[str]):
    """Text stored encrypted; ``context`` is ``table.column``."""

    impl = LargeBinary
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[str]):
        """Refuses what could never find anything: two ciphertexts of one text differ."""

        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            """Allow no comparison but with null."""
            if op in _TESTS_FOR_NULL and other[0] is None:
                return super().operate(op, *other, **kwargs)
            raise NotComparableError(op.__name__)

    comparator_factory = Comparator

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Encrypt on the way in."""
        return None if value is None else ring().encrypt(value, self.context)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Decrypt on the way out."""
        return None if value is None else ring().decrypt(bytes(value), self.context)
