"""What is done with classes: the village proposes, the town checks, the county decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, update
from sqlmodel import col, select

from services.monitoring.classes import errors
from services.monitoring.classes.model import Officer, Suggestion, SupportClass
from services.monitoring.classes.schemas import (
    ClassesMoved,
    ClassReturnForm,
    ClassStepForm,
    ProposalForm,
    VillageForm,
)
from services.monitoring.classes.stages import ClassStage
from services.monitoring.classes.suggestions import suggestions
from services.monitoring.dates import happened_on
from services.monitoring.replicas.model import HouseholdReplica
from services.monitoring.replicas.queries import lock_household
from shared.contracts.monitoring import HouseholdClassified
from shared.database import Writer
from shared.domain.division import Level, level_of

#: What a village's bulk proposal takes up again.
_OPEN_AGAIN = frozenset({ClassStage.RETURNED, ClassStage.LEFT})


async def propose(db: Writer, form: ProposalForm) -> SupportClass:
    """Propose a class for one household, the suggested one or, with the reason, another."""
    household = await lock_household(db, form.household_id)
    on = _on(db, form.on, form.year)
    found = await suggestions(db, household.division_code, year=form.year, on=on, household_id=household.id)
    if not found:
        raise errors.NothingToClassify
    (row,) = await _proposed(db, found, form.year, given=form.support_class, why=form.why, on=on)
    return row


async def propose_village(db: Writer, form: VillageForm) -> ClassesMoved:
    """Propose the suggested class for all households of a village that have none, were sent back or had left."""
    _expect_village(form.division)
    on = _on(db, form.on, form.year)
    await _lock_village(db, form.division)
    found = await suggestions(db, form.division, year=form.year, on=on)
    under_way = select(SupportClass.household_id).where(
        *_of_village(form), col(SupportClass.stage).not_in(_OPEN_AGAIN)
    )
    closed = set(await db.all(under_way))
    wanted = [each for each in found if each.household_id not in closed]
    return ClassesMoved(done=len(await _proposed(db, wanted, form.year, on=on)))


async def check(db: Writer, class_id: UUID, form: ClassStepForm, *, version: int) -> SupportClass:
    """Agree at the town."""
    row = await _locked(db, class_id, version)
    row.check(by=_officer(db), on=happened_on(form.on, db.today, since=row.last_step_on))
    await db.flush()
    return row


async def decide(db: Writer, class_id: UUID, form: ClassStepForm, *, version: int) -> SupportClass:
    """Decide at the county: the class holds."""
    row = await _locked(db, class_id, version)
    row.decide(by=_officer(db), on=happened_on(form.on, db.today, since=row.last_step_on))
    await db.flush()
    db.record(HouseholdClassified.model_validate(row, from_attributes=True))
    return row


async def give_back(db: Writer, class_id: UUID, form: ClassReturnForm, *, version: int) -> SupportClass:
    """Send it back to the village."""
    row = await _locked(db, class_id, version)
    on = happened_on(form.on, db.today, since=row.last_step_on)
    row.give_back(reason=form.reason, by=_officer(db), on=on)
    await db.flush()
    return row


async def check_village(db: Writer, form: VillageForm) -> ClassesMoved:
    """Agree at the town to all that a village has proposed, in one statement."""
    on, by = _bulk(db, form), _officer(db)
    waits = and_(*_of_village(form), col(SupportClass.stage) == ClassStage.PROPOSED)
    another = and_(col(SupportClass.proposed_by) != by.subject, col(SupportClass.proposed_on) <= on)
    values = {"stage": ClassStage.CHECKED, "checked_on": on}
    values |= {"checked_by": by.subject, "checked_by_name": by.name}
    done = await _moved(db, and_(waits, another), values)
    return ClassesMoved(done=len(done), left=await _count(db, waits))


async def decide_village(db: Writer, form: VillageForm) -> ClassesMoved:
    """Decide at the county on all of a village that the town has checked, in one statement."""
    on, by = _bulk(db, form), _officer(db)
    waits = and_(*_of_village(form), col(SupportClass.stage) == ClassStage.CHECKED)
    another = and_(
        col(SupportClass.proposed_by) != by.subject,
        col(SupportClass.checked_by) != by.subject,
        col(SupportClass.checked_on) <= on,
    )
    values = {
        "stage": ClassStage.DECIDED,
        "decided_on": on,
        "decided_by": by.subject,
        "decided_by_name": by.name,
        # NULL compares as unknown: whoever had no class keeps what they had in an earlier year.
        "previous_class": case(
            (col(SupportClass.decided_class) != col(SupportClass.proposed_class), SupportClass.decided_class),
            else_=SupportClass.previous_class,
        ),
        "decided_class": col(SupportClass.proposed_class),
    }
    done = await _moved(db, and_(waits, another), values)
    db.record(*[HouseholdClassified.model_validate(row, from_attributes=True) for row in done])
    return ClassesMoved(done=len(done), left=await _count(db, waits))


async def _proposed(
    db: Writer,
    found: Sequence[Suggestion],
    year: int,
    *,
    on: date,
    given: str | None = None,
    why: str | None = None,
) -> list[SupportClass]:
    """Propose what was found; the caller holds the households' locks."""
    ids = [each.household_id for each in found]
    known = select(SupportClass).where(
        col(SupportClass.household_id).in_(ids), col(SupportClass.year) == year
    )
    rows = {row.household_id: row for row in await db.all(known.with_for_update())}
    for each in found:
        proposal: dict[str, Any] = {
            "given": given or each.support_class,
            "why": why,
            "by": _officer(db),
            "on": on,
        }
        if row := rows.get(each.household_id):
            row.propose(each, **proposal)
        else:
            rows[each.household_id] = SupportClass.of(each, year=year, **proposal)
            db.add(rows[each.household_id])
    await db.flush()
    return list(rows.values())


async def _lock_village(db: Writer, village: str) -> None:
    lifted = select(HouseholdReplica.id).where(
        col(HouseholdReplica.division_code) == village, col(HouseholdReplica.kind) == "lifted"
    )
    await db.all(lifted.order_by(col(HouseholdReplica.id)).with_for_update())


async def _locked(db: Writer, class_id: UUID, version: int) -> SupportClass:
    row = await db.one(select(SupportClass).where(col(SupportClass.id) == class_id).with_for_update())
    return row.expect(version)


async def _moved(db: Writer, which: ColumnElement[bool], values: dict[str, Any]) -> list[SupportClass]:
    done = await db.execute(
        update(SupportClass)
        .where(which)
        .values(values)
        .returning(SupportClass)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return list(done.scalars().all())


async def _count(db: Writer, which: ColumnElement[bool]) -> int:
    return int(await db.scalar(select(func.count()).select_from(SupportClass).where(which)))


def _of_village(form: VillageForm) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(SupportClass.division_code) == form.division, col(SupportClass.year) == form.year


def _bulk(db: Writer, form: VillageForm) -> date:
    _expect_village(form.division)
    return happened_on(form.on, db.today)


def _on(db: Writer, given: date | None, year: int) -> date:
    if year not in {db.today.year, db.today.year + 1}:
        raise errors.YearNotOpen
    return happened_on(given, db.today)


def _expect_village(code: str) -> None:
    if level_of(code) is not Level.VILLAGE:
        raise errors.VillageNeeded


def _officer(db: Writer) -> Officer:
    return Officer(db.principal.subject, db.principal.name)
