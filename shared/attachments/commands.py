"""Keeping attachments, and what names them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from shared.attachments.errors import AttachmentIdReused, EvidenceAwaited
from shared.attachments.model import Attachment, Attachments
from shared.attachments.queries import awaited
from shared.attachments.schemas import AttachmentDraft, Naming
from shared.database import Writer
from shared.keys import uuid7
from shared.storage import Storage
from shared.web.edge import OutsideArea
from shared.web.uploads import Spooled

#: Whoever stores or sweeps a content holds it until the commit: none is swept between arrival and row.
HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:digest, 0))")


async def keep(
    db: Writer,
    room: Attachments,
    storage: Storage,
    draft: AttachmentDraft,
    spooled: Spooled,
    *,
    media_type: str,
) -> tuple[Attachment, bool]:
    """Keep an attachment; tell whether it was there before."""
    await db.execute(HOLD, {"digest": spooled.digest})
    known = await db.find(room.kept, draft.id) if draft.id else None
    if known:
        if known.digest != spooled.digest:
            raise AttachmentIdReused
        # Sent again it mends what the store has lost, as one does that was restored to an earlier moment.
        await _store(storage, spooled)
        return known, True
    attachment = room.kept(
        **draft.model_dump(exclude={"id", "division"}),
        id=draft.id or uuid7(),
        division_code=await _place_of(db, room, draft),
        digest=spooled.digest,
        media_type=media_type,
        size=spooled.size,
        name=spooled.filename,
        uploaded_at=db.now,
        uploaded_by=db.principal.name,
    )
    db.add(attachment)
    await db.flush()
    await _store(storage, spooled)
    return attachment, False


async def name_attachments(db: Writer, room: Attachments, named: Sequence[Naming]) -> None:
    """Link attachments to what names them, whether they have arrived or not."""
    rows = [
        {
            "attachment_id": key,
            "of_id": each.of_id,
            "division_code": each.division_code,
            "household_id": each.household_id,
            "linked_at": db.now,
            "linked_by": db.principal.name,
        }
        for each in named
        for key in dict.fromkeys(each.ids)
    ]
    if rows:
        # Whoever sweeps passes over what is being named.
        ids = [row["attachment_id"] for row in rows]
        await db.execute(
            select(room.kept.id).where(col(room.kept.id).in_(ids)).with_for_update(key_share=True, read=True)
        )
        await db.execute(insert(room.link).on_conflict_do_nothing(), rows)


async def expect_arrived(db: Writer, room: Attachments, of_id: UUID) -> None:
    """Refuse while something that is named as evidence has not arrived."""
    if await db.first(select(room.link).where(col(room.link.of_id) == of_id, awaited(room))):
        raise EvidenceAwaited


async def _store(storage: Storage, spooled: Spooled) -> None:
    if not await storage.has(spooled.digest, spooled.size):
        await storage.put(spooled.digest, spooled.path)


async def _place_of(db: Writer, room: Attachments, draft: AttachmentDraft) -> str:
    if draft.household_id:
        return await room.place_of(db, draft.household_id)
    if draft.division is None or not db.principal.covers(draft.division):
        raise OutsideArea
    return draft.division
