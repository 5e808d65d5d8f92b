"""What is done to help."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from services.monitoring.assistance.errors import NothingToHelp
from services.monitoring.assistance.model import Measure, Plan
from services.monitoring.assistance.rules import expect_fitting
from services.monitoring.assistance.schemas import CompletionForm, MeasureForm, PlanForm, ProgressForm
from services.monitoring.dates import happened_on
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.replicas.queries import present_members
from shared.contracts.monitoring import MeasureChanged, MeasurePlanned
from shared.database import Writer


async def plan_measure(db: Writer, monitored_id: UUID, form: MeasureForm) -> Measure:
    """Plan a measure for a household under watch, or one person of it."""
    thing = await _under_watch(db, monitored_id)
    on = happened_on(form.planned_on, db.today, since=thing.tagged_on)
    members = await present_members(db, thing.household_id)
    expect_fitting(form, open_risks=thing.open_risks, members=members, on=on)
    measure = Measure(
        monitored_id=thing.id,
        household_id=thing.household_id,
        division_code=thing.division_code,
        planned_on=on,
        **form.model_dump(exclude={"planned_on"}),
    )
    db.add(measure)
    await db.flush()
    db.record(MeasurePlanned.model_validate(measure, from_attributes=True))
    return measure


async def make_progress(db: Writer, measure_id: UUID, form: ProgressForm, *, version: int) -> Measure:
    """Report how far a measure is."""
    measure = await _locked(db, measure_id, version)
    on = happened_on(form.on, db.today, since=measure.started_on or measure.planned_on)
    measure.make_progress(words=form.progress, evidence=form.evidence, paid=form.funds_paid, on=on)
    return await _stored(db, measure)


async def complete(db: Writer, measure_id: UUID, form: CompletionForm, *, version: int) -> Measure:
    """Report that a measure is done, and what it brought."""
    measure = await _locked(db, measure_id, version)
    on = happened_on(form.on, db.today, since=measure.started_on or measure.planned_on)
    measure.complete(effect=form.effect, evidence=form.evidence, paid=form.funds_paid, on=on)
    return await _stored(db, measure)


async def stop(db: Writer, measure_id: UUID, reason: str, *, version: int) -> Measure:
    """End a measure without its being done."""
    measure = await _locked(db, measure_id, version)
    measure.stop(reason=reason)
    return await _stored(db, measure)


async def make_plan(db: Writer, monitored_id: UUID, form: PlanForm) -> Plan:
    """Make a household's plan; the newest one holds."""
    thing = await _under_watch(db, monitored_id)
    plan = Plan(
        monitored_id=thing.id,
        division_code=thing.division_code,
        made_on=happened_on(form.on, db.today, since=thing.tagged_on),
        made_by=db.principal.name,
        **form.model_dump(exclude={"on", "evidence"}),
    )
    db.add(plan)
    await db.flush()
    return plan


async def _under_watch(db: Writer, monitored_id: UUID) -> MonitoredObject:
    thing = await db.get(MonitoredObject, monitored_id)
    if not thing.is_under_watch:
        raise NothingToHelp
    return thing


async def _locked(db: Writer, measure_id: UUID, version: int) -> Measure:
    measure = await db.one(select(Measure).where(col(Measure.id) == measure_id).with_for_update())
    return measure.expect(version)


async def _stored(db: Writer, measure: Measure) -> Measure:
    await db.flush()
    db.record(MeasureChanged.model_validate(measure, from_attributes=True))
    return measure
