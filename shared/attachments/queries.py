"""Questions about attachments."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists
from sqlmodel import col, select

from shared.attachments.model import Attachment, AttachmentLink, Attachments
from shared.attachments.schemas import AttachmentQuery
from shared.database import Page, PageQuery, Reader, inside


async def page_of_attachments(
    db: Reader, room: Attachments, query: AttachmentQuery, page: PageQuery
) -> Page[Attachment]:
    """Return attachments in the order of their ids."""
    kept, link = room.kept, room.link
    wanted = select(kept)
    if query.of:
        wanted = wanted.where(
            exists().where(col(link.attachment_id) == col(kept.id), col(link.of_id) == query.of)
        )
    if query.household_id:
        wanted = wanted.where(col(kept.household_id) == query.household_id)
    if query.division:
        wanted = wanted.where(inside(kept.division_code, query.division))
    return await db.page(wanted, order=[col(kept.id)], page=page)


async def page_of_awaited(
    db: Reader, room: Attachments, query: AttachmentQuery, page: PageQuery
) -> Page[AttachmentLink]:
    """Return what is named and has not arrived."""
    link = room.link
    wanted = select(link).where(awaited(room))
    if query.of:
        wanted = wanted.where(col(link.of_id) == query.of)
    if query.household_id:
        wanted = wanted.where(col(link.household_id) == query.household_id)
    if query.division:
        wanted = wanted.where(inside(link.division_code, query.division))
    return await db.page(wanted, order=[col(link.attachment_id), col(link.of_id)], page=page)


def awaited(room: Attachments) -> ColumnElement[bool]:
    """Return what holds of links whose attachment has not arrived."""
    return ~exists().where(col(room.kept.id) == col(room.link.attachment_id))
