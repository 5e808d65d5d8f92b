"""Elimination (风险消除), step by step: proposal, deliberation, town review, county approval; or back to watching."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.assistance.model import Measure, MeasureStatus
from services.monitoring.clues.model import UNSETTLED, Clue, ClueStatus
from services.monitoring.deliberation import DeliberationForm, expect_recused, is_carried
from services.monitoring.forms import FILED_APART, Guarantees
from services.monitoring.monitored import errors, rules
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.procedures import UNDECIDED, Elimination, Stage
from services.monitoring.monitored.schemas import EliminationForm, OpinionForm, ReasonForm
from services.monitoring.monitored.thread import Thread, expect_no_kin, kin_of, lay_down, take_up
from services.monitoring.replicas.rules import has_labour
from shared.contracts.monitoring import MonitoringChanged, RiskEliminated
from shared.database import Writer
from shared.domain.income_line import income_line
from shared.domain.level import Level


async def propose(db: Writer, monitored_id: UUID, form: EliminationForm, *, version: int) -> MonitoredObject:
    """Propose elimination; a household in which nobody can work is marked as withheld instead."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    found = await _stability(db, thread, form, on)
    if found.able is False:
        thread.thing.withhold_elimination(on=on)
        stage, judgement = Stage.WITHHELD, rules.withhold(found, on)
    else:
        thread.thing.propose_elimination(on=on)
        line = income_line(thread.thing.division_code, on)
        stage, judgement = Stage.PROPOSED, rules.expect_stable(found, line, on)
    proposed = Elimination(
        monitored_id=monitored_id,
        division_code=thread.thing.division_code,
        stage=stage,
        how=form.how,
        facts=form.model_dump(mode="json", exclude=FILED_APART),
        judgement=judgement,
        evidence=list(form.evidence),
        proposed_on=on,
        proposed_by=db.principal.subject,
        proposed_by_name=db.principal.name,
    )
    if stage == Stage.PROPOSED:
        proposed.due_on, proposed.due_rule = thread.thing.due_on, thread.thing.due_rule
    db.add(proposed)
    return await lay_down(
        db, thread, MonitoringChanged, entry=f"elimination_{stage}", form=form, on=on, about_id=proposed.id
    )


async def deliberate(
    db: Writer, monitored_id: UUID, form: DeliberationForm, *, version: int
) -> MonitoredObject:
    """Take the village's vote; where it does not believe that the risk is gone, the object stays under watch."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    elimination = await _pending(db, thread)
    elimination.expect_proposed()
    expect_recused(form, await kin_of(db, thread))
    if is_carried(form):
        elimination.deliberate(on=on, **_who(db))
        thread.thing.pass_up(Level.TOWN, on=on)
    else:
        elimination.give_back(reason=form.minutes, on=on, **_who(db))
        thread.thing.stay_monitored(reason=form.minutes, on=on)
    entry = "elimination_deliberated"
    return await lay_down(
        db, thread, MonitoringChanged, entry=entry, form=form, on=on, about_id=elimination.id
    )


async def review(db: Writer, monitored_id: UUID, form: OpinionForm, *, version: int) -> MonitoredObject:
    """Agree at the town."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    elimination = await _pending(db, thread)
    await expect_no_kin(db, thread)
    elimination.agree(opinion=form.opinion, on=on, **_who(db))
    thread.thing.pass_up(Level.COUNTY, on=on)
    return await lay_down(
        db, thread, MonitoringChanged, entry="elimination_reviewed", form=form, on=on, about_id=elimination.id
    )


async def approve(db: Writer, monitored_id: UUID, form: OpinionForm, *, version: int) -> MonitoredObject:
    """Approve at the county: by the line of that day, with nothing told about the household left unsettled."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    elimination = await _pending(db, thread)
    await expect_no_kin(db, thread)
    elimination.approve(opinion=form.opinion, on=on, **_who(db))
    await _expect_clues_settled(db, thread, elimination)
    proposed = EliminationForm.model_validate(elimination.facts)
    found = await _stability(db, thread, proposed, on)
    # The line may have been raised, or who could work be gone, since the proposal.
    elimination.judgement = rules.expect_stable(found, income_line(thread.thing.division_code, on), on)
    thread.thing.eliminate(thread.open_episodes, how=elimination.how, on=on)
    return await lay_down(
        db, thread, RiskEliminated, entry="elimination_approved", form=form, on=on, about_id=elimination.id
    )


async def give_back(db: Writer, monitored_id: UUID, form: ReasonForm, *, version: int) -> MonitoredObject:
    """Send a proposal back: the object stays under watch."""
    thread = await take_up(db, monitored_id, version=version)
    on = thread.on(form, db.today)
    elimination = await _pending(db, thread)
    await expect_no_kin(db, thread)
    elimination.give_back(reason=form.reason, on=on, **_who(db))
    thread.thing.stay_monitored(reason=form.reason, on=on)
    return await lay_down(
        db, thread, MonitoringChanged, entry="elimination_returned", form=form, on=on, about_id=elimination.id
    )


async def _pending(db: Writer, thread: Thread) -> Elimination:
    elimination = await db.first(
        select(Elimination).where(
            col(Elimination.monitored_id) == thread.thing.id,
            col(Elimination.stage).in_(UNDECIDED),
        )
    )
    if elimination is None:
        raise errors.NoElimination
    return elimination


async def _expect_clues_settled(db: Writer, thread: Thread, elimination: Elimination) -> None:
    told = await db.all(
        select(Clue).where(
            col(Clue.household_id) == thread.household.id,
            col(Clue.status).in_([*UNSETTLED, ClueStatus.VERIFIED_AT_RISK]),
        )
    )
    if any(clue.status in UNSETTLED for clue in told):
        raise errors.CluesUnsettled
    if any(
        clue.awaits_adding or (clue.settled_on and clue.settled_on >= elimination.proposed_on)
        for clue in told
    ):
        raise errors.RiskVerified


async def _stability(db: Writer, thread: Thread, form: EliminationForm, on: date) -> rules.Stability:
    done, one_off = await _measures_done(db, thread), rules.conditions(on).one_off
    return rules.Stability(
        how=form.how,
        per_capita_net_income=form.per_capita_net_income,
        stable_months=form.stable_months,
        unmet_guarantees=_unmet(form.guarantees),
        expenditure_settled=form.expenditure_settled,
        open_episodes=thread.open_episodes,
        measures_done=_newest(done),
        lasting_done=_newest([each for each in done if each.kind not in one_off]),
        able=has_labour(thread.members),
    )


def _unmet(guarantees: Guarantees) -> list[str]:
    return [name for name, solid in guarantees.model_dump(exclude={"remark"}).items() if not solid]


async def _measures_done(db: Writer, thread: Thread) -> list[Measure]:
    return await db.all(
        select(Measure)
        .where(col(Measure.monitored_id) == thread.thing.id, col(Measure.status) == MeasureStatus.DONE)
        .order_by(col(Measure.done_on))
    )


def _newest(done: Sequence[Measure]) -> dict[str, date]:
    return {each.risk_type: each.done_on for each in done if each.risk_type and each.done_on}


def _who(db: Writer) -> dict[str, Any]:
    return {"by": db.principal.subject, "name": db.principal.name}
