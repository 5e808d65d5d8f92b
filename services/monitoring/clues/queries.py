"""Questions to the inbox."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, func, not_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select

from services.monitoring.clues.model import Clue
from services.monitoring.clues.schemas import ClueQuery, ClueView
from services.monitoring.replicas.queries import households_of
from shared.database import Page, PageQuery, Reader, inside


async def page_of(db: Reader, query: ClueQuery, page: PageQuery) -> Page[ClueView]:
    """Return clues in the order in which they arrived."""
    found = await db.page(select(Clue).where(*_matching(query, db.today)), order=[col(Clue.id)], page=page)
    households = await households_of(db, [clue.household_id for clue in found.items])
    items = [ClueView.of(clue, households.get(clue.household_id), today=db.today) for clue in found.items]
    return found.with_items(items)


async def get_clue(db: Reader, clue_id: UUID) -> tuple[Clue, ClueView]:
    """Return a clue, and how it is shown."""
    clue = await db.get(Clue, clue_id)
    households = await households_of(db, [clue.household_id])
    return clue, ClueView.of(clue, households.get(clue.household_id), today=db.today)


def _matching(query: ClueQuery, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.division:
        conditions.append(inside(Clue.division_code, query.division))
    if query.household_id:
        conditions.append(col(Clue.household_id) == query.household_id)
    if query.status:
        conditions.append(col(Clue.status).in_(query.status))
    if query.risk_type:
        conditions.append(col(Clue.risk_type).in_(query.risk_type))
    if query.source:
        # Any source of a clue counts, not only the first.
        conditions.append(func.jsonb_exists_any(col(Clue.sources), cast(query.source, ARRAY(String))))
    if query.overdue is not None:
        overdue = and_(col(Clue.settled_on).is_(None), col(Clue.due_on) < today)
        conditions.append(overdue if query.overdue else not_(overdue))
    return conditions
