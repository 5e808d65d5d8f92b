"""The findings ledger over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from services.inspection.campaigns.errors import (
    CampaignNotOpen,
    CampaignPaused,
    NotInCampaign,
    OutsideYourArea,
)
from services.inspection.checklists.catalog import UnknownItem
from services.inspection.findings import commands, errors, queries
from services.inspection.findings.ledger import LedgerEntry, ledger_chunks, ledger_page, title_of
from services.inspection.findings.model import Finding
from services.inspection.findings.raising import raise_finding
from services.inspection.findings.schemas import (
    AcceptanceDraft,
    BatchPlanDraft,
    BatchPlanned,
    ChangeView,
    FindingDraft,
    FindingQuery,
    FindingView,
    MergerDraft,
    PlanDraft,
    ReasonDraft,
    RectificationDraft,
    TransferDraft,
    VerificationDraft,
)
from services.inspection.findings.sheet import SHEET, write_ledger
from shared.assembly import Runtime
from shared.attachments.errors import EvidenceAwaited
from shared.database import Page, Reader
from shared.domain.moment import Moment
from shared.keys import uuid7
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.accepting import JSON, NoSuchFormat, accepted
from shared.web.uploads import XLSX

router = Router(prefix="/findings", tags=["问题台账 findings"])

_DATES = (errors.DateInFuture, errors.DateOutOfOrder)
Filters = Annotated[FindingQuery, Query()]


@router.post(
    "",
    status_code=201,
    dependencies=[requires("findings:write")],
    responses=refusals(
        NotFound,
        OutsideYourArea,
        CampaignNotOpen,
        CampaignPaused,
        NotInCampaign,
        UnknownItem,
        errors.ObjectNeeded,
        errors.UnknownMember,
        errors.DeadlineAfterCampaign,
        *_DATES,
    ),
)
async def raise_one(draft: FindingDraft, db: Writing, response: Response) -> FindingView:
    """Raise a finding by hand: of a village, an operator or the county, or a household's outside a visit."""
    finding = await raise_finding(db, draft)
    response.headers["Location"] = f"/findings/{finding.id}"
    return _shown(db, finding, response)


@router.get("", dependencies=[requires("findings:read")])
async def list_findings(db: Reading, filters: Filters, page: Paging) -> Page[FindingView]:
    """List findings in the order in which they were raised."""
    found = await queries.page_of(db, filters, page)
    items = [FindingView.of(finding, today=db.today) for finding in found.items]
    return found.with_items(items)


@router.get(
    "/ledger",
    dependencies=[requires("findings:read")],
    response_model=Page[LedgerEntry],
    responses=refusals(NoSuchFormat)
    | {200: {"content": {XLSX: {}}, "description": "A page as JSON, or all of it as XLSX"}},
)
async def ledger(
    request: Request, db: Reading, filters: Filters, page: Paging
) -> Page[LedgerEntry] | FileResponse:
    """Show the four lists (四项清单): a page as JSON; all of it as a workbook where ``Accept`` asks for XLSX."""
    if accepted(request, JSON, XLSX) == JSON:
        return await ledger_page(db, filters, page)
    runtime: Runtime = request.app.state.runtime
    path = runtime.spool / f"{uuid7()}.xlsx"
    await write_ledger(ledger_chunks(db, filters), path, await title_of(db, filters))
    return FileResponse(
        path, media_type=XLSX, filename=f"{SHEET}.xlsx", background=BackgroundTask(path.unlink)
    )


@router.post(
    "/batch-plan",
    dependencies=[requires("findings:write")],
    responses=refusals(NotFound, errors.DeadlineAfterCampaign, *_DATES),
)
async def plan_many(draft: BatchPlanDraft, db: Writing) -> BatchPlanned:
    """Give one plan to all findings that the filter names and that have none yet."""
    return BatchPlanned(planned=await commands.plan_many(db, draft))


@router.get("/{finding_id}", dependencies=[requires("findings:read")], responses=refusals(NotFound))
async def get_one(
    finding_id: UUID, db: Reading, response: Response, as_of: Moment | None = None
) -> FindingView:
    """Show one finding, as it stands or as it stood."""
    return _shown(db, await queries.get_finding(db, finding_id, as_of=as_of), response)


@router.get("/{finding_id}/history", dependencies=[requires("findings:read")], responses=refusals(NotFound))
async def history(finding_id: UUID, db: Reading) -> Page[ChangeView]:
    """Show who changed what, when and why; oldest first."""
    return Page(
        items=[ChangeView.model_validate(change) for change in await queries.story_of(db, finding_id)]
    )


@router.post(
    "/{finding_id}/plan",
    dependencies=[requires("findings:write")],
    responses=refusals(
        NotFound, Stale, errors.CannotPlan, errors.TransferPending, errors.DeadlineAfterCampaign, *_DATES
    ),
)
async def plan(
    finding_id: UUID, draft: PlanDraft, version: IfMatch, db: Writing, response: Response
) -> FindingView:
    """Set measures, responsible unit and person, and deadline."""
    return _shown(db, await commands.plan_finding(db, finding_id, draft, version=version), response)


@router.post(
    "/{finding_id}/start",
    dependencies=[requires("findings:write")],
    responses=refusals(NotFound, Stale, errors.NotUnderRectification, errors.TransferPending),
)
async def start(finding_id: UUID, version: IfMatch, db: Writing, response: Response) -> FindingView:
    """Begin to rectify (开始整改)."""
    return _shown(db, await commands.start_finding(db, finding_id, version=version), response)


@router.post(
    "/{finding_id}/rectification",
    dependencies=[requires("findings:write")],
    responses=refusals(NotFound, Stale, errors.NotUnderRectification, errors.TransferPending, *_DATES),
)
async def rectify(
    finding_id: UUID, draft: RectificationDraft, version: IfMatch, db: Writing, response: Response
) -> FindingView:
    """Submit what was done, with evidence, for verification."""
    return _shown(db, await commands.rectify(db, finding_id, draft, version=version), response)


@router.post(
    "/{finding_id}/verification",
    dependencies=[requires("findings:verify")],
    responses=refusals(NotFound, Stale, errors.NotSubmitted, errors.SamePerson, EvidenceAwaited, *_DATES),
)
async def verify(
    finding_id: UUID, draft: VerificationDraft, version: IfMatch, db: Writing, response: Response
) -> FindingView:
    """Verify and strike off the ledger (销号); by another person than the one who rectified."""
    closed = await commands.close_finding(db, finding_id, draft.verified_on, version=version)
    return _shown(db, closed, response)


@router.post(
    "/{finding_id}/return",
    dependencies=[requires("findings:verify")],
    responses=refusals(NotFound, Stale, errors.NotSubmitted),
)
async def send_back(
    finding_id: UUID, draft: ReasonDraft, version: IfMatch, db: Writing, response: Response
) -> FindingView:
    """Send an insufficient rectification back, with the reason."""
    return _shown(db, await commands.return_finding(db, finding_id, draft.reason, version=version), response)


@router.post(
    "/{finding_id}/reopening",
    dependencies=[requires("findings:verify")],
    responses=refusals(NotFound, Stale, errors.NotClosed),
)
async def reopen(
    finding_id: UUID, draft: ReasonDraft, version: IfMatch, db: Writing, response: Response
) -> FindingView:
    """Bring a closed finding back, with the reason."""
    return _shown(db, await commands.reopen_finding(db, finding_id, draft.reason, version=version), response)


@router.post(
    "/{finding_id}/transfer",
    dependencies=[requires("findings:write")],
    responses=refusals(NotFound, Stale, errors.CannotPlan, errors.TransferPending, errors.SameUnit),
)
async def transfer(
    finding_id: UUID, draft: TransferDraft, version: IfMatch, db: Writing, response: Response
) -> FindingView:
    """Offer the finding to another unit (移交), which accepts or refuses it; until then nothing else moves."""
    return _shown(db, await commands.propose_transfer(db, finding_id, draft, version=version), response)


@router.post(
    "/{finding_id}/transfer/acceptance",
    dependencies=[requires("findings:write")],
    responses=refusals(NotFound, Stale, errors.NoTransfer, errors.SamePersonTransfers),
)
async def accept_transfer(
    finding_id: UUID, draft: AcceptanceDraft, version: IfMatch, db: Writing, response: Response
) -> FindingView:
    """Take the finding over (接收); by another person than the one who offered it."""
    person = draft.responsible_person
    return _shown(db, await commands.accept_transfer(db, finding_id, person, version=version), response)


@router.post(
    "/{finding_id}/transfer/refusal",
    dependencies=[requires("findings:write")],
    responses=refusals(NotFound, Stale, errors.NoTransfer),
)
async def refuse_transfer(
    finding_id: UUID, draft: ReasonDraft, version: IfMatch, db: Writing, response: Response
) -> FindingView:
    """Refuse the transfer, or withdraw it; the finding stays where it was."""
    return _shown(db, await commands.refuse_transfer(db, finding_id, draft.reason, version=version), response)


@router.post(
    "/{finding_id}/merger",
    dependencies=[requires("findings:verify")],
    responses=refusals(
        NotFound,
        Stale,
        errors.CannotPlan,
        errors.TransferPending,
        errors.CannotMergeInto,
        errors.AnotherMatter,
    ),
)
async def merge(
    finding_id: UUID, draft: MergerDraft, version: IfMatch, db: Writing, response: Response
) -> FindingView:
    """Strike the finding off as a duplicate of another one about the same object and item (合并重复问题)."""
    return _shown(db, await commands.merge_finding(db, finding_id, draft, version=version), response)


@router.post(
    "/{finding_id}/escalation",
    dependencies=[requires("findings:write")],
    responses=refusals(NotFound, Stale, errors.AlreadyEnded, errors.HighestLevel),
)
async def escalate(
    finding_id: UUID, draft: ReasonDraft, version: IfMatch, db: Writing, response: Response
) -> FindingView:
    """Take the finding to the table above (提级督办): from the village to the town, from the town to the county."""
    return _shown(
        db, await commands.escalate_finding(db, finding_id, draft.reason, version=version), response
    )


def _shown(db: Reader, finding: Finding, response: Response) -> FindingView:
    tagged(response, finding)
    return FindingView.of(finding, today=db.today)
