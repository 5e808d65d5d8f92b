"""Requests and answers about attachments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.moment import Instant

Kind = Annotated[str, Coded("attachment_kind")]
#: Named by what they belong to; they may arrive later.
AttachmentIds = Annotated[list[UUID], Field(max_length=20)]


class Naming(NamedTuple):
    """That something names attachments: what does, its place, and their ids."""

    of_id: UUID
    division_code: str
    household_id: UUID | None
    ids: Sequence[UUID]


class AttachmentDraft(BaseModel):
    """What is said of an attachment beside its content. With an ``id`` it can be sent again."""

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = None
    kind: Kind
    household_id: UUID | None = None
    division: DivisionCode | None = None
    taken_at: Instant | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None

    @model_validator(mode="after")
    def _of_one_place(self) -> Self:
        if (self.household_id is None) == (self.division is None):
            raise ValueError("name a household or a division: exactly one of them")
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("a place has a latitude and a longitude")
        return self


class AttachmentQuery(BaseModel):
    """Which attachments to list."""

    #: What names them.
    of: UUID | None = None
    household_id: UUID | None = None
    division: DivisionCode | None = None


class AttachmentView(BaseModel):
    """An attachment; its content is found below it, under ``/content``."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    division_code: str
    household_id: UUID | None
    kind: Kind
    digest: str
    media_type: str
    size: int
    name: str
    taken_at: datetime | None
    latitude: float | None
    longitude: float | None
    uploaded_at: datetime
    uploaded_by: str


class AwaitedAttachment(BaseModel):
    """An attachment that is named and has not arrived: its officer still has it."""

    model_config = ConfigDict(from_attributes=True)

    attachment_id: UUID
    #: What names it.
    of_id: UUID
    division_code: str
    household_id: UUID | None
    linked_at: datetime
    linked_by: str
