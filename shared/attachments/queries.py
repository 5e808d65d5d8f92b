"""Questions about attachments."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists
from sqlmodel import col, select

from services.inspection.attachments.model import Attachment, AttachmentLink
from services.inspection.attachments.schemas import AttachmentQuery
from shared.database import Page, PageQuery, Reader, inside


async def page_of_attachments(db: Reader, query: AttachmentQuery, page: PageQuery) -> Page[Attachment]:
    """Return attachments in the order of their ids."""
    wanted = select(Attachment)
    if query.of:
        named = exists().where(
            col(AttachmentLink.attachment_id) == col(Attachment.id), col(AttachmentLink.of_id) == query.of
        )
        wanted = wanted.where(named)
    if query.household_id:
        wanted = wanted.where(col(Attachment.household_id) == query.household_id)
    if query.division:
        wanted = wanted.where(inside(Attachment.division_code, query.division))
    return await db.page(wanted, order=[col(Attachment.id)], page=page)


async def page_of_awaited(db: Reader, query: AttachmentQuery, page: PageQuery) -> Page[AttachmentLink]:
    """Return what is named and has not arrived."""
    wanted = select(AttachmentLink).where(awaited())
    if query.of:
        wanted = wanted.where(col(AttachmentLink.of_id) == query.of)
    if query.household_id:
        wanted = wanted.where(col(AttachmentLink.household_id) == query.household_id)
    if query.division:
        wanted = wanted.where(inside(AttachmentLink.division_code, query.division))
    return await db.page(
        wanted, order=[col(AttachmentLink.attachment_id), col(AttachmentLink.of_id)], page=page
    )


def awaited() -> ColumnElement[bool]:
    """Return what holds of links whose attachment has not arrived."""
    return ~exists().where(col(Attachment.id) == col(AttachmentLink.attachment_id))
