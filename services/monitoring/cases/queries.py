"""Questions about cases."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_
from sqlmodel import col, select

from services.monitoring.cases.lines import CaseEntry
from services.monitoring.cases.model import CaseStatus, IdentificationCase, last_on_sql
from services.monitoring.cases.steps import Step
from services.monitoring.cases.views import CaseFile, CaseQuery, CaseView
from services.monitoring.clues.model import Clue
from services.monitoring.doubts.queries import standing_of
from services.monitoring.replicas.queries import households_of
from shared.database import Page, PageQuery, Reader, inside


async def page_of(db: Reader, query: CaseQuery, page: PageQuery) -> Page[CaseView]:
    """Return cases in the order in which they were opened."""
    found = await db.page(
        select(IdentificationCase).where(*_matching(query, db.today)),
        order=[col(IdentificationCase.id)],
        page=page,
    )
    households = await households_of(db, [case.household_id for case in found.items])
    items = [CaseView.of(case, households.get(case.household_id), today=db.today) for case in found.items]
    return found.with_items(items)


async def get_file(db: Reader, case_id: UUID) -> tuple[IdentificationCase, CaseFile]:
    """Return a case, and how it is shown with its file."""
    case = await db.get(IdentificationCase, case_id)
    lines = await db.all(
        select(CaseEntry).where(col(CaseEntry.case_id) == case.id).order_by(col(CaseEntry.id))
    )
    households = await households_of(db, [case.household_id])
    doubts = await standing_of(db, case.household_id)
    return case, CaseFile.with_lines(case, households.get(case.household_id), lines, doubts, today=db.today)


async def newest_check(db: Reader, case_id: UUID) -> CaseEntry:
    """Return the household check of a case as it was done last."""
    checks = select(CaseEntry).where(
        col(CaseEntry.case_id) == case_id, col(CaseEntry.entry) == Step.HOUSEHOLD_CHECK
    )
    return await db.one(checks.order_by(col(CaseEntry.id).desc()).limit(1))


async def clues_of(db: Reader, case_id: UUID) -> list[Clue]:
    """Return the clues that a case was opened for or took in."""
    return await db.all(select(Clue).where(col(Clue.case_id) == case_id).order_by(col(Clue.id)))


def _matching(query: CaseQuery, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.division:
        conditions.append(inside(IdentificationCase.division_code, query.division))
    if query.household_id:
        conditions.append(col(IdentificationCase.household_id) == query.household_id)
    if query.step:
        conditions.append(col(IdentificationCase.step).in_(query.step))
    if query.status:
        conditions.append(col(IdentificationCase.status).in_(query.status))
    if query.level:
        conditions.append(col(IdentificationCase.level).in_(query.level))
    if query.withdrawal_pending is not None:
        pending = and_(
            col(IdentificationCase.status) == CaseStatus.OPEN, col(IdentificationCase.withdrawal).is_not(None)
        )
        conditions.append(pending if query.withdrawal_pending else not_(pending))
    if query.overdue is not None:
        overdue = and_(col(IdentificationCase.status) == CaseStatus.OPEN, last_on_sql() < today)
        conditions.append(overdue if query.overdue else not_(overdue))
    return conditions
