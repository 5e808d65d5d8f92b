"""Progress: households due and visited, findings by division and area; counted live, in three statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import col

from services.inspection.campaigns.model import Campaign
from services.inspection.campaigns.schemas import DivisionProgress, FindingCounts, Progress
from services.inspection.findings.model import Finding, FindingStatus, is_overdue
from services.inspection.replicas.model import Household
from services.inspection.replicas.queries import names_of
from services.inspection.visits.model import Coverage
from shared.database import Reader, inside

By = Literal["county", "town", "village"]
_DIGITS: dict[By, int] = {"county": 6, "town": 9, "village": 12}


async def progress_of(db: Reader, campaign_id: UUID, *, by: By, division: str | None) -> Progress:
    """Return how far a campaign is within ``division`` (default: all that the caller sees of it)."""
    campaign = await db.get(Campaign, campaign_id)
    whole = division or campaign.division_code
    households = await households_by(db, campaign_id, by, inside(Household.division_code, whole))
    findings, areas = await _findings(db, campaign_id, by, whole)
    codes = sorted(households.keys() | findings.keys())
    names = await names_of(db, [*codes, whole])
    divisions = [
        _progress(code, names.get(code), *households.get(code, (0, 0)), findings[code]) for code in codes
    ]
    due, visited = (sum(numbers) for numbers in zip((0, 0), *households.values(), strict=True))
    total = _progress(whole, names.get(whole), due, visited, sum(findings.values(), FindingCounts()))
    return Progress(
        campaign_id=campaign_id, by=by, as_of=db.now, total=total, divisions=divisions, areas=areas
    )


async def households_by(
    db: Reader, campaign_id: UUID, by: By, *conditions: ColumnElement[bool]
) -> Mapping[str, tuple[int, int]]:
    """Return by division how many households are due and visited."""
    division = _level(Household, by)
    seen = and_(col(Coverage.campaign_id) == campaign_id, col(Coverage.household_id) == col(Household.id))
    rows = await db.rows(
        select(division, func.count(), func.count(col(Coverage.visit_id)))
        .select_from(Household)
        .outerjoin(Coverage, seen)
        .where(*conditions)
        .group_by(division)
    )
    return {code: (due, visited) for code, due, visited in rows}


async def _findings(
    db: Reader, campaign_id: UUID, by: By, whole: str
) -> tuple[dict[str, FindingCounts], dict[str, FindingCounts]]:
    """Return counts by division and by area of inspection."""
    division, area = _level(Finding, by), func.split_part(col(Finding.item), "-", 1)
    closed = func.count(col(Finding.closed_on))
    rows = await db.rows(
        select(
            division,
            area,
            func.count(),
            closed,
            func.count().filter(col(Finding.status) == FindingStatus.MERGED),
            func.count().filter(is_overdue(db.today)),
            func.count().filter(col(Finding.on_the_spot)),
        )
        .where(col(Finding.campaign_id) == campaign_id, inside(Finding.division_code, whole))
        .group_by(division, area)
    )
    by_division: dict[str, FindingCounts] = defaultdict(FindingCounts)
    by_area: dict[str, FindingCounts] = {f"A{number}": FindingCounts() for number in range(1, 9)}
    for code, area_code, raised, done, merged, overdue, on_the_spot in rows:
        counts = FindingCounts(
            raised=raised,
            closed=done,
            merged=merged,
            open=raised - done - merged,
            overdue=overdue,
            on_the_spot=on_the_spot,
        )
        by_division[code] += counts
        by_area[area_code] = by_area.get(area_code, FindingCounts()) + counts
    return by_division, by_area


def _level(model: type[Household | Finding], by: By) -> ColumnElement[str]:
    """Return the expression for the division of a level in which a row lies."""
    return func.rpad(func.left(col(model.division_code), _DIGITS[by]), 12, "0")


def _progress(
    code: str, name: str | None, due: int, visited: int, findings: FindingCounts
) -> DivisionProgress:
    coverage = round(100 * visited / due, 1) if due else None
    return DivisionProgress(
        division_code=code, name=name, due=due, visited=visited, coverage=coverage, findings=findings
    )
