"""Tables of attachments, and of what names them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Field

from services.inspection.tables import Row
from shared.database import Identified, Placed


class Attachment(Row, Identified, Placed, table=True):
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


class AttachmentLink(Row, Placed, table=True):
    """That a visit, check or finding names an attachment, which may arrive after it."""

    attachment_id: UUID = Field(primary_key=True)
    #: The visit, check or finding.
    of_id: UUID = Field(primary_key=True, index=True)
    household_id: UUID | None = Field(default=None, index=True)
    linked_at: datetime = Field(sa_type=DateTime(timezone=True))
    linked_by: str
