"""Small credit over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.credits import commands, errors, queries
from services.monitoring.credits.model import SmallCredit
from services.monitoring.credits.schemas import (
    CreditQuery,
    CreditView,
    DoubtForm,
    Doubtful,
    DoubtVerdictForm,
    ExtensionForm,
    GrantForm,
    RepaymentForm,
    TermsForm,
    UseForm,
)
from services.monitoring.dates import DATES
from services.monitoring.replicas.errors import HouseholdUnknown, NotOfHousehold
from shared.database import Page
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/credits", tags=["小额信贷 small credit"])

_BY_RULE = (errors.TooMuchCredit, errors.NotOfCreditAge, errors.NotForThisPurpose, NotOfHousehold)
_MOVES = (NotFound, Stale, errors.CreditClosed, *DATES)


@router.get("", dependencies=[requires("monitored:read")])
async def list_credits(
    db: Reading, filters: Annotated[CreditQuery, Query()], page: Paging
) -> Page[CreditView]:
    """List credits in the order in which they were entered; ``flag`` finds those with a doubt to be settled."""
    found = await queries.page_of(db, filters, page)
    return found.each(CreditView.model_validate)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("monitored:write")],
    responses=refusals(
        HouseholdUnknown,
        NotFound,
        errors.NotForThisHousehold,
        errors.LoanRunning,
        errors.NoCreditMeasure,
        *_BY_RULE,
        *DATES,
    ),
)
async def grant(form: GrantForm, db: Writing, response: Response) -> CreditView:
    """Enter a loan that a bank granted to a lifted household or a monitored object."""
    return _made(await commands.grant(db, form), response)


@router.get("/{credit_id}", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def get_one(credit_id: UUID, db: Reading, response: Response) -> CreditView:
    """Show one credit with its doubts."""
    return _shown(await db.get(SmallCredit, credit_id), response)


@router.post("/{credit_id}/use", dependencies=[requires("monitored:write")], responses=refusals(*_MOVES))
async def use(
    credit_id: UUID, form: UseForm, version: IfMatch, db: Writing, response: Response
) -> CreditView:
    """Say what the money was used for, and by whom; what the rule forbids (户贷企用) becomes a doubt."""
    return _shown(await commands.use(db, credit_id, form, version=version), response)


@router.post(
    "/{credit_id}/repayment",
    dependencies=[requires("monitored:write")],
    responses=refusals(*_MOVES, errors.RepaidTooMuch),
)
async def repay(
    credit_id: UUID, form: RepaymentForm, version: IfMatch, db: Writing, response: Response
) -> CreditView:
    """Enter principal that was paid back; the last part closes the loan."""
    return _shown(await commands.repay(db, credit_id, form, version=version), response)


@router.post(
    "/{credit_id}/extension",
    dependencies=[requires("monitored:write")],
    responses=refusals(*_MOVES, errors.ExtendedTooLate, errors.ExtendedTooFar),
)
async def extend(
    credit_id: UUID, form: ExtensionForm, version: IfMatch, db: Writing, response: Response
) -> CreditView:
    """Give a loan more time, before it falls due (展期)."""
    return _shown(await commands.extend(db, credit_id, form, version=version), response)


@router.post(
    "/{credit_id}/renewal",
    status_code=201,
    dependencies=[requires("monitored:write")],
    responses=refusals(*_MOVES, HouseholdUnknown, *_BY_RULE),
)
async def renew(
    credit_id: UUID, form: TermsForm, version: IfMatch, db: Writing, response: Response
) -> CreditView:
    """Settle a loan by a new one to the same person (续贷); ``Location`` is the new one."""
    return _made(await commands.renew(db, credit_id, form, version=version), response)


@router.post(
    "/{credit_id}/doubts",
    dependencies=[requires("monitored:write")],
    responses=refusals(NotFound, Stale, errors.DoubtedAlready, *DATES),
)
async def doubt(
    credit_id: UUID, form: DoubtForm, version: IfMatch, db: Writing, response: Response
) -> CreditView:
    """Say what speaks against a loan, whatever was entered about its use."""
    return _shown(await commands.doubt(db, credit_id, form, version=version), response)


@router.post(
    "/{credit_id}/doubts/{flag}/verdict",
    dependencies=[requires("cases:review")],
    responses=refusals(NotFound, Stale, errors.NoDoubt, errors.SamePersonSettles, *DATES),
)
async def settle(
    credit_id: UUID, flag: Doubtful, form: DoubtVerdictForm, version: IfMatch, db: Writing, response: Response
) -> CreditView:
    """Confirm or refute a doubt with evidence, as another person than the one who raised it."""
    return _shown(await commands.settle(db, credit_id, flag, form, version=version), response)


def _made(credit: SmallCredit, response: Response) -> CreditView:
    response.headers["Location"] = f"/credits/{credit.id}"
    return _shown(credit, response)


def _shown(credit: SmallCredit, response: Response) -> CreditView:
    tagged(response, credit)
    return CreditView.model_validate(credit)
