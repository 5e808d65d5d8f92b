"""``/households/{id}/incomes``, ``/incomes`` and ``/income-lines``."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from services.household.households.errors import DateAhead
from services.household.households.queries import get_household
from services.household.households.schemas import HouseholdView
from services.household.incomes import commands
from services.household.incomes.errors import NobodyShares, NothingStated, TotalsDiffer
from services.household.incomes.queries import explain_income, summarise_incomes
from services.household.incomes.schemas import IncomeExplained, IncomeSummary, LineView, NewIncome
from services.household.incomes.views import line_view
from shared.domain.division import DivisionCode
from shared.domain.income_line import IncomeLineUnknown, income_line
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Reading, Router, Writing, refusals, requires, tagged
from shared.web.concurrency import PreconditionNeeded
from shared.web.language import InLanguage

router = Router(tags=["家庭收入 incomes"])
_CHANGES = (NotFound, Stale, PreconditionNeeded)
Year = Annotated[int, Query(ge=1978, le=2100)]
YearStated = Annotated[int, Path(ge=1978, le=2100)]


@router.post(
    "/households/{household_id}/incomes",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, DateAhead, TotalsDiffer, NobodyShares, NothingStated),
)
async def state_income(
    db: Writing, response: Response, household_id: UUID, version: IfMatch, new: NewIncome
) -> HouseholdView:
    """Enter a yearly statement of income, or state a year anew."""
    tagged(response, await commands.state_income(db, household_id, version, new))
    return await get_household(db, household_id)


@router.get(
    "/households/{household_id}/incomes/{year}",
    dependencies=[requires("households:read")],
    responses=refusals(NotFound),
)
async def explain(db: Reading, household_id: UUID, year: YearStated, language: InLanguage) -> IncomeExplained:
    """Explain a year's per-capita net income line by line, beside the line of the monitoring range."""
    return await explain_income(db, household_id, year, language)


@router.post(
    "/households/{household_id}/incomes/{year}/withdrawal",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES),
)
async def withdraw_income(
    db: Writing, response: Response, household_id: UUID, year: YearStated, version: IfMatch
) -> HouseholdView:
    """Take a wrong statement back; its history stays."""
    tagged(response, await commands.withdraw_income(db, household_id, version, year))
    return await get_household(db, household_id)


@router.get(
    "/incomes/summary", dependencies=[requires("households:read")], responses=refusals(IncomeLineUnknown)
)
async def summary(db: Reading, division: DivisionCode, year: Year) -> IncomeSummary:
    """Count households by how their income of a year stands to the line, in a division and directly below it."""
    return await summarise_incomes(db, division, year)


@router.get(
    "/income-lines", dependencies=[requires("households:read")], responses=refusals(IncomeLineUnknown)
)
async def line_of(db: Reading, division: DivisionCode, on: date | None = None) -> LineView:
    """Return the income line of the monitoring range that holds in a division on a day, today if none is named."""
    return line_view(income_line(division, on or db.today))
