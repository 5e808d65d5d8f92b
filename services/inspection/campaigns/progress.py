"""Progress: households due and visited, findings by division, area and officer; read from tallies, never recounted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, union_all
from sqlmodel import col

from services.inspection.assignments.model import Assignment
from services.inspection.assignments.queries import over
from services.inspection.campaigns.model import Campaign
from services.inspection.campaigns.schemas import (
    DivisionProgress,
    FindingCounts,
    OfficerProgress,
    Progress,
)
from services.inspection.campaigns.scope import in_scope, left_scope
from services.inspection.findings.model import ENDED, FindingStatus
from services.inspection.replicas.model import Household
from services.inspection.replicas.queries import names_of
from services.inspection.tallies.model import FindingTally, HouseholdTally, OfficerTally
from services.inspection.visits.model import Coverage
from shared.database import Reader, inside

By = Literal["county", "town", "village", "officer"]
Level = Literal["county", "town", "village"]
_DIGITS: dict[Level, int] = {"county": 6, "town": 9, "village": 12}


async def progress_of(db: Reader, campaign_id: UUID, *, by: By, division: str | None) -> Progress:
    """Return how far a campaign is within ``division`` (default: all that the caller sees of it)."""
    campaign = await db.get(Campaign, campaign_id)
    whole = division or campaign.division_code
    level: Level = "county" if by == "officer" else by
    households = await households_by(db, campaign, level, whole)
    findings, areas = await _findings(db, campaign_id, level, whole)
    codes = sorted(households.keys() | findings.keys())
    names = await names_of(db, [*codes, whole])
    divisions = [
        _progress(code, names.get(code), *households.get(code, (0, 0)), findings[code]) for code in codes
    ]
    due, visited = (sum(numbers) for numbers in zip((0, 0), *households.values(), strict=True))
    total = _progress(whole, names.get(whole), due, visited, sum(findings.values(), FindingCounts()))
    return Progress(
        campaign_id=campaign_id,
        by=by,
        as_of=db.now,
        total=total,
        divisions=[] if by == "officer" else divisions,
        officers=await _officers(db, campaign_id, whole) if by == "officer" else [],
        areas=areas,
    )


async def households_by(
    db: Reader, campaign: Campaign, level: Level, whole: str
) -> Mapping[str, tuple[int, int]]:
    """Return by division within ``whole`` how many households are due, and how many of them visited.

    Whoever was visited stays due when they are gone: else one who is gone would stand in for one whom nobody has seen.
    """
    there = (
        select(place := _level(HouseholdTally, level), func.sum(HouseholdTally.households))
        .where(in_scope(campaign, HouseholdTally, whole))
        .group_by(place)
        .having(func.sum(HouseholdTally.households) > 0)
    )
    gone = (
        select(place := _level(Household, level), func.count())
        .join(Coverage, col(Coverage.household_id) == col(Household.id))
        .where(col(Coverage.campaign_id) == campaign.id, left_scope(campaign, whole))
        .group_by(place)
    )
    seen = await db.rows(
        select(place := _level(OfficerTally, level), func.sum(OfficerTally.visited))
        .where(col(OfficerTally.campaign_id) == campaign.id, inside(OfficerTally.division_code, whole))
        .group_by(place)
        .having(func.sum(OfficerTally.visited) > 0)
    )
    due, visited = Counter[str](), Counter[str]()
    for counter, rows in ((due, await db.rows(union_all(there, gone))), (visited, seen)):
        for code, count in rows:
            counter[code] += count
    return {code: (due[code], visited[code]) for code in due.keys() | visited.keys()}


async def _findings(
    db: Reader, campaign_id: UUID, level: Level, whole: str
) -> tuple[dict[str, FindingCounts], dict[str, FindingCounts]]:
    """Return counts by division and by area of inspection."""
    division, status = _level(FindingTally, level), col(FindingTally.status)
    rows = await db.rows(
        select(
            division,
            col(FindingTally.area),
            func.sum(FindingTally.findings),
            _of(status == FindingStatus.CLOSED),
            _of(status == FindingStatus.MERGED),
            _of(status == FindingStatus.SUBMITTED),
            _of(status.not_in(ENDED)),
            _of(col(FindingTally.deadline_on) < db.today),
            func.sum(FindingTally.on_the_spot),
        )
        .where(col(FindingTally.campaign_id) == campaign_id, inside(FindingTally.division_code, whole))
        .group_by(division, FindingTally.area)
        .having(func.sum(FindingTally.findings) > 0)
    )
    by_division: dict[str, FindingCounts] = defaultdict(FindingCounts)
    by_area: dict[str, FindingCounts] = {f"A{number}": FindingCounts() for number in range(1, 9)}
    for code, area, *numbers in rows:
        counts = FindingCounts(**dict(zip(_COUNTS, numbers, strict=True)))
        by_division[code] += counts
        by_area[area] = by_area.get(area, FindingCounts()) + counts
    return by_division, by_area


#: In the order of the statement above.
_COUNTS = ("raised", "closed", "merged", "submitted", "open", "overdue", "on_the_spot")


def _of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, FindingTally.findings), else_=0))


async def _officers(db: Reader, campaign_id: UUID, whole: str) -> list[OfficerProgress]:
    """Return what each officer did, by name."""
    rows = await db.rows(
        select(
            col(OfficerTally.officer),
            *(
                func.sum(column)
                for column in (
                    OfficerTally.assigned,
                    OfficerTally.visited,
                    OfficerTally.raised,
                    OfficerTally.closed,
                )
            ),
        )
        .where(col(OfficerTally.campaign_id) == campaign_id, inside(OfficerTally.division_code, whole))
        .group_by(OfficerTally.officer)
        .order_by(OfficerTally.officer)
    )
    gone = await _gone_unseen(db, campaign_id, whole)
    return [
        OfficerProgress(
            officer=officer,
            assigned=assigned - gone.get(officer, 0),
            visited=visited,
            raised=raised,
            closed=closed,
        )
        for officer, assigned, visited, raised, closed in rows
        if assigned or visited or raised
    ]


async def _gone_unseen(db: Reader, campaign_id: UUID, whole: str) -> dict[str, int]:
    """Return by officer how many of their households went before anybody came: nobody is to visit those any more."""
    rows = await db.rows(
        select(col(Assignment.officer), func.count().label("gone"))
        .where(
            col(Assignment.campaign_id) == campaign_id,
            inside(Assignment.division_code, whole),
            over(campaign_id),
        )
        .group_by(Assignment.officer)
    )
    return {row.officer: row.gone for row in rows}


def _level(
    model: type[Household | HouseholdTally | FindingTally | OfficerTally], level: Level
) -> ColumnElement[str]:
    """Return the expression for the division of a level in which a row lies."""
    return func.rpad(func.left(col(model.division_code), _DIGITS[level]), 12, "0")


def _progress(
    code: str, name: str | None, due: int, visited: int, findings: FindingCounts
) -> DivisionProgress:
    coverage = round(100 * visited / due, 1) if due else None
    return DivisionProgress(
        division_code=code, name=name, due=due, visited=visited, coverage=coverage, findings=findings
    )
