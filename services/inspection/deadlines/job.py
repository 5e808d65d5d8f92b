"""The job that lets deadlines act, in sets: whatever nobody looks at is marked, told and escalated all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, not_, or_, true, update
from sqlmodel import col, select

from services.inspection.deadlines.rules import (
    RuleSet,
    last_due_soon,
    rule_sets,
)
from services.inspection.findings.commands import told
from services.inspection.findings.model import Finding, is_open
from shared.assembly import Runtime
from shared.contracts.inspection import FindingDue, FindingEscalated, FindingOverdue, FindingState
from shared.database import Database, inside
from shared.domain.dated import in_force
from shared.domain.level import Level
from shared.domain.working_days import last_overdue
from shared.identity.principal import system
from shared.jobs import Schedule

#: Findings that one transaction marks and tells of.
_CHUNK = 1000


@dataclass(frozen=True)
class Act:
    """What becomes of some findings: which, what is set, and what is told."""

    which: ColumnElement[bool]
    changes: dict[str, Any]
    event: type[FindingState]


async def act_on_deadlines(database: Database) -> int:
    """Do what is due today and not done yet; return how many findings were touched, each kind of act by itself.

    Any number of times a day, and after days of standstill, gives each mark once.
    """
    async with database.reading(system("inspection")) as db:
        today = db.today
    touched = 0
    for act in acts(today):
        while done := await _do(database, act):
            touched += done
    return touched


def acts(today: date) -> Iterator[Act]:
    """Give what the rules ask for on a day."""
    sets = in_force(rule_sets(), today)
    for place, rules in enumerate(sets):
        nearer = [_of(each) for each in sets[place + 1 :]]
        here = and_(is_open(), _of(rules), not_(or_(false(), *nearer)))
        yield from _acts(rules, here, today)


def _of(rules: RuleSet) -> ColumnElement[bool]:
    return inside(Finding.division_code, rules.area) if rules.area else true()


def _acts(rules: RuleSet, here: ColumnElement[bool], today: date) -> Iterator[Act]:
    deadline, level = col(Finding.deadline_on), col(Finding.level)
    marked = {"deadline_rule": rules.version}
    yield Act(
        and_(here, col(Finding.overdue_on).is_(None), deadline < today),
        # The day on which it became overdue, even where nobody ran this job then.
        marked | {"overdue_on": deadline + 1},
        FindingOverdue,
    )
    for severity, pace in rules.severities.items():
        these = and_(here, col(Finding.severity) == severity)
        yield Act(
            and_(
                these,
                col(Finding.due_soon_on).is_(None),
                deadline.between(today, last_due_soon(today, pace.due_soon)),
            ),
            marked | {"due_soon_on": today},
            FindingDue,
        )
        to_town, to_county = last_overdue(today, pace.town), last_overdue(today, pace.county)
        yield Act(
            and_(
                these,
                or_(
                    and_(deadline <= to_town, level == Level.VILLAGE),
                    and_(deadline <= to_county, level == Level.TOWN),
                ),
            ),
            marked
            | {
                "level": case((deadline <= to_county, Level.COUNTY), else_=Level.TOWN),
                "escalated_on": today,
            },
            FindingEscalated,
        )


async def _do(database: Database, act: Act) -> int:
    # Whoever works on a finding right now is not waited for: the next run finds it.
    chosen = select(Finding.id).where(act.which).order_by(col(Finding.id)).limit(_CHUNK)
    async with database.writing(system("inspection")) as db:
        done = await db.execute(
            update(Finding)
            .where(col(Finding.id).in_(chosen.with_for_update(skip_locked=True)))
            .values(act.changes)
            .returning(Finding)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        findings = done.scalars().all()
        db.record(*(told(act.event, finding) for finding in findings))
        return len(findings)


async def run(runtime: Runtime) -> None:
    """Let deadlines act."""
    await act_on_deadlines(runtime.database)


#: The first run of a day is five minutes after midnight in China; the others find what was locked, or entered late.
DEADLINES = Schedule("inspection.deadlines", "5 * * * *", run)
