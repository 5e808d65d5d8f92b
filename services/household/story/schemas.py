"""Shapes of a household's story."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.household.households.sources import Source


class HistoryLine(BaseModel):
    """One step of a household's story. Values of private fields are withheld: ``…``."""

    what: str
    row_id: UUID
    kind: str
    at: datetime
    by: str
    reason: str
    source: Source
    #: The natural change, the import, the pair of duplicates, the change of boundaries.
    source_id: UUID | None
    #: On which day, who, what: a sentence in the caller's language; empty of what other lines tell.
    words: str
    fields: dict[str, tuple[Any, Any]]


class Chapter(BaseModel):
    """What somebody did at one moment."""

    at: datetime
    by: str
    reason: str
    source: Source
    #: The natural change, the import, the pair of duplicates, the change of boundaries.
    source_id: UUID | None
    #: One sentence each.
    words: list[str]
