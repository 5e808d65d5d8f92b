"""``/duplicates``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.household.duplicates import commands
from services.household.duplicates.errors import AlreadyDecided
from services.household.duplicates.model import PairState
from services.household.duplicates.queries import list_pairs, members_by_id, pair_line
from services.household.duplicates.schemas import Dismissal, PairLine, ScanRequest, ScanView
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.jobs.api import public_id
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires
from shared.web.edge import OutsideArea

router = Router(prefix="/duplicates", tags=["疑似重复 duplicates"])


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


@router.post(
    "/{pair_id}/dismissal",
    dependencies=[requires("duplicates:decide")],
    responses=refusals(NotFound, AlreadyDecided),
)
async def dismiss(db: Writing, pair_id: UUID, dismissal: Dismissal) -> PairLine:
    """Say that they are two people: the pair is not raised again, unless either gets another number."""
    pair = await commands.dismiss(db, pair_id, reason=dismissal.reason)
    return pair_line(pair, await members_by_id(db, (pair.one_id, pair.other_id)))
