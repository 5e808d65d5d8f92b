"""The gap list: households under watch in whose assistance something is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import func, or_, select as select_columns
from sqlmodel import col, select

from services.monitoring.assistance.model import Measure, Plan
from services.monitoring.gaps.conditions import NOT_STOPPED, missing, was_late
from services.monitoring.gaps.model import Duty, LateDuty, StatedReason
from services.monitoring.gaps.rules import Gap, Help, gap_of, gap_rule
from services.monitoring.gaps.schemas import AuditView, GapQuery, GapView, LateView, StatedReasonView
from services.monitoring.limits import due
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import UNDER_WATCH
from services.monitoring.replicas.model import PersonReplica
from services.monitoring.replicas.queries import households_of
from shared.database import Page, PageQuery, Reader, inside

OfObject = TypeVar("OfObject", RiskEpisode, Measure, StatedReason, LateDuty)


class Known(NamedTuple):
    """What is known of one household's help, with the marks of what was late."""

    help: Help
    late: Sequence[LateDuty]


async def gaps(db: Reader, query: GapQuery, page: PageQuery) -> Page[GapView]:
    """Return households under watch in whose assistance something is missing."""
    wanted = missing(db.today)
    conditions = [col(MonitoredObject.status).in_(UNDER_WATCH), wanted.anything]
    if query.division:
        conditions.append(inside(MonitoredObject.division_code, query.division))
    if query.audit:
        conditions.append(or_(*(wanted.audits[each] for each in query.audit)))
    if query.late:
        conditions.append(
            or_(*(wanted.duties[each] & was_late(each, wanted.owed_since[each]) for each in query.late))
        )
    found = await db.page(
        select(MonitoredObject).where(*conditions), order=[col(MonitoredObject.id)], page=page
    )
    return found.with_items(await _explained(db, found.items))


async def reasons_of(db: Reader, monitored_id: UUID) -> list[StatedReason]:
    """Return what was stated about an object, oldest first."""
    await db.get(MonitoredObject, monitored_id)
    of_object = col(StatedReason.monitored_id) == monitored_id
    return await db.all(select(StatedReason).where(of_object).order_by(col(StatedReason.id)))


async def known_of(db: Reader, things: Sequence[MonitoredObject]) -> dict[UUID, Known]:
    """Return what is known of the help for objects under watch, in a handful of statements."""
    ids = [thing.id for thing in things]
    of_open = (col(RiskEpisode.monitored_id).in_(ids), col(RiskEpisode.eliminated_on).is_(None))
    episodes = _by_object(await db.all(select(RiskEpisode).where(*of_open).order_by(col(RiskEpisode.rank))))
    measures = _by_object(
        await db.all(select(Measure).where(col(Measure.monitored_id).in_(ids), NOT_STOPPED))
    )
    reasons = _by_object(await db.all(select(StatedReason).where(col(StatedReason.monitored_id).in_(ids))))
    late = _by_object(await db.all(select(LateDuty).where(col(LateDuty.monitored_id).in_(ids))))
    members = await _present_in(db, [thing.household_id for thing in things])
    planned = await _newest_plans(db, ids)
    return {
        thing.id: Known(
            Help(
                episodes=episodes[thing.id],
                measures=measures[thing.id],
                reasons=reasons[thing.id],
                members=members[thing.household_id],
                contact=thing.contact_name,
                planned_on=planned.get(thing.id),
            ),
            late[thing.id],
        )
        for thing in things
    }


def _by_object(rows: Iterable[OfObject]) -> dict[UUID | None, list[OfObject]]:
    grouped: dict[UUID | None, list[OfObject]] = defaultdict(list)
    for row in rows:
        grouped[row.monitored_id].append(row)
    return grouped


async def _explained(db: Reader, things: Sequence[MonitoredObject]) -> list[GapView]:
    known = await known_of(db, things)
    households = await households_of(db, [thing.household_id for thing in things])
    views = []
    for thing in things:
        household, (help_, late) = households.get(thing.household_id), known[thing.id]
        gap, place = gap_of(help_, db.today), thing.division_code
        views.append(
            GapView(
                monitored_id=thing.id,
                **thing.model_dump(include={"division_code", "household_id", "open_risks"}),
                household_number=household.number if household else None,
                head_name=household.head_name if household else None,
                risks_without_measure=list(gap.risks_without_measure),
                risks_misfitted=list(gap.risks_misfitted),
                needs_development=gap.needs_development,
                needs_contact=gap.needs_contact,
                needs_plan=gap.needs_plan,
                reasons=[
                    StatedReasonView.model_validate(each)
                    for each in help_.reasons
                    if each.until_on >= db.today
                ],
                audits=_complaints(gap, db.today),
                late=[
                    LateView.model_validate(each)
                    for each in late
                    if each.tagged_on == gap.owed_since.get(Duty(each.duty))
                ],
                due_on={duty: due(duty, place, since).on for duty, since in gap.owed_since.items()},
                measures_due_on=due(
                    "measures", place, gap.owed_since.get(Duty.MEASURES, help_.newest_tagging)
                ).on,
            )
        )
    return views


def _complaints(gap: Gap, today: date) -> list[AuditView]:
    rule = gap_rule(today)
    return [
        AuditView(audit=each, source=rule.source, **rule.audits[each].model_dump(exclude={"months"}))
        for each in gap.audits
    ]


async def _present_in(db: Reader, household_ids: Sequence[UUID]) -> dict[UUID, list[PersonReplica]]:
    present = select(PersonReplica).where(
        col(PersonReplica.household_id).in_(household_ids), col(PersonReplica.left_on).is_(None)
    )
    members: dict[UUID, list[PersonReplica]] = defaultdict(list)
    for member in await db.all(present):
        members[member.household_id].append(member)
    return members


async def _newest_plans(db: Reader, ids: Sequence[UUID]) -> dict[UUID, date]:
    newest = (
        select_columns(col(Plan.monitored_id), func.max(col(Plan.made_on)))
        .where(col(Plan.monitored_id).in_(ids))
        .group_by(col(Plan.monitored_id))
    )
    return {row[0]: row[1] for row in await db.rows(newest)}
