"""Inspection's attachments, and where a household of theirs belongs."""

from __future__ import annotations

from uuid import UUID

from services.inspection.attachments.model import Attachment, AttachmentLink
from services.inspection.replicas.model import Household
from shared.attachments.model import Attachments
from shared.database import Reader


async def _place_of(db: Reader, household_id: UUID) -> str:
    return (await db.get(Household, household_id)).division_code


ATTACHMENTS = Attachments(Attachment, AttachmentLink, _place_of)
