"""Closure (清退): proposed by one person with the reason, decided by another at the county, and never by kin."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from services.monitoring.limits import due
from services.monitoring.monitored import errors
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.procedures import Closure, Stage
from services.monitoring.monitored.queries import undecided_of
from services.monitoring.monitored.schemas import ClosureForm, OpinionForm, ReasonForm
from services.monitoring.monitored.thread import Thread, answer, expect_no_kin, lay_down, take_up
from shared.contracts.monitoring import MonitoringChanged
from shared.database import Writer
from shared.refusal import Fault, Invalid


async def propose(db: Writer, monitored_id: UUID, form: ClosureForm, *, version: int) -> MonitoredObject:
    """Say that the household died out, moved away or was tagged by mistake; it stays under watch until confirmed."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    _expect_mistake_said(form)
    if await _find_pending(db, thread):
        raise errors.ClosurePending
    await expect_no_kin(db, thread)
    thread.thing.propose_closing(on=on)
    place = thread.thing.division_code
    until = due("closure", place, on)
    proposed = Closure(
        monitored_id=monitored_id,
        division_code=place,
        due_on=until.on,
        due_rule=until.rule,
        kind=form.kind,
        reason=form.reason,
        mistake=form.mistake,
        evidence=list(form.evidence),
        proposed_on=on,
        proposed_by=db.principal.subject,
        proposed_by_name=db.principal.name,
    )
    db.add(proposed)
    return await lay_down(
        db, thread, MonitoringChanged, entry="closure_proposed", form=form, on=on, about_id=proposed.id
    )


async def confirm(db: Writer, monitored_id: UUID, form: OpinionForm, *, version: int) -> MonitoredObject:
    """Close it at the county; what was under way ends too."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    pending = await _pending(db, thread)
    await expect_no_kin(db, thread)
    who = {"by": db.principal.subject, "name": db.principal.name}
    pending.confirm(opinion=form.opinion, on=on, **who)
    for procedure in await undecided_of(db, monitored_id):
        procedure.lapse(reason=pending.reason, on=on, **who)
    for clue in await answer(db, thread, risk_type=None, clue_id=None, on=on):
        clue.answer(on=on)
    thread.thing.close(thread.open_episodes, kind=pending.kind, reason=pending.reason, on=on)
    return await lay_down(
        db, thread, MonitoringChanged, entry="closure", form=form, on=on, about_id=pending.id
    )


async def turn_down(db: Writer, monitored_id: UUID, form: ReasonForm, *, version: int) -> MonitoredObject:
    """Find, at the county, that it is not to be closed: all goes on as before."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    pending = await _pending(db, thread)
    await expect_no_kin(db, thread)
    pending.turn_down(reason=form.reason, by=db.principal.subject, name=db.principal.name, on=on)
    thread.thing.keep(on=on)
    return await lay_down(
        db, thread, MonitoringChanged, entry="closure_returned", form=form, on=on, about_id=pending.id
    )


def _expect_mistake_said(form: ClosureForm) -> None:
    if (form.kind == "wrongly_identified") != (form.mistake is not None):
        said = Fault("/mistake", "mistake", "goes with wrongly identified", zh="识别有误须填写错误之处")
        raise Invalid(errors=(said,))


async def _pending(db: Writer, thread: Thread) -> Closure:
    pending = await _find_pending(db, thread)
    if pending is None:
        raise errors.NoClosure
    return pending


async def _find_pending(db: Writer, thread: Thread) -> Closure | None:
    return await db.first(
        select(Closure).where(
            col(Closure.monitored_id) == thread.thing.id, col(Closure.stage) == Stage.PROPOSED
        )
    )
