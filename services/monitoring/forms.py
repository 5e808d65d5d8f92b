"""What all forms of this service share: strictness, and how long words may be."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
#: What shows it: photos, minutes, papers, by name or address.
Evidence = Annotated[list[Words], Field(max_length=50)]


class Form(BaseModel):
    """A request: a field that is not known is refused, so that a slip of the pen is not lost."""

    model_config = ConfigDict(extra="forbid")


class ChangeView(BaseModel):
    """One step of a record's story: column to what it was and what it became."""

    model_config = ConfigDict(from_attributes=True)

    table: str
    row_id: UUID
    version: int
    at: datetime
    by: str
    reason: str
    kind: str
    fields: dict[str, tuple[Any, Any]]
