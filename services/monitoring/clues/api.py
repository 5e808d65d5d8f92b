"""Clues over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.clues import errors, queries, verdicts
from services.monitoring.clues.commands import assign_clues, receive
from services.monitoring.clues.intake import arrival_of
from services.monitoring.clues.rules import MADE
from services.monitoring.clues.schemas import (
    AcceptanceDraft,
    AcceptanceView,
    Assigned,
    AssignmentDraft,
    ClueDraft,
    ClueQuery,
    ClueView,
    DismissalDraft,
    KeepOpenDraft,
    ReceiptView,
    SentClue,
)
from services.monitoring.dates import DATES
from services.monitoring.replicas.errors import HouseholdUnknown, NotOfHousehold, PersonUnknown
from shared.database import Page
from shared.refusal import Invalid, NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/clues", tags=["线索 clues"])


@router.post(
    "",
    status_code=201,
    dependencies=[requires("clues:write")],
    responses={
        200: {"model": ReceiptView, "description": "Known already: nothing was made"},
        **refusals(
            HouseholdUnknown,
            PersonUnknown,
            NotOfHousehold,
            Invalid,
            errors.SourceNotYours,
            errors.WhoIsItAbout,
            *DATES,
        ),
    },
)
async def send_in(draft: ClueDraft, db: Writing, response: Response) -> ReceiptView:
    """Tell of something that may mean risk. What confirms an open clue, or is known already, answers 200."""
    receipt = await receive(db, await arrival_of(db, draft))
    if receipt.clue:
        tagged(response, receipt.clue)
        response.headers["Location"] = f"/clues/{receipt.clue.id}"
    if receipt.outcome not in MADE:
        response.status_code = 200
    return ReceiptView.of(receipt)


@router.get("", dependencies=[requires("clues:read")])
async def list_clues(db: Reading, filters: Annotated[ClueQuery, Query()], page: Paging) -> Page[ClueView]:
    """List clues in the order in which they arrived, or by what comes first."""
    return await queries.page_of(db, filters, page)


@router.get("/sent", dependencies=[requires("clues:write")])
async def list_sent(db: Reading, page: Paging) -> Page[SentClue]:
    """List what you have sent in, with the verdict of each: nothing is told into the void."""
    return await queries.page_of_sent(db, page)


@router.post("/assignments", dependencies=[requires("clues:decide")], responses=refusals(NotFound))
async def assign(draft: AssignmentDraft, db: Writing) -> Assigned:
    """Give clues to somebody to look into: those that are named, or all of a division that nobody has yet."""
    return Assigned(assigned=await assign_clues(db, draft))


@router.get("/{clue_id}", dependencies=[requires("clues:read")], responses=refusals(NotFound))
async def get_one(clue_id: UUID, db: Reading, response: Response) -> ClueView:
    """Show one clue with its evidence."""
    clue, view = await queries.get_clue(db, clue_id)
    tagged(response, clue)
    return view


@router.post(
    "/{clue_id}/acceptance",
    status_code=201,
    dependencies=[requires("clues:decide")],
    responses=refusals(NotFound, Stale, errors.ClueSettledAlready, *DATES),
)
async def accept(
    clue_id: UUID, draft: AcceptanceDraft, version: IfMatch, db: Writing, response: Response
) -> AcceptanceView:
    """Say that there is a risk; ``Location`` is the case, or the object to be re-tagged or at a further risk."""
    lead = await verdicts.accept(db, clue_id, draft, version=version)
    tagged(response, lead.clue)
    response.headers["Location"] = (
        f"/cases/{lead.case.id}" if lead.case else f"/monitored/{lead.clue.monitored_id}"
    )
    return AcceptanceView(
        clue_id=lead.clue.id,
        case_id=lead.case.id if lead.case else None,
        monitored_id=lead.monitored.id if lead.monitored else None,
        clue_version=lead.clue.version,
    )


@router.post(
    "/{clue_id}/dismissal",
    dependencies=[requires("clues:decide")],
    responses=refusals(NotFound, Stale, errors.ClueSettledAlready, errors.DismissalPending, *DATES),
)
async def propose_dismissal(
    clue_id: UUID, draft: DismissalDraft, version: IfMatch, db: Writing, response: Response
) -> ClueView:
    """Say that there is no risk, and why; another person has to agree before the clue is dismissed."""
    await verdicts.propose_dismissal(db, clue_id, draft, version=version)
    return await get_one(clue_id, db, response)


@router.post(
    "/{clue_id}/dismissal/confirmation",
    dependencies=[requires("cases:review")],
    responses=refusals(NotFound, Stale, errors.NoDismissal, errors.SamePersonDismisses),
)
async def dismiss(clue_id: UUID, version: IfMatch, db: Writing, response: Response) -> ClueView:
    """Agree that there is no risk, as another person than the one who said so first."""
    await verdicts.dismiss(db, clue_id, version=version)
    return await get_one(clue_id, db, response)


@router.post(
    "/{clue_id}/dismissal/return",
    dependencies=[requires("cases:review")],
    responses=refusals(NotFound, Stale, errors.NoDismissal),
)
async def keep_open(
    clue_id: UUID, draft: KeepOpenDraft, version: IfMatch, db: Writing, response: Response
) -> ClueView:
    """Turn a dismissal down: the clue is looked into again."""
    await verdicts.keep_open(db, clue_id, draft.reason, version=version)
    return await get_one(clue_id, db, response)
