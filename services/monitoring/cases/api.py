"""Identification over HTTP: reading cases, and the village's and county's steps."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.cases import commands, errors, queries
from services.monitoring.cases.model import IdentificationCase
from services.monitoring.cases.schemas import (
    AnnouncementForm,
    ApprovalForm,
    ConsentForm,
    DataCheckForm,
    HouseholdCheckForm,
    JointCheckForm,
    PublicityForm,
    ReturnForm,
    TownReviewForm,
    WithdrawalForm,
)
from services.monitoring.cases.steps import Step
from services.monitoring.cases.views import CaseFile, CaseQuery, CaseView
from services.monitoring.dates import DATES
from services.monitoring.deliberation import DeliberationForm, VotesDoNotAddUp
from services.monitoring.doubts.errors import DoubtUnexplained
from services.monitoring.monitored.errors import MonitoredAlready
from services.monitoring.monitored.schemas import OpinionForm, ReasonForm
from shared.database import Page, Reader
from shared.domain.income_line import IncomeLineUnknown
from shared.refusal import Invalid, NotFound, Refusal, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/cases", tags=["识别程序 cases"])
_ON_WITHDRAWAL = (errors.ApprovedAlready, errors.NoWithdrawal, errors.SamePersonWithdraws)


def _step(scope: str, *kinds: type[Refusal]) -> dict[str, Any]:
    """Return what a step's endpoint declares: who may do it, and how it refuses."""
    refused = refusals(NotFound, Stale, errors.CaseNotOpen, errors.NotAtThisStep, *kinds, *DATES)
    return {"dependencies": [requires(scope)], "responses": refused}


@router.get("", dependencies=[requires("cases:read")])
async def list_cases(db: Reading, filters: Annotated[CaseQuery, Query()], page: Paging) -> Page[CaseView]:
    """List cases in the order in which they were opened."""
    return await queries.page_of(db, filters, page)


@router.get("/{case_id}", dependencies=[requires("cases:read")], responses=refusals(NotFound))
async def get_one(case_id: UUID, db: Reading, response: Response) -> CaseFile:
    """Show one case with its file: every step, return and decision."""
    case, view = await queries.get_file(db, case_id)
    tagged(response, case)
    return view


@router.post("/{case_id}/consent", **_step("cases:check"))
async def consent(
    case_id: UUID, form: ConsentForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """File the household's authorisation to check its data (承诺授权)."""
    return await _shown(
        db, await commands.complete(db, case_id, Step.CONSENT, form, version=version), response
    )


@router.post(
    "/{case_id}/household-check", **_step("cases:check", Invalid, IncomeLineUnknown, errors.KinDecides)
)
async def household_check(
    case_id: UUID, form: HouseholdCheckForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """File what two officers found at the household (入户核实); the answer says what the rules make of it."""
    return await _shown(db, await commands.check_household(db, case_id, form, version=version), response)


@router.post("/{case_id}/data-check", **_step("cases:compare", DoubtUnexplained))
async def data_check(
    case_id: UUID, form: DataCheckForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """File what departments' lists say (信息比对), each hit with its explanation; open doubts are not passed over."""
    return await _shown(db, await commands.check_data(db, case_id, form, version=version), response)


@router.post("/{case_id}/deliberation", **_step("cases:check", Invalid, VotesDoNotAddUp))
async def deliberation(
    case_id: UUID, form: DeliberationForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """File the village's vote (村级评议)."""
    return await _shown(db, await commands.deliberate(db, case_id, form, version=version), response)


@router.post(
    "/{case_id}/publicity", **_step("cases:check", errors.PublicityTooShort, errors.ObjectionUnanswered)
)
async def publicity(
    case_id: UUID, form: PublicityForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """File that publicity has ended (公示)."""
    return await _shown(db, await commands.publicise(db, case_id, form, version=version), response)


@router.post("/{case_id}/town-review", **_step("cases:review", errors.SamePerson, errors.KinDecides))
async def town_review(
    case_id: UUID, form: TownReviewForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """Agree at the town (乡镇审核); not by who checked the household."""
    return await _shown(db, await commands.review(db, case_id, form, version=version), response)


@router.post(
    "/{case_id}/joint-check",
    **_step(
        "cases:compare",
        Invalid,
        errors.SamePerson,
        errors.KinDecides,
        errors.DepartmentNotHeard,
        errors.OpinionUnanswered,
        DoubtUnexplained,
    ),
)
async def joint_check(
    case_id: UUID, form: JointCheckForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """File what departments said (部门联审), objections with answers; not by who checked, deliberated or reviewed."""
    return await _shown(db, await commands.check_jointly(db, case_id, form, version=version), response)


@router.post(
    "/{case_id}/county-approval",
    **_step(
        "cases:approve",
        errors.SamePerson,
        errors.KinDecides,
        errors.PersonGone,
        errors.RiskUnchecked,
        errors.CriteriaNotMet,
        MonitoredAlready,
    ),
)
async def county_approval(
    case_id: UUID, form: ApprovalForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """Approve or refuse at the county (县级审定); not by who had a part in checking, deliberating or reviewing.

    Where kin of the household hold office or sat in the deliberation, the case waits for a second approver.
    ``monitored_id`` is the object.
    """
    return await _shown(db, await commands.approve(db, case_id, form, version=version), response)


@router.post("/{case_id}/announcement", **_step("cases:check"))
async def announcement(
    case_id: UUID, form: AnnouncementForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """File announcement and entry into the national system (公告录入): the case ends."""
    return await _shown(db, await commands.announce(db, case_id, form, version=version), response)


@router.post("/{case_id}/return", **_step("cases:review", errors.NotAnEarlierStep, errors.ApprovedAlready))
async def return_to_step(
    case_id: UUID, form: ReturnForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """Send it back to an earlier step, with the reason."""
    return await _shown(db, await commands.return_case(db, case_id, form, version=version), response)


@router.post(
    "/{case_id}/withdrawal", **_step("cases:check", errors.ApprovedAlready, errors.WithdrawalPending)
)
async def propose_withdrawal(
    case_id: UUID, form: WithdrawalForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """File that the household wants it no more (农户撤回), as it signed; another person has to agree.

    Whatever is done about the case meanwhile takes this off the table.
    """
    return await _shown(db, await commands.propose_withdrawal(db, case_id, form, version=version), response)


@router.post("/{case_id}/withdrawal/confirmation", **_step("cases:review", *_ON_WITHDRAWAL))
async def withdraw(
    case_id: UUID, form: OpinionForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """End it at the household's wish, as another person than who took it down."""
    return await _shown(db, await commands.withdraw(db, case_id, form, version=version), response)


@router.post("/{case_id}/withdrawal/return", **_step("cases:review", *_ON_WITHDRAWAL))
async def turn_withdrawal_down(
    case_id: UUID, form: ReasonForm, version: IfMatch, db: Writing, response: Response
) -> CaseFile:
    """Find that the household does not want out: the case goes on where it stands."""
    return await _shown(db, await commands.turn_withdrawal_down(db, case_id, form, version=version), response)


async def _shown(db: Reader, case: IdentificationCase, response: Response) -> CaseFile:
    tagged(response, case)
    return (await queries.get_file(db, case.id))[1]
