"""What is done to help."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.assistance.errors import NoPlan, NothingToHelp
from services.monitoring.assistance.events import tell_measure
from services.monitoring.assistance.model import Measure, Payment, Plan
from services.monitoring.assistance.rules import expect_fitting, expect_whole
from services.monitoring.assistance.schemas import (
    CompletionForm,
    MeasureForm,
    PaymentForm,
    PlanForm,
    ProgressForm,
    ReviewForm,
    StopForm,
)
from services.monitoring.classes.errors import NotClassified
from services.monitoring.classes.model import SupportClass
from services.monitoring.dates import happened_on
from services.monitoring.forms import FILED_APART, StepForm
from services.monitoring.monitored.lines import write_line
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.papers.commands import file_papers
from services.monitoring.replicas.queries import present_members
from shared.contracts.monitoring import MeasurePlanned, SupportPlanned
from shared.database import Writer


async def plan_measure(db: Writer, monitored_id: UUID, form: MeasureForm) -> Measure:
    """Plan a measure for a household under watch, or one person of it."""
    thing = await _under_watch(db, monitored_id)
    on = happened_on(form.planned_on, db.today, since=thing.tagged_on)
    members, place = await present_members(db, thing.household_id), thing.division_code
    expect_fitting(form, open_risks=thing.open_risks, members=members, division_code=place, on=on)
    measure = _of(thing, form, on)
    measure.monitored_id = thing.id
    db.add(measure)
    await write_line(db, thing, "measure_planned", StepForm(), on=on, about_id=measure.id)
    await db.flush()
    db.record(MeasurePlanned.model_validate(measure, from_attributes=True))
    return measure


async def plan_support(db: Writer, class_id: UUID, form: MeasureForm) -> Measure:
    """Plan a measure for a lifted household that is not under watch, by the class that holds for it."""
    row = await db.get(SupportClass, class_id)
    if row.decided_class is None or row.decided_on is None:
        raise NotClassified
    on = happened_on(form.planned_on, db.today, since=row.decided_on)
    members, place = await present_members(db, row.household_id), row.division_code
    expect_fitting(form, open_risks=(), members=members, division_code=place, on=on)
    measure = _of(row, form, on)
    db.add(measure)
    await db.flush()
    db.record(SupportPlanned.model_validate(measure, from_attributes=True))
    return measure


async def make_progress(db: Writer, measure_id: UUID, form: ProgressForm, *, version: int) -> Measure:
    """Report how far a measure is."""
    measure = await _locked(db, measure_id, version)
    on = happened_on(form.on, db.today, since=measure.started_on or measure.planned_on)
    measure.make_progress(words=form.progress, evidence=form.evidence, on=on)
    measure.pay_up_to(form.funds_paid, by=db.principal.name, on=on)
    return await _stored(db, measure, "measure_progress", form, on)


async def complete(db: Writer, measure_id: UUID, form: CompletionForm, *, version: int) -> Measure:
    """Report that a measure is done, and what it brought."""
    measure = await _locked(db, measure_id, version)
    on = happened_on(form.on, db.today, since=measure.started_on or measure.planned_on)
    measure.complete(effect=form.effect, evidence=form.evidence, on=on)
    measure.pay_up_to(form.funds_paid, by=db.principal.name, on=on)
    return await _stored(db, measure, "measure_done", form, on)


async def pay(db: Writer, measure_id: UUID, form: PaymentForm, *, version: int) -> Measure:
    """Enter a payment, of one source and one day."""
    measure = await _locked(db, measure_id, version)
    on = happened_on(form.on, db.today, since=measure.planned_on)
    measure.pay(Payment(form.source, form.amount, on, form.reason), by=db.principal.name)
    measure.evidence = [*measure.evidence, *form.evidence]
    return await _stored(db, measure, "measure_paid", form, on)


async def stop(db: Writer, measure_id: UUID, form: StopForm, *, version: int) -> Measure:
    """End a measure without its being done."""
    measure = await _locked(db, measure_id, version)
    on = happened_on(form.on, db.today, since=measure.started_on or measure.planned_on)
    measure.stop(reason=form.reason)
    return await _stored(db, measure, "measure_stopped", form, on)


async def make_plan(db: Writer, monitored_id: UUID, form: PlanForm) -> Plan:
    """Make a household's plan, or adjust it: the newest one holds, the older ones stay."""
    thing = await _under_watch(db, monitored_id)
    before = await _newest_plan(db, monitored_id)
    expect_whole(form, open_risks=thing.open_risks, is_first=before is None)
    plan = Plan(
        monitored_id=thing.id,
        division_code=thing.division_code,
        made_on=happened_on(form.on, db.today, since=before.made_on if before else thing.tagged_on),
        made_by=db.principal.name,
        **form.model_dump(exclude=FILED_APART),
    )
    db.add(plan)
    await write_line(db, thing, "plan", form, on=plan.made_on, about_id=plan.id)
    await db.flush()
    return plan


async def review_plan(db: Writer, monitored_id: UUID, form: ReviewForm) -> Plan:
    """Find the newest plan still right; one that is not is made anew."""
    thing = await _under_watch(db, monitored_id)
    plan = await _newest_plan(db, monitored_id)
    if plan is None:
        raise NoPlan
    on = happened_on(form.on, db.today, since=plan.reviewed_on or plan.made_on)
    plan.stand(words=form.words, by=db.principal.name, on=on)
    await write_line(db, thing, "plan_reviewed", form, on=on, about_id=plan.id)
    await db.flush()
    return plan


async def _newest_plan(db: Writer, monitored_id: UUID) -> Plan | None:
    return await db.first(
        select(Plan)
        .where(col(Plan.monitored_id) == monitored_id)
        .order_by(col(Plan.id).desc())
        .limit(1)
        .with_for_update()
    )


def _of(whose: MonitoredObject | SupportClass, form: MeasureForm, on: date) -> Measure:
    return Measure(
        household_id=whose.household_id,
        division_code=whose.division_code,
        planned_on=on,
        **form.model_dump(exclude={"planned_on"}),
    )


async def _under_watch(db: Writer, monitored_id: UUID) -> MonitoredObject:
    # Held: an elimination or closure that is being decided ends before this, or waits for it.
    thing = await db.one(
        select(MonitoredObject).where(col(MonitoredObject.id) == monitored_id).with_for_update(read=True)
    )
    if not thing.is_under_watch:
        raise NothingToHelp
    return thing


async def _locked(db: Writer, measure_id: UUID, version: int) -> Measure:
    measure = await db.one(select(Measure).where(col(Measure.id) == measure_id).with_for_update())
    return measure.expect(version)


async def _stored(db: Writer, measure: Measure, entry: str, form: StepForm, on: date) -> Measure:
    if measure.monitored_id:
        thing = await db.get(MonitoredObject, measure.monitored_id)
        await write_line(db, thing, entry, form, on=on, about_id=measure.id)
    else:
        await file_papers(db, measure, measure.id, measure.household_id, form)
    await tell_measure(db, measure)
    return measure
