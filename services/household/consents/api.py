"""``/consents``, and the consents of a household."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.household.consents import commands
from services.household.consents.errors import ExpiresBefore, WithdrawnAlready, WithdrawnBefore
from services.household.consents.queries import consent_gaps, consent_view, consents_of
from services.household.consents.schemas import ConsentGap, ConsentView, NewConsent, Scope, Withdrawal
from services.household.households.errors import DateAhead, MemberGone
from shared.database import Page
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.concurrency import PreconditionNeeded

router = Router(tags=["承诺授权 consents"])
_Kind = Annotated[str, Coded("household_kind")]


@router.post(
    "/households/{household_id}/consents",
    status_code=201,
    dependencies=[requires("households:write")],
    responses=refusals(NotFound, MemberGone, DateAhead, ExpiresBefore),
)
async def enter(db: Writing, response: Response, household_id: UUID, new: NewConsent) -> ConsentView:
    """Enter a consent that was signed (承诺授权书)."""
    consent = await commands.enter_consent(db, household_id, new)
    response.headers["Location"] = f"/households/{household_id}/consents"
    tagged(response, consent)
    return consent_view(consent, db.today)


@router.get(
    "/households/{household_id}/consents",
    dependencies=[requires("households:read")],
    responses=refusals(NotFound),
)
async def consents(
    db: Reading,
    household_id: UUID,
    on: Annotated[
        date | None, Query(description="核对日期，默认今天 the day asked about; today if none")
    ] = None,
) -> list[ConsentView]:
    """List a household's consents, the oldest first, and whether each holds ``on`` a day."""
    return await consents_of(db, household_id, on or db.today)


@router.post(
    "/households/{household_id}/consents/{consent_id}/withdrawal",
    dependencies=[requires("households:write")],
    responses=refusals(NotFound, Stale, PreconditionNeeded, WithdrawnAlready, WithdrawnBefore, DateAhead),
)
async def withdraw(
    db: Writing,
    response: Response,
    household_id: UUID,
    consent_id: UUID,
    version: IfMatch,
    withdrawal: Withdrawal,
) -> ConsentView:
    """Withdraw a consent; ``If-Match`` takes the consent's own version."""
    consent = await commands.withdraw(db, household_id, consent_id, version, withdrawal)
    tagged(response, consent)
    return consent_view(consent, db.today)


@router.get("/consents/gaps", dependencies=[requires("households:read")])
async def gaps(
    db: Reading,
    page: Paging,
    scope: Scope,
    division: DivisionCode | None = None,
    kind: Annotated[list[_Kind] | None, Query()] = None,
    days: Annotated[
        int, Query(ge=0, le=366, description="须持续有效的天数 it must still hold in so many days")
    ] = 0,
) -> Page[ConsentGap]:
    """List households without a consent of a scope, or whose consent runs out within ``days``."""
    return await consent_gaps(db, page, scope=scope, division=division, kind=kind or [], days=days)
