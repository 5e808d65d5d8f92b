"""Requests and answers about inspected objects."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.inspection.findings.schemas import Name
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode

Note = Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ObjectDraft(_Request):
    """An object to be inspected."""

    kind: Annotated[str, Coded("inspected_object_kind")]
    name: Name
    division_code: DivisionCode
    unit: Name | None = None
    contact: Name | None = None
    note: Note | None = None


class ObjectsDraft(_Request):
    """Objects of a list; those of a place, kind and name that are known take what is said anew."""

    objects: Annotated[list[ObjectDraft], Field(min_length=1, max_length=500)]


class ObjectsEntered(BaseModel):
    """How many objects are new, and how many took something anew."""

    added: int
    changed: int


class ObjectChange(_Request):
    """What changes of an object; what is left out stays."""

    name: Name | None = None
    unit: Name | None = None
    contact: Name | None = None
    note: Note | None = None


class ObjectEnd(_Request):
    """From when on the object is no more; without it, from today."""

    on: date | None = None


class ObjectQuery(BaseModel):
    """Filters; a repeated one means any of them."""

    division: DivisionCode | None = None
    kind: list[Annotated[str, Coded("inspected_object_kind")]] = []
    #: The beginning of the name.
    q: str = ""
    ended: bool | None = None


class ObjectView(BaseModel):
    """An inspected object."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    name: str
    division_code: str
    unit: str | None
    contact: str | None
    note: str | None
    ended_on: date | None
    version: int
    changed_at: datetime
