"""Inspection's tables of attachments, and where a household belongs."""

from __future__ import annotations

from uuid import UUID

from services.inspection.replicas.model import Household
from services.inspection.tables import Row
from shared.attachments import model
from shared.database import Reader


class Attachment(Row, model.Attachment, table=True):
    """A photo, signature or document of a visit, check or finding."""


class AttachmentLink(Row, model.AttachmentLink, table=True):
    """That a visit, check or finding names one."""


async def _place_of(db: Reader, household_id: UUID) -> str:
    return (await db.get(Household, household_id)).division_code


ATTACHMENTS = model.Attachments(Attachment, AttachmentLink, _place_of)
