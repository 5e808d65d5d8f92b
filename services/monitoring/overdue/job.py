"""The job that lets limits act, in sets: what nobody looks at is marked, told and goes up all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, false, not_, or_, true, update
from sqlmodel import col, select

from services.monitoring.cases.model import CaseStatus, IdentificationCase, last_on_sql
from services.monitoring.clues.model import AWAITS_ADDING, UNSETTLED, Clue
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


class Watch(NamedTuple):
    """Something that has a limit: in which rows, while what holds, and where its limit and its marks stand."""

    model: Watched
    waits: ColumnElement[bool]
    #: Of the rules' paces.
    pace: str
    limit: str = "due_on"
    marks: str = "overdue"
    #: What of a clue it is.
    late: str = ""

    @property
    def last_on(self) -> Any:
        """The last day on which it is in time, in SQL."""
        return last_on_sql() if self.limit == "last_on" else col(getattr(self.model, self.limit))


#: A clue lies at one table, whatever of it is late: the highest to which one of them took it.
WATCHES = (
    Watch(Clue, col(Clue.status).in_(UNSETTLED), "clue", late="verdict"),
    Watch(
        Clue,
        and_(col(Clue.status).in_(UNSETTLED), col(Clue.visited_on).is_(None)),
        "clue",
        limit="visit_due_on",
        marks="visit_overdue",
        late="first_visit",
    ),
    Watch(Clue, AWAITS_ADDING, "clue", limit="adding_due_on", late="further_risk"),
    Watch(IdentificationCase, col(IdentificationCase.status) == CaseStatus.OPEN, "case", limit="last_on"),
    Watch(MonitoredObject, col(MonitoredObject.due_on).is_not(None), "monitored"),
    Watch(FollowUpTurn, col(FollowUpTurn.due_on).is_not(None), "follow_up"),
)


class Act(NamedTuple):
    """What becomes of some clues, cases, objects or follow-ups: which, and what is set."""

    watch: Watch
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
        for watch in WATCHES:
            nearer = [_of(watch.model, each) for each in rules[place + 1 :]]
            here = and_(watch.waits, _of(watch.model, rule), not_(or_(false(), *nearer)))
            yield from _acts(watch, here, getattr(rule, watch.pace), rule.version, today)


def _acts(watch: Watch, here: ColumnElement[bool], pace: Pace, version: str, today: date) -> Iterator[Act]:
    limit, level = watch.last_on, col(watch.model.level)
    marked, by = f"{watch.marks}_on", f"{watch.marks}_rule"
    # The day on which it became overdue, even where nobody ran this job then.
    yield Act(
        watch,
        and_(here, col(getattr(watch.model, marked)).is_(None), limit < today),
        {marked: limit + 1, by: version},
    )
    to_town, to_county = last_overdue(today, pace.town), last_overdue(today, pace.county)
    goes_up = or_(
        and_(limit <= to_town, level == Level.VILLAGE), and_(limit <= to_county, level != Level.COUNTY)
    )
    higher = case((limit <= to_county, Level.COUNTY), else_=Level.TOWN)
    yield Act(watch, and_(here, goes_up), {"level": higher, "escalated_on": today, by: version})


def _of(model: Watched, rule: RuleSet) -> ColumnElement[bool]:
    return inside(model.division_code, rule.area) if rule.area else true()


async def _do(database: Database, act: Act) -> int:
    # Whoever works on one right now is not waited for: the next run finds it.
    model = act.watch.model
    chosen = select(model.id).where(act.which).order_by(col(model.id)).limit(_CHUNK)
    async with database.writing(_SYSTEM) as db:
        done = await db.execute(
            update(model)
            .where(col(model.id).in_(chosen.with_for_update(skip_locked=True)))
            .values(act.changes)
            .returning(model)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        rows = done.scalars().all()
        if model is MonitoredObject:
            db.record(*await overdue_events(db, rows))
        else:
            db.record(*(_told(act.watch, row) for row in rows))
        return len(rows)


def _told(watch: Watch, row: Any) -> ClueOverdue | CaseOverdue | FollowUpOverdue:
    told = _TOLD[watch.model]
    # Of a case it may be the whole procedure that is late, of a clue several things.
    said = {"due_on": getattr(row, watch.limit), "overdue_on": getattr(row, f"{watch.marks}_on")}
    if watch.late:
        said["late"] = watch.late
    rest = {name: getattr(row, name) for name in told.model_fields.keys() - said.keys()}
    return told.model_validate(said | rest)


async def run(runtime: Runtime) -> None:
    """Let limits act."""
    await act_on_limits(runtime.database)


#: The first run of a day is ten minutes after midnight in China; the others find what was locked, or entered late.
OVERDUE = Schedule("monitoring.overdue", "10 * * * *", run)
