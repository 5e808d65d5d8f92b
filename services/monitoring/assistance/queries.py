"""Questions about assistance."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from services.monitoring.assistance.model import Measure, Plan
from services.monitoring.assistance.schemas import MeasureQuery
from services.monitoring.classes.model import SupportClass
from services.monitoring.monitored.model import MonitoredObject
from shared.database import Page, PageQuery, Reader, inside


async def page_of(db: Reader, query: MeasureQuery, page: PageQuery) -> Page[Measure]:
    """Return measures in the order in which they were planned."""
    conditions: list[ColumnElement[bool]] = []
    if query.division:
        conditions.append(inside(Measure.division_code, query.division))
    for column, wanted in (
        (col(Measure.status), query.status),
        (col(Measure.kind), query.kind),
        (col(Measure.risk_type), query.risk_type),
    ):
        if wanted:
            conditions.append(column.in_(wanted))
    if query.household_id is not None:
        conditions.append(col(Measure.household_id) == query.household_id)
    if query.monitored is not None:
        of_object = col(Measure.monitored_id).is_not(None)
        conditions.append(of_object if query.monitored else ~of_object)
    return await db.page(select(Measure).where(*conditions), order=[col(Measure.id)], page=page)


async def measures_of(db: Reader, monitored_id: UUID) -> list[Measure]:
    """Return an object's measures, oldest first."""
    await db.get(MonitoredObject, monitored_id)
    of_object = col(Measure.monitored_id) == monitored_id
    return await db.all(select(Measure).where(of_object).order_by(col(Measure.id)))


async def support_of(db: Reader, class_id: UUID) -> list[Measure]:
    """Return the measures of a class's household, those for its time under watch included, oldest first."""
    household_id = (await db.get(SupportClass, class_id)).household_id
    of_household = col(Measure.household_id) == household_id
    return await db.all(select(Measure).where(of_household).order_by(col(Measure.id)))


async def plans_of(db: Reader, monitored_id: UUID) -> list[Plan]:
    """Return an object's plans, oldest first."""
    await db.get(MonitoredObject, monitored_id)
    return await db.all(select(Plan).where(col(Plan.monitored_id) == monitored_id).order_by(col(Plan.id)))
