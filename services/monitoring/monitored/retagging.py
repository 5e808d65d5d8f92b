"""Re-tagging (风险再标注): the shorter path back under watch: town verification, county confirmation."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.classes.leaving import leave_as_monitored
from services.monitoring.clues.model import Clue
from services.monitoring.monitored import errors
from services.monitoring.monitored.episodes import Risk
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.procedures import Retagging, Stage
from services.monitoring.monitored.risks import expect_sound_risks
from services.monitoring.monitored.schemas import OpinionForm, ReasonForm, RetaggingForm
from services.monitoring.monitored.thread import (
    Thread,
    answer,
    expect_no_kin,
    lay_down,
    settle_behind,
    take_up,
)
from services.monitoring.replicas.rules import expect_member
from shared.contracts.monitoring import MonitoringChanged, RiskRetagged
from shared.database import Writer


async def verify(db: Writer, monitored_id: UUID, form: RetaggingForm, *, version: int) -> MonitoredObject:
    """Verify, at the town, that a risk is back: with the clue that told of it, or found in a full review."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    expect_sound_risks({"": form}, thread.members)
    thread.thing.become_candidate(on=on)
    if await _find_pending(db, thread):
        raise errors.RetaggingPending
    await expect_no_kin(db, thread)
    await settle_behind(db, thread, form.clue_id, verdict=form.cause, on=on)
    thing = thread.thing
    proposed = Retagging(
        monitored_id=monitored_id,
        division_code=thing.division_code,
        clue_id=form.clue_id,
        risk_type=form.risk_type,
        member_id=form.member_id,
        disaster_kind=form.disaster_kind,
        cause=form.cause,
        evidence=list(form.evidence),
        check_due_on=thing.due_on,
        check_due_rule=thing.due_rule,
        verified_on=on,
        verified_by=db.principal.subject,
        verified_by_name=db.principal.name,
    )
    thing.verified(on=on)
    proposed.due_on, proposed.due_rule = thing.due_on, thing.due_rule
    db.add(proposed)
    return await lay_down(
        db, thread, MonitoringChanged, entry="retagging_verified", form=form, on=on, about_id=proposed.id
    )


async def confirm(db: Writer, monitored_id: UUID, form: OpinionForm, *, version: int) -> MonitoredObject:
    """Confirm at the county: a new episode on the same thread, the old ones stay."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    pending = await _pending(db, thread)
    await expect_no_kin(db, thread)
    expect_member(thread.members, pending.member_id)
    pending.confirm(opinion=form.opinion, by=db.principal.subject, name=db.principal.name, on=on)
    episode = thread.thing.retag(await _risk(db, pending), on=on)
    thread.episodes.append(episode)
    db.add(episode)
    # What else was verified meanwhile is a further risk from now on.
    for clue in await _answered(db, thread, pending, on):
        clue.await_adding(on=on)
    await leave_as_monitored(db, thread.household.id, on=on)
    return await lay_down(
        db, thread, RiskRetagged, entry="retagging_confirmed", form=form, on=on, about_id=pending.id
    )


async def turn_down(db: Writer, monitored_id: UUID, form: ReasonForm, *, version: int) -> MonitoredObject:
    """Find, at the county, that the risk is not back: eliminated as before."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    pending = await _pending(db, thread)
    await expect_no_kin(db, thread)
    pending.turn_down(reason=form.reason, by=db.principal.subject, name=db.principal.name, on=on)
    others = await _answered(db, thread, pending, on)
    thread.thing.stand_down(reason=form.reason)
    if others:
        # Another risk was verified meanwhile: the town goes on with that one.
        thread.thing.become_candidate(on=on)
    return await lay_down(
        db, thread, MonitoringChanged, entry="retagging_returned", form=form, on=on, about_id=pending.id
    )


async def _answered(db: Writer, thread: Thread, pending: Retagging, on: date) -> list[Clue]:
    return await answer(db, thread, risk_type=pending.risk_type, clue_id=pending.clue_id, on=on)


async def _risk(db: Writer, pending: Retagging) -> Risk:
    clue = await db.get(Clue, pending.clue_id) if pending.clue_id else None
    return Risk(
        risk_type=pending.risk_type,
        member_id=pending.member_id,
        disaster_kind=pending.disaster_kind,
        cause=pending.cause,
        evidence=pending.evidence,
        origin=f"retagging:{pending.id}",
        judgement={"rule": "retagging", "told": clue.evidence if clue else []},
    )


async def _pending(db: Writer, thread: Thread) -> Retagging:
    pending = await _find_pending(db, thread)
    if pending is None:
        raise errors.NoRetagging
    return pending


async def _find_pending(db: Writer, thread: Thread) -> Retagging | None:
    return await db.first(
        select(Retagging).where(
            col(Retagging.monitored_id) == thread.thing.id, col(Retagging.stage) == Stage.PROPOSED
        )
    )
