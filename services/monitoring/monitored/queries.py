"""Questions about monitored objects."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select

from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.events import episodes_of
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.procedures import UNDECIDED, Closure, Elimination, Retagging
from services.monitoring.monitored.views import MonitoredFile, MonitoredQuery, MonitoredView
from services.monitoring.replicas.queries import households_of
from shared.database import Change, Page, PageQuery, Reader, inside
from shared.database.history import story
from shared.refusal import NotFound

O = TypeVar("O", RiskEpisode, Elimination, Retagging, Closure)  # noqa: E741 - of an object


async def page_of(db: Reader, query: MonitoredQuery, page: PageQuery) -> Page[MonitoredView]:
    """Return objects in the order in which they were first tagged."""
    found = await db.page(
        select(MonitoredObject).where(*_matching(query)), order=[col(MonitoredObject.id)], page=page
    )
    households = await households_of(db, [thing.household_id for thing in found.items])
    episodes = await episodes_of(db, [thing.id for thing in found.items])
    items = [
        MonitoredView.of(thing, households.get(thing.household_id), episodes[thing.id])
        for thing in found.items
    ]
    return found.with_items(items)


async def get_file(db: Reader, monitored_id: UUID) -> tuple[MonitoredObject, MonitoredFile]:
    """Return an object, and how it is shown with its procedures."""
    thing = await db.get(MonitoredObject, monitored_id)
    households = await households_of(db, [thing.household_id])
    return thing, MonitoredFile.with_procedures(
        thing,
        households.get(thing.household_id),
        await _of_object(db, RiskEpisode, monitored_id),
        await _of_object(db, Elimination, monitored_id),
        await _of_object(db, Retagging, monitored_id),
        await _of_object(db, Closure, monitored_id),
    )


async def undecided_of(db: Reader, monitored_id: UUID) -> list[Elimination | Retagging]:
    """Return the eliminations and re-taggings of an object that nobody has decided yet."""
    procedures: list[Elimination | Retagging] = [*await _of_object(db, Elimination, monitored_id)]
    procedures += await _of_object(db, Retagging, monitored_id)
    return [each for each in procedures if each.stage in UNDECIDED]


async def file_as_of(db: Reader, monitored_id: UUID, moment: datetime) -> MonitoredFile:
    """Return an object as it stood at a moment; its household is named as it is known today."""
    past = await db.as_of(MonitoredObject, monitored_id, moment)
    if not past:
        raise NotFound
    households = await households_of(db, [past[0].household_id])
    return MonitoredFile.with_procedures(
        past[0],
        households.get(past[0].household_id),
        sorted(await db.as_of(RiskEpisode, monitored_id, moment), key=lambda each: each.id),
        sorted(await db.as_of(Elimination, monitored_id, moment), key=lambda each: each.id),
        sorted(await db.as_of(Retagging, monitored_id, moment), key=lambda each: each.id),
        sorted(await db.as_of(Closure, monitored_id, moment), key=lambda each: each.id),
    )


async def story_of(db: Reader, monitored_id: UUID) -> list[Change]:
    """Return all changes to an object, its risks and its procedures, oldest first."""
    await db.get(MonitoredObject, monitored_id)
    return story(
        await db.history(monitored_id, MonitoredObject, RiskEpisode, Elimination, Retagging, Closure)
    )


async def _of_object(db: Reader, model: type[O], monitored_id: UUID) -> list[O]:
    return await db.all(select(model).where(col(model.monitored_id) == monitored_id).order_by(col(model.id)))


def _matching(query: MonitoredQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.division:
        conditions.append(inside(MonitoredObject.division_code, query.division))
    if query.household_id:
        conditions.append(col(MonitoredObject.household_id) == query.household_id)
    if query.status:
        conditions.append(col(MonitoredObject.status).in_(query.status))
    if query.category:
        conditions.append(col(MonitoredObject.category).in_(query.category))
    if query.risk_type:
        overlaps = col(MonitoredObject.open_risks).op("&&")(cast(query.risk_type, ARRAY(String)))
        conditions.append(overlaps)
    if query.has_contact is not None:
        named = col(MonitoredObject.contact_name).is_not(None)
        conditions.append(named if query.has_contact else ~named)
    if query.overdue is not None:
        late = col(MonitoredObject.overdue_on).is_not(None)
        conditions.append(late if query.overdue else ~late)
    if query.level:
        waits = col(MonitoredObject.due_on).is_not(None)
        conditions += [waits, col(MonitoredObject.level).in_(query.level)]
    return conditions
