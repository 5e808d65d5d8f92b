"""Elimination, re-tagging and closure over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from services.monitoring.cases.errors import KinDecides
from services.monitoring.dates import DATES
from services.monitoring.deliberation import DeliberationForm, VotesDoNotAddUp
from services.monitoring.monitored import closing, elimination, errors, retagging
from services.monitoring.monitored.schemas import (
    ClosureForm,
    EliminationForm,
    OpinionForm,
    ReasonForm,
    RetaggingForm,
)
from services.monitoring.monitored.shown import shown
from services.monitoring.monitored.views import MonitoredFile
from services.monitoring.replicas.errors import NotOfHousehold
from shared.domain.income_line import IncomeLineUnknown
from shared.refusal import Invalid, NotFound, Refusal, Stale
from shared.web import IfMatch, Router, Writing, refusals, requires

router = Router(prefix="/monitored/{monitored_id}", tags=["监测对象 monitored objects"])


def _step(scope: str, *kinds: type[Refusal]) -> dict[str, Any]:
    """Return what a step's endpoint declares: who may do it, and how it refuses."""
    return {"dependencies": [requires(scope)], "responses": refusals(NotFound, Stale, *kinds, *DATES)}


@router.post(
    "/elimination",
    **_step("monitored:write", errors.NotMonitored, errors.NotStableYet, IncomeLineUnknown),
)
async def propose_elimination(
    monitored_id: UUID, form: EliminationForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Propose that the risk is gone (风险消除); where nobody can work it becomes ``elimination_withheld``."""
    return await shown(db, await elimination.propose(db, monitored_id, form, version=version), response)


@router.post(
    "/elimination/deliberation", **_step("cases:check", Invalid, errors.NoElimination, VotesDoNotAddUp)
)
async def deliberate_elimination(
    monitored_id: UUID, form: DeliberationForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """File the village's vote on the proposal (村级评议); voted down, the object stays under watch."""
    return await shown(db, await elimination.deliberate(db, monitored_id, form, version=version), response)


@router.post(
    "/elimination/review",
    **_step("cases:review", errors.NoElimination, errors.NotDeliberated, errors.SamePerson, KinDecides),
)
async def review_elimination(
    monitored_id: UUID, form: OpinionForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Agree at the town; neither by the proposer nor by who recorded the deliberation."""
    return await shown(db, await elimination.review(db, monitored_id, form, version=version), response)


@router.post(
    "/elimination/approval",
    **_step(
        "cases:approve",
        errors.NoElimination,
        errors.NotReviewed,
        errors.SamePerson,
        KinDecides,
        errors.CluesUnsettled,
        errors.RiskVerified,
        errors.NotStableYet,
    ),
)
async def approve_elimination(
    monitored_id: UUID, form: OpinionForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Approve at the county: all open episodes end; by none of those before."""
    return await shown(db, await elimination.approve(db, monitored_id, form, version=version), response)


@router.post("/elimination/return", **_step("cases:review", errors.NoElimination, KinDecides))
async def return_elimination(
    monitored_id: UUID, form: ReasonForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Send the proposal back: the object stays under watch."""
    return await shown(db, await elimination.give_back(db, monitored_id, form, version=version), response)


@router.post(
    "/retagging",
    **_step(
        "cases:review",
        Invalid,
        errors.NotEliminated,
        errors.RetaggingPending,
        errors.ClueNotForThis,
        KinDecides,
    ),
)
async def verify_retagging(
    monitored_id: UUID, form: RetaggingForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Verify at the town that a risk is back (风险再标注); the clue behind it gets its verdict."""
    return await shown(db, await retagging.verify(db, monitored_id, form, version=version), response)


@router.post(
    "/retagging/confirmation",
    **_step("cases:approve", errors.NoRetagging, errors.SamePerson, KinDecides, NotOfHousehold),
)
async def confirm_retagging(
    monitored_id: UUID, form: OpinionForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Confirm at the county: a new episode on the same thread; not by the verifier."""
    return await shown(db, await retagging.confirm(db, monitored_id, form, version=version), response)


@router.post("/retagging/return", **_step("cases:approve", errors.NoRetagging, errors.SamePerson, KinDecides))
async def turn_down_retagging(
    monitored_id: UUID, form: ReasonForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Find at the county that the risk is not back: eliminated as before."""
    return await shown(db, await retagging.turn_down(db, monitored_id, form, version=version), response)


@router.post(
    "/closure", **_step("cases:review", Invalid, errors.ObjectClosed, errors.ClosurePending, KinDecides)
)
async def propose_closure(
    monitored_id: UUID, form: ClosureForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Propose to end the watch over a household that died out, moved away or was tagged by mistake (清退)."""
    return await shown(db, await closing.propose(db, monitored_id, form, version=version), response)


@router.post(
    "/closure/confirmation", **_step("cases:approve", errors.NoClosure, errors.SamePerson, KinDecides)
)
async def confirm_closure(
    monitored_id: UUID, form: OpinionForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Confirm at the county, which closes the object; not by the proposer."""
    return await shown(db, await closing.confirm(db, monitored_id, form, version=version), response)


@router.post("/closure/return", **_step("cases:approve", errors.NoClosure, errors.SamePerson, KinDecides))
async def turn_down_closure(
    monitored_id: UUID, form: ReasonForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Find at the county that the object is not to be closed: all goes on as before."""
    return await shown(db, await closing.turn_down(db, monitored_id, form, version=version), response)
