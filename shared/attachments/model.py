"""What attachments are kept as, and what a service that has some says of itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Field

from shared.database import Identified, Placed, Reader, Row


class Attachment(Row, Identified, Placed):
    """A photo, signature or document. Its id may be made by an offline front end; it never changes."""

    #: Of the household that it shows or that signed; none of a village's or an object's.
    household_id: UUID | None = Field(default=None, index=True)
    #: Code of the list ``attachment_kind``.
    kind: str
    #: Hex SHA-256 of the content, which is its address in the store.
    digest: str = Field(index=True)
    media_type: str
    size: int
    #: As the sender calls it.
    name: str
    taken_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    #: WGS 84, degrees.
    latitude: float | None = None
    longitude: float | None = None
    uploaded_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
    uploaded_by: str


class AttachmentLink(Row, Placed):
    """That something names an attachment, which may arrive after it."""

    attachment_id: UUID = Field(primary_key=True)
    #: What names it: a visit, a check, a finding, a step of a case.
    of_id: UUID = Field(primary_key=True, index=True)
    household_id: UUID | None = Field(default=None, index=True)
    linked_at: datetime = Field(sa_type=DateTime(timezone=True))
    linked_by: str


@dataclass(frozen=True)
class Attachments:
    """A service's attachments: its tables ``attachment`` and ``attachment_link``, and where a household belongs."""

    kept: type[Attachment]
    link: type[AttachmentLink]
    #: Returns a household's division; refuses with ``NotFound``.
    place_of: Callable[[Reader, UUID], Awaitable[str]]
