"""``/duplicates``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.household.changes.errors import HouseholdMerged
from services.household.duplicates import commands, merging
from services.household.duplicates.errors import AlreadyDecided, ChangedSince, NotMerged, UnknownChoice
from services.household.duplicates.merging import Sides, sides
from services.household.duplicates.model import PairState, ProbableDuplicate
from services.household.duplicates.queries import list_pairs
from services.household.duplicates.schemas import (
    Dismissal,
    Merge,
    PairLine,
    PairView,
    ScanRequest,
    ScanView,
    Unmerge,
)
from services.household.duplicates.views import pair_view
from services.household.households.errors import HeadCannotLeave, HeadNeeded, MemberGone, PersonRegistered
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.identity.principal import Principal
from shared.jobs.api import public_id
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires
from shared.web.concurrency import PreconditionNeeded
from shared.web.edge import OutsideArea

router = Router(prefix="/duplicates", tags=["疑似重复 duplicates"])
_DECISIONS = (NotFound, Stale, PreconditionNeeded)


@router.get("", dependencies=[requires("households:read")])
async def duplicates(
    db: Reading,
    page: Paging,
    state: Annotated[list[PairState] | None, Query()] = None,
    division: DivisionCode | None = None,
    member: UUID | None = None,
    score_from: Annotated[float, Query(ge=0, le=1)] = 0,
) -> Page[PairLine]:
    """List pairs of members who may be one person, the surest first: the open ones, unless ``state`` names others.

    A pair is seen by those in whose area both are registered.
    """
    return await list_pairs(
        db,
        page,
        states=state or [PairState.OPEN],
        division=division,
        member_id=member,
        score_from=score_from,
    )


@router.post(
    "/scan",
    status_code=202,
    dependencies=[requires("duplicates:decide")],
    responses=refusals(OutsideArea),
)
async def scan(db: Writing, response: Response, wanted: ScanRequest) -> ScanView:
    """Look for duplicates of everybody in a division: a job."""
    if not db.principal.covers(wanted.division):
        raise OutsideArea
    job = public_id("household", await commands.ask_for_scan(db, wanted.division))
    response.headers["Location"] = f"/jobs/{job}"
    return ScanView(job=job)


@router.get(
    "/{pair_id}", dependencies=[requires("households:read")], responses=refusals(NotFound, UnknownChoice)
)
async def duplicate(
    db: Reading,
    response: Response,
    pair_id: UUID,
    keep: Annotated[UUID | None, Query(description="保留哪一人 who would stay")] = None,
) -> PairView:
    """Show a pair side by side, and what a merge would do."""
    return _shown(await sides(db, await db.get(ProbableDuplicate, pair_id)), db.principal, response, keep)


@router.post(
    "/{pair_id}/merge",
    dependencies=[requires("duplicates:decide")],
    responses=refusals(
        *_DECISIONS, AlreadyDecided, MemberGone, HeadCannotLeave, UnknownChoice, PersonRegistered
    ),
)
async def merge(db: Writing, response: Response, pair_id: UUID, version: IfMatch, wanted: Merge) -> PairView:
    """Make one record of the two: one stays, with the values that are chosen, the other leaves as registered twice.

    ``If-Match`` takes the ``ETag`` of the pair. Both households are changed; one that nobody is left in stays, empty.
    """
    return _shown(await merging.merge(db, pair_id, version, wanted), db.principal, response)


@router.post(
    "/{pair_id}/unmerge",
    dependencies=[requires("duplicates:decide")],
    responses=refusals(*_DECISIONS, NotMerged, ChangedSince, HouseholdMerged, HeadNeeded, PersonRegistered),
)
async def unmerge(
    db: Writing, response: Response, pair_id: UUID, version: IfMatch, wanted: Unmerge
) -> PairView:
    """Undo a merge: both records are what they were before it; what was changed since otherwise stays."""
    return _shown(await merging.unmerge(db, pair_id, version, reason=wanted.reason), db.principal, response)


@router.post(
    "/{pair_id}/dismissal",
    dependencies=[requires("duplicates:decide")],
    responses=refusals(NotFound, AlreadyDecided),
)
async def dismiss(db: Writing, response: Response, pair_id: UUID, dismissal: Dismissal) -> PairView:
    """Say that they are two people: the pair is not raised again, unless either gets another number."""
    pair = await commands.dismiss(db, pair_id, reason=dismissal.reason)
    return _shown(await sides(db, pair), db.principal, response)


def _shown(sides: Sides, caller: Principal, response: Response, keep: UUID | None = None) -> PairView:
    response.headers["ETag"] = f'"{sides.version}"'
    return pair_view(sides, caller, keep=keep)
