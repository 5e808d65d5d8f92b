"""Leaving the classes: a household under watch, lifted no more, or without anybody in it has no class."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, update
from sqlmodel import col

from services.monitoring.classes.model import SupportClass
from services.monitoring.classes.stages import ClassStage
from services.monitoring.replicas.model import HouseholdReplica
from shared.contracts.monitoring import ClassChanged
from shared.database import Writer


async def leave_as_monitored(db: Writer, household_id: UUID, *, on: date) -> None:
    """Take a household that comes under watch out of the classes, and say so; what helps it goes on."""
    await _leave(db, [household_id], "monitored", on)


async def leave_as_registered(db: Writer, household_ids: Collection[UUID]) -> None:
    """Take out those of these households that the registry calls lifted no more, or empty."""
    gone = col(HouseholdReplica.member_count) == 0
    here = col(SupportClass.household_id) == col(HouseholdReplica.id)
    lost = and_(here, gone | (col(HouseholdReplica.kind) != "lifted"))
    await _leave(db, household_ids, case((gone, "gone"), else_="not_lifted"), db.today, lost)


async def _leave(
    db: Writer,
    household_ids: Collection[UUID],
    departure: str | ColumnElement[str],
    on: date,
    *which: ColumnElement[bool],
) -> None:
    await db.flush()
    # Classes of past years are history: they stay as they ended.
    left = await db.execute(
        update(SupportClass)
        .where(
            col(SupportClass.household_id).in_(household_ids),
            col(SupportClass.stage) != ClassStage.LEFT,
            col(SupportClass.year) >= on.year,
            *which,
        )
        .values(
            stage=ClassStage.LEFT,
            left_on=on,
            departure=departure,
            previous_class=func.coalesce(SupportClass.decided_class, SupportClass.previous_class),
            decided_class=None,
        )
        .returning(SupportClass)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    rows = left.scalars().all()
    db.record(*[ClassChanged.model_validate(row, from_attributes=True) for row in rows])
