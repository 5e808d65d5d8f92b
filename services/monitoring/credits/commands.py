"""What is done with small credit."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import col, select

from services.monitoring.assistance.events import tell_measure
from services.monitoring.assistance.model import Measure
from services.monitoring.credits import errors
from services.monitoring.credits.model import SmallCredit
from services.monitoring.credits.rules import credit_rule, doubts_about, expect_grantable
from services.monitoring.credits.schemas import (
    DoubtForm,
    DoubtVerdictForm,
    ExtensionForm,
    GrantForm,
    RepaymentForm,
    TermsForm,
    UseForm,
)
from services.monitoring.dates import happened_on, months_after
from services.monitoring.forms import FILED_APART, StepForm
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import MonitoredStatus
from services.monitoring.papers.commands import file_papers
from services.monitoring.replicas.model import HouseholdReplica
from services.monitoring.replicas.queries import lock_household, present_members
from services.monitoring.replicas.rules import expect_member
from shared.database import Reader, Writer


async def grant(db: Writer, form: GrantForm) -> SmallCredit:
    """Take up a loan that a bank granted; the household's lock keeps it to one."""
    on = happened_on(form.on, db.today)
    household = await lock_household(db, form.household_id)
    if not await _is_for(db, household):
        raise errors.NotForThisHousehold
    if await _has_running(db, household.id):
        raise errors.LoanRunning
    credit = await _granted(db, household, form, on)
    if form.measure_id is not None:
        await _carry_out(db, form.measure_id, credit)
    return credit


async def use(db: Writer, credit_id: UUID, form: UseForm, *, version: int) -> SmallCredit:
    """Note what the money was used for; what the rule forbids becomes a doubt."""
    credit = await _locked(db, credit_id, version)
    on = happened_on(form.on, db.today, since=credit.last_on)
    credit.use(form, on=on)
    rule = credit_rule(credit.division_code, on)
    for flag in doubts_about(form, rule):
        if flag not in credit.open_flags:
            credit.doubt(flag, rule, words=form.words, evidence=form.evidence, by=db.principal, on=on)
    return await _stored(db, credit, form)


async def repay(db: Writer, credit_id: UUID, form: RepaymentForm, *, version: int) -> SmallCredit:
    """Note that principal was paid back."""
    credit = await _locked(db, credit_id, version)
    on = happened_on(form.on, db.today, since=credit.last_on)
    credit.repay(form.amount, evidence=form.evidence, on=on)
    return await _stored(db, credit, form)


async def extend(db: Writer, credit_id: UUID, form: ExtensionForm, *, version: int) -> SmallCredit:
    """Give a loan more time."""
    credit = await _locked(db, credit_id, version)
    on = happened_on(form.on, db.today, since=credit.last_on)
    async with db.because(form.reason):
        credit.extend(form.months, credit_rule(credit.division_code, on), evidence=form.evidence, on=on)
        return await _stored(db, credit, form)


async def renew(db: Writer, credit_id: UUID, form: TermsForm, *, version: int) -> SmallCredit:
    """Settle a loan by a new one to the same person, which keeps to the rule again."""
    household = await lock_household(db, (await db.get(SmallCredit, credit_id)).household_id)
    old = await _locked(db, credit_id, version)
    on = happened_on(form.on, db.today, since=old.last_on)
    old.be_renewed(on=on)
    granted = GrantForm(**form.model_dump(), household_id=household.id, borrower_id=old.borrower_id)
    return await _granted(db, household, granted, on, renews=old.id)


async def doubt(db: Writer, credit_id: UUID, form: DoubtForm, *, version: int) -> SmallCredit:
    """Say what speaks against a loan."""
    credit = await _locked(db, credit_id, version)
    on = happened_on(form.on, db.today, since=credit.granted_on)
    rule = credit_rule(credit.division_code, on)
    credit.doubt(form.flag, rule, words=form.words, evidence=form.evidence, by=db.principal, on=on)
    return await _stored(db, credit, form)


async def settle(
    db: Writer, credit_id: UUID, flag: str, form: DoubtVerdictForm, *, version: int
) -> SmallCredit:
    """Confirm or refute a doubt."""
    credit = await _locked(db, credit_id, version)
    on = happened_on(form.on, db.today, since=credit.granted_on)
    credit.settle(flag, form.verdict, findings=form.findings, proof=form.evidence, by=db.principal, on=on)
    return await _stored(db, credit, form)


async def _granted(
    db: Writer, household: HouseholdReplica, form: GrantForm, on: date, *, renews: UUID | None = None
) -> SmallCredit:
    borrower = expect_member(await present_members(db, household.id), form.borrower_id)
    rule = credit_rule(household.division_code, on)
    if borrower is not None:
        expect_grantable(rule, form, borrower, on)
    credit = SmallCredit(
        **form.model_dump(exclude=FILED_APART | {"measure_id"}),
        division_code=household.division_code,
        granted_on=on,
        due_on=months_after(on, form.term_months),
        rule=rule.version,
        renews=renews,
        evidence=list(form.evidence),
    )
    db.add(credit)
    return await _stored(db, credit, form)


async def _is_for(db: Reader, household: HouseholdReplica) -> bool:
    if household.kind == "lifted":
        return True
    watched = exists().where(
        col(MonitoredObject.household_id) == household.id,
        col(MonitoredObject.status) != MonitoredStatus.CLOSED,
    )
    return bool(await db.scalar(select(watched)))


async def _has_running(db: Reader, household_id: UUID) -> bool:
    running = exists().where(
        col(SmallCredit.household_id) == household_id, col(SmallCredit.closed_on).is_(None)
    )
    return bool(await db.scalar(select(running)))


async def _carry_out(db: Writer, measure_id: UUID, credit: SmallCredit) -> None:
    measure = await db.one(select(Measure).where(col(Measure.id) == measure_id).with_for_update())
    if measure.household_id != credit.household_id or not measure.takes_credit:
        raise errors.NoCreditMeasure
    measure.credit_id = credit.id
    await tell_measure(db, measure)


async def _locked(db: Writer, credit_id: UUID, version: int) -> SmallCredit:
    credit = await db.one(
        select(SmallCredit)
        .where(col(SmallCredit.id) == credit_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return credit.expect(version)


async def _stored(db: Writer, credit: SmallCredit, form: StepForm) -> SmallCredit:
    await db.flush()
    await file_papers(db, credit, credit.id, credit.household_id, form)
    return credit
