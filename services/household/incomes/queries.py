"""Questions about incomes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from services.household.households.model import Household, Income
from services.household.households.views import income_view
from services.household.incomes.rules import change_in_percent
from services.household.incomes.schemas import IncomeExplained, IncomeSpread, IncomeSummary
from services.household.incomes.views import compared, line_view, steps_of
from shared.database import Reader
from shared.domain.division import area_range, width_below
from shared.domain.income_line import IncomeLine, IncomeLineUnknown, income_line
from shared.refusal import NotFound
from shared.web.language import Language

#: Up to here above the line, as a multiple of it, a household is near it.
_NEAR = Decimal("1.5")
#: Parameters: year, area's low and high end, digits of the parts, the line, the multiple.
_SPREAD = """
    SELECT rpad(left(h.division_code, $4), 12, '0') AS division_code, count(*) AS households,
        count(*) FILTER (WHERE i.per_capita IS NULL) AS without_statement,
        count(*) FILTER (WHERE i.per_capita < $5) AS below,
        count(*) FILTER (WHERE i.per_capita >= $5 AND i.per_capita < $5 * $6) AS near,
        count(*) FILTER (WHERE i.per_capita >= $5 * $6) AS above
    FROM household h LEFT JOIN income i ON i.household_id = h.id AND i.year = $1
    WHERE h.division_code >= $2 AND h.division_code < $3 AND h.member_count > 0
    GROUP BY 1 ORDER BY 1
"""


async def explain_income(db: Reader, household_id: UUID, year: int, language: Language) -> IncomeExplained:
    """Return a year's statement, explained."""
    household = await db.get(Household, household_id)
    until = select(Income).where(Income.household_id == household_id, Income.year <= year)
    income, before = [*await db.all(until.order_by(col(Income.year).desc()).limit(2)), None, None][:2]
    if income is None or income.year != year:
        raise NotFound
    fields = income.model_dump()
    line = _line_of(household.division_code, year, db.today)
    return IncomeExplained(
        **fields | income_view(fields).model_dump(),
        steps=steps_of(fields, language),
        compared=compared(fields, line, language) if line else None,
        previous_year=before.year if before else None,
        change_percent=change_in_percent(income.per_capita, before.per_capita) if before else None,
    )


async def summarise_incomes(db: Reader, division: str, year: int) -> IncomeSummary:
    """Count the households of a division by how they stand to the line: one statement, whatever it holds."""
    line = income_line(division, _last_day(year, db.today))
    low, high = area_range(division)
    rows = await db.glance(_SPREAD, year, low, high, width_below(division), line.amount, _NEAR)
    parts = [IncomeSpread(**row) for row in rows]
    figures = set(IncomeSpread.model_fields) - {"division_code"}
    summed = {name: sum(getattr(part, name) for part in parts) for name in figures}
    total = IncomeSpread(division_code=division, **summed)
    return IncomeSummary(year=year, line=line_view(line), total=total, parts=parts)


def _line_of(division: str, year: int, today: date) -> IncomeLine | None:
    try:
        return income_line(division, _last_day(year, today))
    except IncomeLineUnknown:
        return None


def _last_day(year: int, today: date) -> date:
    """Return the day whose line is a year's: its last one, or today while it lasts."""
    return min(date(year, 12, 31), today)
