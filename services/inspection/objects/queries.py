"""Questions about inspected objects."""

from __future__ import annotations

from sqlmodel import col, select

from services.inspection.objects.model import InspectedObject
from services.inspection.objects.schemas import ObjectQuery
from shared.database import Page, PageQuery, Reader, inside


async def page_of_objects(db: Reader, query: ObjectQuery, page: PageQuery) -> Page[InspectedObject]:
    """Return objects by place."""
    wanted = select(InspectedObject)
    if query.division:
        wanted = wanted.where(inside(InspectedObject.division_code, query.division))
    if query.kind:
        wanted = wanted.where(col(InspectedObject.kind).in_(query.kind))
    if query.q:
        wanted = wanted.where(col(InspectedObject.name).startswith(query.q, autoescape=True))
    if query.ended is not None:
        wanted = wanted.where(col(InspectedObject.ended_on).is_not(None).is_(query.ended))
    return await db.page(
        wanted, order=[col(InspectedObject.division_code), col(InspectedObject.id)], page=page
    )
