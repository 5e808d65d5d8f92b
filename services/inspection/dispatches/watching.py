"""People, matters and results to watch (盯人、盯事、盯结果), of one unit on one day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select as rows_of
from sqlmodel import col, select

from services.inspection.checklists.catalog import wording
from services.inspection.checklists.severity import Severity
from services.inspection.dispatches.schemas import MatterToWatch, PersonToWatch, ResultToWatch, Watch
from services.inspection.findings.model import Finding, is_open, is_overdue
from services.inspection.replicas.queries import names_of
from shared.database import Reader, inside
from shared.domain.working_days import working_days_between

_PEOPLE, _MATTERS, _RESULTS = 10, 20, 10


async def watch_of(db: Reader, campaign_id: UUID, checklist: str, division: str) -> Watch:
    """Return whom and what to watch in a division, in four statements."""
    return Watch(
        people=await _people(db, campaign_id, division),
        matters=await _matters(db, campaign_id, checklist, division),
        results=await _results(db, campaign_id, division),
    )


async def _people(db: Reader, campaign_id: UUID, division: str) -> list[PersonToWatch]:
    overdue = func.count().filter(is_overdue(db.today))
    rows = await db.rows(
        rows_of(
            col(Finding.responsible_unit),
            func.coalesce(col(Finding.responsible_person), ""),
            func.count(),
            overdue,
            func.min(col(Finding.deadline_on)),
        )
        .where(
            col(Finding.campaign_id) == campaign_id,
            inside(Finding.division_code, division),
            is_open(),
            col(Finding.responsible_unit).is_not(None),
        )
        .group_by(col(Finding.responsible_unit), col(Finding.responsible_person))
        .having(overdue > 0)
        .order_by(overdue.desc(), func.min(col(Finding.deadline_on)), col(Finding.responsible_unit))
        .limit(_PEOPLE)
    )
    return [
        PersonToWatch(
            unit=unit,
            person=person,
            open=open_,
            overdue=late,
            working_days=working_days_between(first, db.today),
        )
        for unit, person, open_, late, first in rows
    ]


async def _matters(db: Reader, campaign_id: UUID, checklist: str, division: str) -> list[MatterToWatch]:
    found = await db.all(
        select(Finding)
        .where(
            col(Finding.campaign_id) == campaign_id,
            inside(Finding.division_code, division),
            is_open(),
            or_(col(Finding.deadline_on) < db.today, col(Finding.severity) == Severity.CRITICAL),
        )
        .order_by(col(Finding.deadline_on), col(Finding.id))
        .limit(_MATTERS)
    )
    names = await names_of(db, [finding.division_code for finding in found])
    return [
        MatterToWatch(
            **finding.model_dump(
                include={
                    "division_code",
                    "item",
                    "object_name",
                    "severity",
                    "level",
                    "status",
                    "deadline_on",
                    "responsible_unit",
                    "responsible_person",
                }
            ),
            finding_id=finding.id,
            division_name=names.get(finding.division_code),
            item_zh=wording(checklist, finding.item),
            working_days_overdue=working_days_between(finding.deadline_on, db.today),
        )
        for finding in found
    ]


async def _results(db: Reader, campaign_id: UUID, division: str) -> list[ResultToWatch]:
    deadline = col(Finding.deadline_on)
    rows = await db.rows(
        rows_of(
            unit := func.coalesce(col(Finding.responsible_unit), "（未明确责任单位）"),
            func.count(),
            func.min(deadline),
            func.max(deadline),
        )
        .where(
            col(Finding.campaign_id) == campaign_id,
            inside(Finding.division_code, division),
            is_open(),
            deadline.between(db.today, db.today + timedelta(days=7)),
        )
        .group_by(unit)
        .order_by(func.count().desc(), unit)
        .limit(_RESULTS)
    )
    return [
        ResultToWatch(unit=name, findings=count, first_due_on=first, last_due_on=last)
        for name, count, first, last in rows
    ]
