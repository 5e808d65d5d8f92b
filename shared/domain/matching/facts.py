"""What the matcher knows of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Facts:
    """A person as a record tells of one; what is None is not known, and speaks neither for nor against."""

    name: str
    birth_date: date | None = None
    sex: str | None = None
    #: As written, in memory only: where it is stored it is encrypted.
    number: str | None = None
    division_code: str | None = None
    household: UUID | None = None
    #: Equal for equal phones.
    phone_index: bytes | None = None
