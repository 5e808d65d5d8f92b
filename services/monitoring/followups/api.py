"""Follow-ups over HTTP: of monitored objects, and of lifted households."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.dates import DATES
from services.monitoring.followups import commands, errors, queries
from services.monitoring.followups.model import FollowUp
from services.monitoring.followups.schemas import (
    FollowUpForm,
    FollowUpProgress,
    FollowUpQuery,
    FollowUpView,
    HouseholdFollowUpForm,
    PlaceQuery,
    SolutionForm,
    TurnQuery,
    TurnView,
)
from services.monitoring.replicas.errors import HouseholdUnknown, NotOfHousehold
from shared.database import Page
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

_TAGS: list[Any] = ["跟踪回访 follow-ups"]
router = Router(prefix="/follow-ups", tags=_TAGS)
of_objects_router = Router(prefix="/monitored/{monitored_id}/follow-ups", tags=_TAGS)
_ENTERED: dict[str, Any] = {
    "status_code": 201,
    "dependencies": [requires("monitored:write")],
    "responses": refusals(
        NotFound, HouseholdUnknown, NotOfHousehold, errors.NothingToFollow, errors.VisitInPerson, *DATES
    ),
}


@of_objects_router.post("", **_ENTERED)
async def follow_up_object(
    monitored_id: UUID, form: FollowUpForm, db: Writing, response: Response
) -> FollowUpView:
    """Enter a visit to a monitored object: what was found, what is difficult, and what may mean a risk."""
    return _entered(await commands.follow_up_object(db, monitored_id, form), response)


@of_objects_router.get("", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def list_of_object(monitored_id: UUID, db: Reading, page: Paging) -> Page[FollowUpView]:
    """List all follow-ups of an object's household."""
    return (await queries.page_of_object(db, monitored_id, page)).each(FollowUpView.model_validate)


@router.post("", **_ENTERED)
async def follow_up(form: HouseholdFollowUpForm, db: Writing, response: Response) -> FollowUpView:
    """Enter a visit to a household, under watch or lifted."""
    return _entered(await commands.follow_up(db, form.household_id, form), response)


@router.get("", dependencies=[requires("monitored:read")])
async def list_follow_ups(
    db: Reading, filters: Annotated[FollowUpQuery, Query()], page: Paging
) -> Page[FollowUpView]:
    """List follow-ups in the order in which they were entered."""
    return (await queries.page_of(db, filters, page)).each(FollowUpView.model_validate)


@router.get("/due", dependencies=[requires("monitored:read")])
async def list_due(db: Reading, filters: Annotated[TurnQuery, Query()], page: Paging) -> Page[TurnView]:
    """List households to be visited, by whom and until when, the most urgent first."""
    return await queries.page_of_turns(db, filters, page)


@router.get("/progress", dependencies=[requires("monitored:read")])
async def show_progress(db: Reading, filters: Annotated[PlaceQuery, Query()]) -> FollowUpProgress:
    """Show how well a place follows up, and all directly below it."""
    return await queries.progress(db, filters)


@router.get("/{follow_up_id}", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def get_one(follow_up_id: UUID, db: Reading, response: Response) -> FollowUpView:
    """Show one follow-up."""
    return _shown(await db.get(FollowUp, follow_up_id), response)


@router.post(
    "/{follow_up_id}/solution",
    dependencies=[requires("monitored:write")],
    responses=refusals(NotFound, Stale, errors.NoSuchDifficulty, errors.DifficultySolved, *DATES),
)
async def solve(
    follow_up_id: UUID, form: SolutionForm, version: IfMatch, db: Writing, response: Response
) -> FollowUpView:
    """Tell that a difficulty is solved, and how."""
    return _shown(await commands.solve(db, follow_up_id, form, version=version), response)


def _entered(row: FollowUp, response: Response) -> FollowUpView:
    response.headers["Location"] = f"/follow-ups/{row.id}"
    return _shown(row, response)


def _shown(row: FollowUp, response: Response) -> FollowUpView:
    tagged(response, row)
    return FollowUpView.model_validate(row)
