"""Monitoring's papers, and where a household of theirs belongs."""

from __future__ import annotations

from uuid import UUID

from services.monitoring.papers.model import Attachment, AttachmentLink
from services.monitoring.replicas.model import HouseholdReplica
from shared.attachments.model import Attachments
from shared.database import Reader


async def _place_of(db: Reader, household_id: UUID) -> str:
    return (await db.get(HouseholdReplica, household_id)).division_code


PAPERS = Attachments(Attachment, AttachmentLink, _place_of)
