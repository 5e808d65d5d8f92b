"""Receipts: what a person keeps to ask about their own application."""

from __future__ import annotations

import hashlib
import secrets

#: Nothing that is mistaken for something else when read out over the telephone: no 0, O, 1, I, L.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 16
_GROUP = 4


def new_receipt() -> str:
    """Return a receipt that nobody can guess (79 bits): ``7KQ2-9XMD-4T3H-P8WN``."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
    return "-".join(signs[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def digest_of(receipt: str) -> bytes:
    """Return what is stored of a receipt, however it was written."""
    return hashlib.sha256(receipt.upper().replace("-", "").replace(" ", "").encode()).digest()
