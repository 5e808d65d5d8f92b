"""The gap list: households under watch in whose assistance something is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select as select_columns
from sqlmodel import col, select

from services.monitoring.assistance.model import Measure, MeasureStatus
from services.monitoring.assistance.rules import DEVELOPMENT, gap_of
from services.monitoring.assistance.schemas import GapQuery, GapView
from services.monitoring.limits import due
from services.monitoring.monitored.model import MonitoredObject, RiskEpisode
from services.monitoring.monitored.states import UNDER_WATCH
from services.monitoring.replicas.model import PersonReplica
from services.monitoring.replicas.queries import households_of
from services.monitoring.replicas.rules import ABLE
from shared.database import Page, PageQuery, Reader, inside

_NOT_STOPPED = col(Measure.status) != MeasureStatus.STOPPED


async def gaps(db: Reader, query: GapQuery, page: PageQuery) -> Page[GapView]:
    """Return households under watch in whose assistance something is missing."""
    conditions = [col(MonitoredObject.status).in_(UNDER_WATCH), _has_gap()]
    if query.division:
        conditions.append(inside(MonitoredObject.division_code, query.division))
    found = await db.page(
        select(MonitoredObject).where(*conditions), order=[col(MonitoredObject.id)], page=page
    )
    return found.with_items(await _explained(db, found.items))


def _has_gap() -> ColumnElement[bool]:
    """Say in SQL what ``gap_of`` says of one household: a test holds the two together."""
    of_object = (col(Measure.monitored_id) == col(MonitoredObject.id), _NOT_STOPPED)
    risk = func.unnest(col(MonitoredObject.open_risks)).table_valued("risk_type").render_derived(name="risk")
    # Named, because SQLAlchemy looks for what is around a subquery one level up only.
    helped = (
        exists()
        .where(*of_object, col(Measure.risk_type) == risk.c.risk_type)
        .correlate(MonitoredObject, risk)
    )
    can_work = exists().where(
        col(PersonReplica.household_id) == col(MonitoredObject.household_id),
        col(PersonReplica.left_on).is_(None),
        col(PersonReplica.labour).in_(ABLE),
    )
    develops = exists().where(*of_object, col(Measure.kind).in_(DEVELOPMENT))
    return or_(
        col(MonitoredObject.contact_name).is_(None),
        select_columns(risk).where(~helped).exists(),
        can_work & ~develops,
    )


async def _explained(db: Reader, things: Sequence[MonitoredObject]) -> list[GapView]:
    ids, household_ids = [thing.id for thing in things], [thing.household_id for thing in things]
    measures, members = await _measures_of(db, ids), await _members_of(db, household_ids)
    tagged, households = await _newest_tagging(db, ids), await households_of(db, household_ids)
    views = []
    for thing in things:
        gap = gap_of(
            open_risks=thing.open_risks,
            measures=measures[thing.id],
            members=members[thing.household_id],
            contact=thing.contact_name,
        )
        household = households.get(thing.household_id)
        views.append(
            GapView(
                monitored_id=thing.id,
                **thing.model_dump(include={"division_code", "household_id", "open_risks"}),
                household_number=household.number if household else None,
                head_name=household.head_name if household else None,
                risks_without_measure=list(gap.risks_without_measure),
                needs_development=gap.needs_development,
                needs_contact=gap.needs_contact,
                measures_due_on=due("measures", thing.division_code, tagged[thing.id]),
            )
        )
    return views


async def _measures_of(db: Reader, ids: Sequence[UUID]) -> dict[UUID, set[tuple[str, str | None]]]:
    measures: dict[UUID, set[tuple[str, str | None]]] = defaultdict(set)
    for measure in await db.all(select(Measure).where(col(Measure.monitored_id).in_(ids), _NOT_STOPPED)):
        measures[measure.monitored_id].add((measure.kind, measure.risk_type))
    return measures


async def _members_of(db: Reader, household_ids: Sequence[UUID]) -> dict[UUID, list[PersonReplica]]:
    members: dict[UUID, list[PersonReplica]] = defaultdict(list)
    present = select(PersonReplica).where(
        col(PersonReplica.household_id).in_(household_ids), col(PersonReplica.left_on).is_(None)
    )
    for member in await db.all(present):
        members[member.household_id].append(member)
    return members


async def _newest_tagging(db: Reader, ids: Sequence[UUID]) -> dict[UUID, date]:
    newest = (
        select_columns(col(RiskEpisode.monitored_id), func.max(col(RiskEpisode.tagged_on)))
        .where(col(RiskEpisode.monitored_id).in_(ids))
        .group_by(col(RiskEpisode.monitored_id))
    )
    return {row[0]: row[1] for row in await db.rows(newest)}
