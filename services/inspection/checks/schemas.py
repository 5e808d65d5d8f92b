"""Requests and answers about checks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.inspection.asking.schemas import Answer, FormFinding, FormItem, digest_of
from services.inspection.findings.schemas import Name
from shared.attachments.schemas import AttachmentIds
from shared.domain.division import DivisionCode
from shared.domain.moment import Instant


class CheckDraft(BaseModel):
    """A check of a village or the county (by its division), or of an object. With an ``id`` it can be sent again."""

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = None
    division_code: DivisionCode | None = None
    object_id: UUID | None = None
    checked_at: Instant
    officer: Name
    answers: Annotated[list[Answer], Field(min_length=1, max_length=100)]
    attachments: AttachmentIds = []

    @model_validator(mode="after")
    def _of_one_thing(self) -> Self:
        if (self.division_code is None) == (self.object_id is None):
            raise ValueError("name a division or an object: exactly one of them")
        if any(answer.member_id for answer in self.answers):
            raise ValueError("nobody's person is asked about on a site")
        return self

    def digest(self) -> bytes:
        """Return what tells this check from another."""
        return digest_of(self, later=("attachments",), later_in_answers=("attachments",))


class CheckView(BaseModel):
    """A check as it was recorded."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    division_code: str
    object_id: UUID | None
    object_name: str
    checked_at: datetime
    officer: str
    answers: list[Answer]
    finding_ids: list[UUID]
    version: int


class CheckForm(BaseModel):
    """The form of a check, with what earlier checks found."""

    campaign_id: UUID
    division_code: str
    division_name: str | None
    object_id: UUID | None
    #: ``village``, ``county``, or the object's kind.
    kind: str
    object_name: str
    unit: str | None
    contact: str | None
    last_checked_at: datetime | None
    items: list[FormItem]
    open_findings: list[FormFinding]


class UncheckedSite(BaseModel):
    """A village or an object that nobody has checked in this campaign."""

    division_code: str
    object_id: UUID | None
    kind: str
    name: str
