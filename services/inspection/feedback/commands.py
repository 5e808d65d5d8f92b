"""Taking a file of feedback into the ledger."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Literal
from uuid import UUID

from sqlmodel import col, select

from services.inspection.campaigns.model import Campaign
from services.inspection.feedback.columns import form
from services.inspection.feedback.errors import TooManyLines
from services.inspection.feedback.model import FeedbackFile
from services.inspection.feedback.places import places_of
from services.inspection.feedback.rules import Line, Reading
from services.inspection.feedback.schemas import FeedbackOutcome, Reject
from services.inspection.findings.raising import enter
from shared.database import Writer
from shared.sheets.reading import read_headed
from shared.web.language import Language
from shared.web.uploads import Upload

_MOST_LINES, _SHOWN = 5000, 200


async def take_feedback(
    db: Writer,
    campaign_id: UUID,
    upload: Upload,
    *,
    mode: Literal["validate", "commit"],
    atomic: Literal["all", "valid"],
    language: Language,
) -> FeedbackOutcome:
    """Read a file and enter its findings; ``validate`` writes nothing, ``all`` takes all lines or none."""
    # Files of one campaign take turns: the same one sent twice at once is taken once.
    campaign = await db.one(
        select(Campaign).where(col(Campaign.id) == campaign_id).with_for_update(key_share=True)
    )
    digest = hashlib.sha256(f"{upload.digest}:{atomic}".encode()).hexdigest()
    place = campaign.division_code if db.principal.covers(campaign.division_code) else db.principal.areas[0]
    known = await _same(db, campaign_id, place, digest)
    if known:
        return outcome_of(known, "replayed", language)
    campaign.expect_open()
    lines, headers = await _read(db, campaign, upload)
    file = _file(
        lines,
        campaign_id=campaign.id,
        division_code=place,
        digest=digest,
        headers=headers,
        filename=upload.filename,
    )
    if mode == "validate":
        return outcome_of(file, "validated", language)
    if atomic == "all" and file.rejects:
        file.accepted = 0
        return outcome_of(file, "refused", language)
    await enter(db, [line.finding for line in lines if line.finding])
    db.add(file)
    await db.flush()
    return outcome_of(file, "taken", language)


async def _same(db: Writer, campaign_id: UUID, place: str, digest: str) -> FeedbackFile | None:
    return await db.first(
        select(FeedbackFile).where(
            col(FeedbackFile.campaign_id) == campaign_id,
            col(FeedbackFile.division_code) == place,
            col(FeedbackFile.digest) == digest,
        )
    )


def _file(lines: list[Line], **known: Any) -> FeedbackFile:
    rejects = [line.reject() for line in lines if line.finding is None]
    return FeedbackFile(lines=len(lines), accepted=len(lines) - len(rejects), rejects=rejects, **known)


async def _read(db: Writer, campaign: Campaign, upload: Upload) -> tuple[list[Line], dict[str, str | None]]:
    """Return the file's lines, each with its finding or its faults, and what its headers were taken for."""
    table, headers = await asyncio.to_thread(read_headed, upload.path, upload.kind, form())
    if table.height > _MOST_LINES:
        raise TooManyLines
    rows = table.to_dicts()
    reading = Reading(campaign, await places_of(db, campaign, rows), db.principal, db.today)
    return [reading.read(row.pop("line"), row) for row in rows], headers


def outcome_of(
    file: FeedbackFile,
    outcome: Literal["validated", "taken", "refused", "replayed"],
    language: Language,
) -> FeedbackOutcome:
    """Show what became of a file."""
    stored = outcome in {"taken", "replayed"}
    return FeedbackOutcome(
        id=file.id if stored else None,
        outcome=outcome,
        lines=file.lines,
        accepted=file.accepted,
        rejected=len(file.rejects),
        headers=file.headers,
        rejects=[Reject.of(each, language) for each in file.rejects[:_SHOWN]],
    )
