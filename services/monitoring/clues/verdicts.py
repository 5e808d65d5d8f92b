"""The verdict on a clue: there is a risk, which leads to a case or back to a known object; or there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_
from sqlmodel import col, select

from services.monitoring.cases.model import CaseStatus, IdentificationCase
from services.monitoring.clues.model import UNSETTLED, Clue, ClueStatus
from services.monitoring.clues.schemas import AcceptanceDraft, DismissalDraft
from services.monitoring.dates import happened_on
from services.monitoring.monitored.events import tell_changed
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.procedures import Retagging, Stage
from services.monitoring.monitored.states import MonitoredStatus
from services.monitoring.replicas.queries import lock_household
from shared.contracts.monitoring import CaseOpened, ClueSettled
from shared.database import Writer


@dataclass(frozen=True, slots=True)
class Lead:
    """Where an accepted clue leads."""

    clue: Clue
    case: IdentificationCase | None
    monitored: MonitoredObject | None


async def accept(db: Writer, clue_id: UUID, draft: AcceptanceDraft, *, version: int) -> Lead:
    """Say that there is a risk.

    A household that is or was under watch goes on on its own thread; any other gets a case, or joins the one that
    is open.
    """
    clue = await _locked(db, clue_id, version)
    on = happened_on(draft.verified_on, db.today, since=clue.received_on)
    settled: dict[str, Any] = {
        "verdict": draft.verdict,
        "by": db.principal.subject,
        "name": db.principal.name,
        "on": on,
    }
    known = await _object_of(db, clue)
    case = None if known else await _open_case_of(db, clue)
    opened = None if known or case else _case_of(clue, on=on, green_channel=draft.green_channel)
    if case:
        clue.merge(case_id=case.id, **settled)
    else:
        clue.verify(**settled)
    if opened:
        db.add(opened)
        clue.case_id = opened.id
    clue.monitored_id = known.id if known else None
    if known and known.is_under_watch:
        _go_on_there(clue, known, on)
    returns = known is not None and known.status == MonitoredStatus.ELIMINATED
    if known and returns:
        # The county turned another risk down meanwhile: this one is verified, and waits for the town like any other.
        known.become_candidate(on=db.today)
    await db.flush()
    db.record(ClueSettled.model_validate(clue, from_attributes=True))
    if opened:
        db.record(CaseOpened.model_validate(opened, from_attributes=True))
    await tell_changed(db, [known] if known and returns else [])
    return Lead(clue, case or opened, known)


def _go_on_there(clue: Clue, known: MonitoredObject, on: date) -> None:
    # A risk counts once a household, whoever of it is at risk: one that is open there already has its answer.
    if clue.risk_type in known.open_risks:
        clue.answer(on=on)
    else:
        clue.await_adding(on=on)


async def propose_dismissal(db: Writer, clue_id: UUID, draft: DismissalDraft, *, version: int) -> Clue:
    """Say that there is no risk; the clue stays open until another person agrees."""
    clue = await _locked(db, clue_id, version)
    on = happened_on(draft.verified_on, db.today, since=clue.received_on)
    clue.propose_dismissal(reason=draft.reason, by=db.principal.subject, name=db.principal.name, on=on)
    await db.flush()
    return clue


async def keep_open(db: Writer, clue_id: UUID, reason: str, *, version: int) -> Clue:
    """Turn a dismissal down; the reason stands in the clue's history."""
    clue = await _locked(db, clue_id, version)
    clue.keep_open()
    async with db.because(reason):
        await db.flush()
    return clue


async def dismiss(db: Writer, clue_id: UUID, *, version: int) -> Clue:
    """Agree that there is no risk; an object that was a candidate only for this clue's sake is none any more."""
    clue = await _locked(db, clue_id, version)
    clue.dismiss(by=db.principal.subject, name=db.principal.name, on=db.today)
    stands_down = await stand_down_after(db, clue)
    await db.flush()
    db.record(ClueSettled.model_validate(clue, from_attributes=True))
    await tell_changed(db, [stands_down] if stands_down else [])
    return clue


async def stand_down_after(db: Writer, clue: Clue) -> MonitoredObject | None:
    """Let an object that was a candidate only for the sake of a clue that is none be none, too; return it."""
    known = await _object_of(db, clue)
    if known is None or await _is_candidate_anyway(db, known, clue):
        return None
    known.stand_down(reason=clue.verdict or "")
    return known


def _case_of(clue: Clue, *, on: date, green_channel: bool) -> IdentificationCase:
    return IdentificationCase.opened(
        household_id=clue.household_id,
        division_code=clue.division_code,
        clue_id=clue.id,
        on=on,
        green_channel=green_channel,
    )


async def _locked(db: Writer, clue_id: UUID, version: int) -> Clue:
    """Lock the household before the clue, as everybody does."""
    household_id = (await db.get(Clue, clue_id)).household_id
    await lock_household(db, household_id)
    clue = await db.one(
        select(Clue)
        .where(col(Clue.id) == clue_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return clue.expect(version)


async def _object_of(db: Writer, clue: Clue) -> MonitoredObject | None:
    return await db.first(
        select(MonitoredObject).where(
            col(MonitoredObject.household_id) == clue.household_id,
            col(MonitoredObject.status) != MonitoredStatus.CLOSED,
        )
    )


async def _open_case_of(db: Writer, clue: Clue) -> IdentificationCase | None:
    return await db.first(
        select(IdentificationCase).where(
            col(IdentificationCase.household_id) == clue.household_id,
            col(IdentificationCase.status) == CaseStatus.OPEN,
        )
    )


async def _is_candidate_anyway(db: Writer, known: MonitoredObject, dismissed: Clue) -> bool:
    if known.status != MonitoredStatus.RETAG_CANDIDATE:
        return True
    verified = select(Retagging).where(
        col(Retagging.monitored_id) == known.id, col(Retagging.stage) == Stage.PROPOSED
    )
    if await db.first(verified) is not None:
        return True
    other = select(Clue).where(
        col(Clue.monitored_id) == known.id,
        col(Clue.id) != dismissed.id,
        col(Clue.received_on) >= known.eliminated_on,
        or_(
            col(Clue.status).in_(UNSETTLED),
            and_(col(Clue.status) == ClueStatus.VERIFIED_AT_RISK, col(Clue.answered_on).is_(None)),
        ),
    )
    return await db.first(other) is not None
