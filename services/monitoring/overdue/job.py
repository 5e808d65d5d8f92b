"""The job that lets limits act, in sets: what nobody looks at is marked, told and goes up all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, false, not_, or_, true, update
from sqlmodel import col, select

from services.monitoring.cases.model import CaseStatus, IdentificationCase, last_on_sql
from services.monitoring.clues.model import UNSETTLED, Clue
from services.monitoring.followups.model import FollowUpTurn
from services.monitoring.monitored.events import overdue_events
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.overdue.rules import Pace, RuleSet, rule_sets
from shared.assembly import Runtime
from shared.contracts.monitoring import CaseOverdue, ClueOverdue, FollowUpOverdue
from shared.database import Database, inside
from shared.domain.dated import in_force
from shared.domain.level import Level
from shared.domain.working_days import last_overdue
from shared.identity.principal import system
from shared.jobs import Schedule

#: Rows that one transaction marks and tells of.
_CHUNK = 1000
_SYSTEM = system("monitoring")

Watched = type[Clue] | type[IdentificationCase] | type[MonitoredObject] | type[FollowUpTurn]
#: An object's event tells its episodes, too, which stand elsewhere (``overdue_events``).
_TOLD: dict[Watched, type[ClueOverdue | CaseOverdue | FollowUpOverdue]] = {
    Clue: ClueOverdue,
    IdentificationCase: CaseOverdue,
    FollowUpTurn: FollowUpOverdue,
}


class Act(NamedTuple):
    """What becomes of some clues, cases, objects or follow-ups: which, and what is set."""

    model: Watched
    which: ColumnElement[bool]
    changes: dict[str, Any]


async def act_on_limits(database: Database) -> int:
    """Do what is due today and not done yet; return how many were touched. Running it again does nothing twice."""
    async with database.reading(_SYSTEM) as db:
        today = db.today
    touched = 0
    for act in acts(rule_sets(), today):
        while done := await _do(database, act):
            touched += done
    return touched


def acts(sets: tuple[RuleSet, ...], today: date) -> Iterator[Act]:
    """Give what the rules ask for on a day; the nearest place's rule wins."""
    rules = in_force(sets, today)
    for place, rule in enumerate(rules):
        for model, is_open, pace in (
            (Clue, col(Clue.status).in_(UNSETTLED), rule.clue),
            (IdentificationCase, col(IdentificationCase.status) == CaseStatus.OPEN, rule.case),
            (MonitoredObject, col(MonitoredObject.due_on).is_not(None), rule.monitored),
            (FollowUpTurn, col(FollowUpTurn.due_on).is_not(None), rule.follow_up),
        ):
            nearer = [_of(model, each) for each in rules[place + 1 :]]
            here = and_(is_open, _of(model, rule), not_(or_(false(), *nearer)))
            yield from _acts(model, here, pace, rule.version, today)


def _acts(model: Watched, here: ColumnElement[bool], pace: Pace, version: str, today: date) -> Iterator[Act]:
    limit, level = last_on_sql() if model is IdentificationCase else col(model.due_on), col(model.level)
    # The day on which it became overdue, even where nobody ran this job then.
    yield Act(
        model,
        and_(here, col(model.overdue_on).is_(None), limit < today),
        {"overdue_on": limit + 1, "overdue_rule": version},
    )
    to_town, to_county = last_overdue(today, pace.town), last_overdue(today, pace.county)
    goes_up = or_(
        and_(limit <= to_town, level == Level.VILLAGE), and_(limit <= to_county, level != Level.COUNTY)
    )
    higher = case((limit <= to_county, Level.COUNTY), else_=Level.TOWN)
    yield Act(model, and_(here, goes_up), {"level": higher, "escalated_on": today, "overdue_rule": version})


def _of(model: Watched, rule: RuleSet) -> ColumnElement[bool]:
    return inside(model.division_code, rule.area) if rule.area else true()


async def _do(database: Database, act: Act) -> int:
    # Whoever works on one right now is not waited for: the next run finds it.
    chosen = select(act.model.id).where(act.which).order_by(col(act.model.id)).limit(_CHUNK)
    async with database.writing(_SYSTEM) as db:
        done = await db.execute(
            update(act.model)
            .where(col(act.model.id).in_(chosen.with_for_update(skip_locked=True)))
            .values(act.changes)
            .returning(act.model)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        rows = done.scalars().all()
        if act.model is MonitoredObject:
            db.record(*await overdue_events(db, rows))
        else:
            db.record(*map(_told, rows))
        return len(rows)


def _told(row: Any) -> ClueOverdue | CaseOverdue | FollowUpOverdue:
    told = _TOLD[type(row)].model_validate(row, from_attributes=True)
    # Of a case it may be the whole procedure that is late.
    return told.model_copy(update={"due_on": row.last_on}) if isinstance(row, IdentificationCase) else told


async def run(runtime: Runtime) -> None:
    """Let limits act."""
    await act_on_limits(runtime.database)


#: The first run of a day is ten minutes after midnight in China; the others find what was locked, or entered late.
OVERDUE = Schedule("monitoring.overdue", "10 * * * *", run)
