"""``/corrections``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.household.changes.errors import DateBeforeJoining, HeadAlready, HeadStays
from services.household.corrections import commands
from services.household.corrections.errors import CorrectionDecided, CorrectionImpossible, FoundBySamePerson
from services.household.corrections.model import Correction, Status
from services.household.corrections.queries import page_of_corrections
from services.household.corrections.schemas import Acceptance, CorrectionView, Refusing
from services.household.households.errors import (
    DateAhead,
    HeadCannotLeave,
    MemberGone,
    RelationshipNeeded,
)
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.concurrency import PreconditionNeeded

router = Router(prefix="/corrections", tags=["信息更正 corrections"])
#: Of a departure that cannot have been as the department says.
_DEPARTURES = (
    DateAhead,
    DateBeforeJoining,
    HeadAlready,
    HeadCannotLeave,
    HeadStays,
    MemberGone,
    RelationshipNeeded,
)
_DECISIONS = (NotFound, Stale, PreconditionNeeded, CorrectionDecided, FoundBySamePerson)


@router.get("", dependencies=[requires("households:read")])
async def corrections(
    db: Reading,
    page: Paging,
    status: Status | None = None,
    division: Annotated[DivisionCode | None, Query()] = None,
    household_id: UUID | None = None,
    source_id: UUID | None = None,
    *,
    withdrawn: bool | None = None,
) -> Page[CorrectionView]:
    """List facts that visits or comparisons found to be otherwise, the newest first; ``waiting`` ones need a person.

    So do those that were ``accepted`` and whose department has withdrawn its data since: ``withdrawn``.
    ``source_id`` is the visit or batch that said so first. What a batch that corrects it says again is that one's, by
    the same ids, in ``GET /comparisons/{id}/corrections``; what waits already no other batch proposes anew.
    """
    found = await page_of_corrections(
        db,
        page,
        status=status,
        division=division,
        household_id=household_id,
        source_id=source_id,
        withdrawn=withdrawn,
    )
    return found.each(CorrectionView.model_validate)


@router.get("/{correction_id}", dependencies=[requires("households:read")], responses=refusals(NotFound))
async def correction(db: Reading, response: Response, correction_id: UUID) -> CorrectionView:
    """Show one, with the reason of what was decided."""
    return _shown(await db.get(Correction, correction_id), response)


@router.post(
    "/{correction_id}/acceptance",
    dependencies=[requires("corrections:decide")],
    responses=refusals(*_DECISIONS, *_DEPARTURES, CorrectionImpossible),
)
async def accept(
    db: Writing, response: Response, correction_id: UUID, version: IfMatch, acceptance: Acceptance
) -> CorrectionView:
    """Take over one that waits: the registry changes, and whoever found it sees so. Four eyes.

    A departure becomes a natural change, with the day that the department gave, and a new head where one is needed.
    """
    accepted = await commands.accept(
        db, correction_id, version, note=acceptance.note, new_head=acceptance.new_head
    )
    return _shown(accepted, response)


@router.post(
    "/{correction_id}/refusal",
    dependencies=[requires("corrections:decide")],
    responses=refusals(*_DECISIONS),
)
async def refuse(
    db: Writing, response: Response, correction_id: UUID, version: IfMatch, refusing: Refusing
) -> CorrectionView:
    """Leave the registry as it is; whoever found it sees the reason. Four eyes."""
    return _shown(await commands.refuse(db, correction_id, version, note=refusing.note), response)


def _shown(correction: Correction, response: Response) -> CorrectionView:
    tagged(response, correction)
    return CorrectionView.model_validate(correction)
