"""What is shown of something private to those who may not see it whole."""

from __future__ import annotations

_FEW = 4


def mask_identity_number(number: str | None) -> str | None:
    """Leave the province and the last two digits: any more would give the county or the birth date away."""
    return _masked(number, 2, 2)


def mask_phone(phone: str | None) -> str | None:
    """Leave the first three and the last two digits."""
    return _masked(phone, 3, 2)


def mask_bank_card(card: str | None) -> str | None:
    """Leave the last four digits."""
    return _masked(card, 0, 4)


def mask_name(name: str | None) -> str | None:
    """Leave the family name: ``王**``."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else name


def _masked(text: str | None, front: int, back: int) -> str | None:
    if not text:
        return text
    if len(text) <= max(front + back, _FEW):
        return "*" * len(text)
    return text[:front] + "*" * (len(text) - front - back) + text[len(text) - back :]
