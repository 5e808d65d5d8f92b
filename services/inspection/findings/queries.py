"""Questions to the ledger."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_
from sqlmodel import col, select

from services.inspection.findings.model import Finding, is_open, is_overdue
from services.inspection.findings.schemas import FindingQuery
from shared.database import Page, PageQuery, Reader, inside
from shared.database.history import Change, story
from shared.refusal import NotFound


def matching(query: FindingQuery, today: date) -> list[ColumnElement[bool]]:
    """Return the conditions for findings that the filters name."""
    conditions: list[ColumnElement[bool]] = []
    if query.campaign_id:
        conditions.append(col(Finding.campaign_id) == query.campaign_id)
    if query.household_id:
        conditions.append(col(Finding.household_id) == query.household_id)
    if query.division:
        conditions.append(inside(Finding.division_code, query.division))
    if query.updated_since:
        conditions.append(col(Finding.changed_at) >= query.updated_since)
    for column, wanted in (
        (col(Finding.status), query.status),
        (func.split_part(col(Finding.item), "-", 1), query.area),
        (col(Finding.item), query.item),
        (col(Finding.source), query.source),
        (col(Finding.level), query.level),
        (col(Finding.responsible_unit), query.unit),
    ):
        if wanted:
            conditions.append(column.in_(wanted))
    soon = and_(is_open(), col(Finding.due_soon_on).is_not(None), col(Finding.deadline_on) >= today)
    for condition, wished in (
        (is_overdue(today), query.overdue),
        (soon, query.due_soon),
        (col(Finding.escalated_on).is_not(None), query.escalated),
        (col(Finding.transfer_to).is_not(None), query.transferring),
        (col(Finding.repeats).is_not(None), query.repeated),
    ):
        if wished is not None:
            conditions.append(condition if wished else not_(condition))
    return conditions


async def page_of(db: Reader, query: FindingQuery, page: PageQuery) -> Page[Finding]:
    """Return findings in the order in which they were raised."""
    return await db.page(
        select(Finding).where(*matching(query, db.today)), order=[col(Finding.id)], page=page
    )


async def get_finding(db: Reader, finding_id: UUID, *, as_of: datetime | None) -> Finding:
    """Return a finding, as it stands or as it stood."""
    if as_of is None:
        return await db.get(Finding, finding_id)
    past = await db.as_of(Finding, finding_id, as_of)
    if not past:
        raise NotFound
    return past[0]


async def story_of(db: Reader, finding_id: UUID) -> list[Change]:
    """Return a finding's changes, oldest first."""
    await db.get(Finding, finding_id)
    return story(await db.history(finding_id, Finding))
