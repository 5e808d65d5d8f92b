"""Questions about divisions. Names and codes are public: no area limits them."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import col, select

from services.household.divisions.model import Division
from services.household.divisions.schemas import DivisionView, DivisionWithPath
from shared.database import Page, PageQuery, Reader
from shared.domain.division import Level, ancestors_of


async def list_divisions(
    db: Reader, page: PageQuery, *, parent: str | None, level: Level | None, q: str | None
) -> Page[DivisionView]:
    """List divisions by code."""
    wanted = select(Division)
    if parent:
        wanted = wanted.where(Division.parent_code == parent)
    if level:
        wanted = wanted.where(Division.level == level.value)
    if q:
        wanted = wanted.where(col(Division.name).startswith(q, autoescape=True))
    found = await db.page(wanted, order=[Division.code], page=page)
    return Page(items=[DivisionView.of(each) for each in found.items], next=found.next, total=found.total)


async def get_division(db: Reader, code: str) -> DivisionWithPath:
    """Return a division with its path."""
    division = await db.one(select(Division).where(Division.code == code))
    above = await db.all(
        select(Division).where(col(Division.code).in_(ancestors_of(code))).order_by(Division.code)
    )
    children = await db.scalar(select(func.count()).select_from(Division).where(Division.parent_code == code))
    plain = DivisionView.of(division).model_dump()
    return DivisionWithPath(**plain, path=[DivisionView.of(each) for each in above], children=children)


async def is_village(db: Reader, code: str) -> bool:
    """Tell whether a code is a village of the registry."""
    found = select(Division.id).where(Division.code == code, Division.level == Level.VILLAGE.value)
    return await db.first(found) is not None
