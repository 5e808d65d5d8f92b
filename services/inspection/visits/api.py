"""Visits over HTTP."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import ValidationError

from services.inspection.campaigns.errors import CampaignNotOpen, CampaignPaused, NotInCampaign
from services.inspection.checklists.answers import AnswerContradicts, BadAnswer, VerdictNeeded
from services.inspection.checklists.catalog import UnknownItem
from services.inspection.findings.errors import ObjectNeeded, UnknownMember
from services.inspection.findings.schemas import ReasonDraft
from services.inspection.visits import commands, errors, queries
from services.inspection.visits.form import form_of
from services.inspection.visits.refused import dismiss_refused, drop_settled, keep_refused, page_of_refused
from services.inspection.visits.schemas import (
    BatchDraft,
    BatchOutcome,
    Conflict,
    RefusedVisitView,
    UnvisitedHousehold,
    VisitDraft,
    VisitForm,
    VisitOutcome,
    VisitView,
)
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.refusal import Invalid, NotFound, Refusal, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.edge import CannotBeStored
from shared.web.language import InLanguage, Language
from shared.web.problems import faults_of, problem_of

router = Router(prefix="/campaigns/{campaign_id}", tags=["入户排查 visits"])

#: A NUL in JSON, but not a backslash and letters that look like one.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

Within = Annotated[DivisionCode | None, Query(alias="division")]


@router.get(
    "/visits/form", dependencies=[requires("visits:write")], responses=refusals(NotFound, NotInCampaign)
)
async def form(campaign_id: UUID, household_id: UUID, db: Reading) -> VisitForm:
    """Show the form for one household, prefilled with all that is known."""
    return form_of(await queries.knowledge_of(db, campaign_id, household_id), db.now)


@router.post(
    "/visits",
    status_code=201,
    dependencies=[requires("visits:write")],
    responses=refusals(
        NotFound,
        CampaignNotOpen,
        CampaignPaused,
        NotInCampaign,
        UnknownItem,
        BadAnswer,
        AnswerContradicts,
        VerdictNeeded,
        ObjectNeeded,
        UnknownMember,
        errors.UnknownHousehold,
        errors.OutsideSchedule,
        errors.VisitInFuture,
        errors.VisitIdReused,
        errors.NotAskedOnVisit,
    ),
)
async def record(campaign_id: UUID, draft: VisitDraft, db: Writing, response: Response) -> VisitView:
    """Record a visit: failed items become findings, signals go to monitoring. Its id makes it safe to repeat."""
    recorded = await commands.record_visit(db, campaign_id, draft)
    await drop_settled(db, campaign_id, [draft.id])
    response.status_code = 200 if recorded.replayed else 201
    response.headers["Location"] = f"/campaigns/{campaign_id}/visits?household_id={draft.household_id}"
    tagged(response, recorded.visit)
    return (await queries.shown(db, [recorded.visit]))[0]


@router.post(
    "/visits/batch",
    dependencies=[requires("visits:write")],
    responses=refusals(NotFound),
)
async def record_batch(
    campaign_id: UUID, batch: BatchDraft, db: Writing, language: InLanguage
) -> BatchOutcome:
    """Record visits made offline, up to 200; each is accepted, recognised or refused by itself.

    What is refused is kept for its officer and town (``/visits/refused``) until it is sent again as it should be.
    """
    outcomes = await commands.record_visits(db, campaign_id, [_parsed(raw) for raw in batch.visits])
    await keep_refused(db, campaign_id, batch.visits, outcomes)
    return BatchOutcome.of([_shown(place, outcome, language) for place, outcome in enumerate(outcomes)])


@router.get("/visits", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_visits(
    campaign_id: UUID,
    db: Reading,
    page: Paging,
    division: Within = None,
    household_id: UUID | None = None,
    conflict: Literal["open", "settled"] | None = None,
) -> Page[VisitView]:
    """List the campaign's visits, or those of which a person must say, or has said, what is true."""
    found = await queries.page_of_visits(
        db, campaign_id, division=division, household_id=household_id, conflict=conflict, page=page
    )
    return found.with_items(await queries.shown(db, found.items))


@router.post(
    "/visits/{visit_id}/settlement",
    dependencies=[requires("campaigns:write")],
    responses=refusals(NotFound, Stale, errors.NotInConflict),
)
async def settle(
    campaign_id: UUID, visit_id: UUID, said: ReasonDraft, version: IfMatch, db: Writing, response: Response
) -> VisitView:
    """Say how what an offline visit found and what the registry has learned since go together."""
    visit = await commands.settle_conflicts(db, campaign_id, visit_id, said.reason, version=version)
    tagged(response, visit)
    return (await queries.shown(db, [visit]))[0]


@router.get("/visits/refused", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_refused(
    campaign_id: UUID,
    db: Reading,
    page: Paging,
    division: Within = None,
    state: Literal["waiting", "dismissed"] = "waiting",
) -> Page[RefusedVisitView]:
    """List visits of batches that could not be taken, as they were sent."""
    found = await page_of_refused(
        db, campaign_id, division=division, dismissed=state == "dismissed", page=page
    )
    return found.each(RefusedVisitView.model_validate)


@router.post(
    "/visits/refused/{refused_id}/dismissal",
    dependencies=[requires("visits:write")],
    responses=refusals(NotFound, errors.AlreadyDismissed),
)
async def dismiss(campaign_id: UUID, refused_id: UUID, said: ReasonDraft, db: Writing) -> RefusedVisitView:
    """Leave a refused visit out for good, with the reason."""
    return RefusedVisitView.model_validate(await dismiss_refused(db, campaign_id, refused_id, said.reason))


@router.get("/unvisited", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_unvisited(
    campaign_id: UUID, db: Reading, page: Paging, division: Within = None
) -> Page[UnvisitedHousehold]:
    """List the households that nobody has seen in this campaign, village by village."""
    found = await queries.page_of_unvisited(db, campaign_id, division=division, page=page)
    return found.each(UnvisitedHousehold.model_validate)


def _parsed(raw: Any) -> VisitDraft | Refusal:
    try:
        draft = VisitDraft.model_validate(raw)
    except ValidationError as error:
        return Invalid(errors=faults_of(error.errors()))
    # The database would refuse it, and all others of the batch with it.
    return CannotBeStored() if _NUL.search(draft.model_dump_json()) else draft


def _shown(position: int, outcome: commands.Outcome, language: Language) -> VisitOutcome:
    if isinstance(outcome, Refusal):
        return VisitOutcome(position=position, outcome="refused", problem=problem_of(outcome, language))
    visit = outcome.visit
    return VisitOutcome(
        position=position,
        outcome="replayed" if outcome.replayed else "accepted",
        id=visit.id,
        first=visit.first,
        finding_ids=[UUID(finding_id) for finding_id in visit.finding_ids],
        conflicts=[Conflict.model_validate(each) for each in visit.conflicts],
        in_conflict=visit.in_conflict,
    )
