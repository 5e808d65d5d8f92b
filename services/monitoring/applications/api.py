"""``/self-applications``: the one resource that a person without an account can use."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.applications import commands, errors, queries
from services.monitoring.applications.schemas import (
    ApplicationDraft,
    ApplicationStatus,
    ApplicationView,
    Receipt,
    ReceiptHeld,
    RefusalDraft,
)
from services.monitoring.limits import due
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.refusal import Invalid, NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.edge import OutsideArea

router = Router(prefix="/self-applications", tags=["自主申报 self-applications"])


@router.post(
    "",
    status_code=201,
    dependencies=[requires("self-applications:write")],
    responses=refusals(Invalid, OutsideArea, errors.UnknownDivision, errors.TooManyApplications),
)
async def apply(draft: ApplicationDraft, db: Writing) -> Receipt:
    """Tell of one's own hardship. The answer is the same whether the person is known or not; keep the receipt."""
    application, receipt = await commands.apply(db, draft)
    place, on = draft.division_code, application.received_on
    return Receipt(
        receipt=receipt,
        received_on=on,
        visit_due_on=queries.visit_due(place, on),
        answer_due_on=due("clue_verdict", place, on).on,
    )


@router.post(
    "/status",
    dependencies=[requires("self-applications:write")],
    responses=refusals(errors.ReceiptUnknown),
)
async def status(held: ReceiptHeld, db: Reading) -> ApplicationStatus:
    """Tell whoever holds the receipt what became of the application; it stands in the body, which nobody logs."""
    return await queries.status_of(db, held.receipt.get_secret_value())


@router.get("", dependencies=[requires("clues:read")])
async def list_applications(
    db: Reading,
    page: Paging,
    division: Annotated[DivisionCode | None, Query()] = None,
    waiting: Annotated[bool | None, Query(description="待核对身份 the person is not known yet")] = None,
) -> Page[ApplicationView]:
    """List applications; those that wait are of people whom the registry does not know (yet)."""
    found = await queries.page_of_applications(db, division=division, waiting=waiting, page=page)
    return found.each(ApplicationView.model_validate)


@router.post(
    "/{application_id}/refusal",
    dependencies=[requires("cases:review")],
    responses=refusals(NotFound, Stale, errors.ApplicationSettled),
)
async def refuse(
    application_id: UUID, draft: RefusalDraft, version: IfMatch, db: Writing, response: Response
) -> ApplicationView:
    """End an application that can never become a clue, in words that the person is told."""
    refused = await commands.refuse(db, application_id, draft.reason, version=version)
    tagged(response, refused)
    return ApplicationView.model_validate(refused)
