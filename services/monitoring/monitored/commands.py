"""What is done with a monitored object outside elimination, re-tagging and closure."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from services.monitoring.clues.model import Clue
from services.monitoring.monitored.episodes import Risk
from services.monitoring.monitored.errors import ClueNotForThis
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.risks import expect_sound_risks
from services.monitoring.monitored.schemas import ContactForm, FurtherRiskForm, NoFurtherRiskForm
from services.monitoring.monitored.thread import answer, expect_no_kin, lay_down, settle_behind, take_up
from shared.contracts.monitoring import ClueSettled, MonitoringChanged
from shared.database import Writer


async def add_risk(db: Writer, monitored_id: UUID, form: FurtherRiskForm, *, version: int) -> MonitoredObject:
    """Add a risk that was found while the object is under watch; not by kin of the household."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    expect_sound_risks({"": form}, thread.members)
    await expect_no_kin(db, thread)
    clue = await settle_behind(db, thread, form.clue_id, verdict=form.cause, on=on)
    risk = Risk(
        risk_type=form.risk_type,
        member_id=form.member_id,
        disaster_kind=form.disaster_kind,
        cause=form.cause,
        evidence=form.evidence,
        origin=f"clue:{form.clue_id}" if form.clue_id else f"risk:{db.principal.subject}",
        judgement={"rule": "further_risk", "told": clue.evidence} if clue else {},
    )
    episode = thread.thing.add_risk(risk, on=on)
    thread.episodes.append(episode)
    db.add(episode)
    await answer(db, thread, risk_type=form.risk_type, clue_id=form.clue_id, on=on)
    return await lay_down(
        db, thread, MonitoringChanged, entry="risk_added", form=form, on=on, about_id=form.clue_id
    )


async def turn_down_risk(
    db: Writer, monitored_id: UUID, form: NoFurtherRiskForm, *, version: int
) -> MonitoredObject:
    """Find, at the county, that a further risk is none; as another person than who verified it, and not kin."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    await expect_no_kin(db, thread)
    clue = await db.one(
        select(Clue)
        .where(col(Clue.id) == form.clue_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if clue.household_id != thread.household.id:
        raise ClueNotForThis
    clue.overrule(reason=form.reason, by=db.principal.subject, name=db.principal.name, on=on)
    thread.thing.stepped(on)
    await db.flush()
    db.record(ClueSettled.model_validate(clue, from_attributes=True))
    return await lay_down(
        db, thread, MonitoringChanged, entry="risk_returned", form=form, on=on, about_id=clue.id
    )


async def assign_contact(
    db: Writer, monitored_id: UUID, form: ContactForm, *, version: int
) -> MonitoredObject:
    """Name who helps and watches."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    thread.thing.assign_contact(name=form.name, unit=form.unit, on=on)
    return await lay_down(db, thread, MonitoringChanged, entry="contact", form=form, on=on)
