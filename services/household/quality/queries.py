"""Questions about data quality: what a run counted, and what a check finds at this moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, select as sa_select
from sqlmodel import col, select

from services.household.households.model import Household, Member
from services.household.quality.catalog import Check, Severity, check_of, checks
from services.household.quality.model import QualityFigure, QualityRun
from services.household.quality.schemas import (
    CheckFigure,
    CheckView,
    Found,
    HouseholdFound,
    PlaceFigure,
    RunLine,
    RunView,
)
from shared.clock import CHINA
from shared.database import Page, PageQuery, Reader
from shared.domain.division import NATION, area_range, width_below
from shared.web.language import Language


def list_checks(language: Language) -> list[CheckView]:
    """Return all checks in words."""
    return [_view(check, language) for check in checks()]


async def list_runs(
    db: Reader, page: PageQuery, *, division: str | None, since: date | None
) -> Page[RunLine]:
    """List runs, the oldest first, with what each found within a division, of what the caller sees."""
    wanted = select(QualityRun)
    if since:
        wanted = wanted.where(col(QualityRun.started_at) >= datetime.combine(since, time.min, CHINA))
    found = await db.page(wanted, order=[QualityRun.started_at, QualityRun.id], page=page)
    counted = await _by_check(db, [run.id for run in found.items], division or NATION)
    items = [RunLine(**run.model_dump(), **_graded(counted[run.id])) for run in found.items]
    return found.with_items(items)


async def get_run(db: Reader, run_id: UUID, *, division: str | None, language: Language) -> RunView:
    """Return a run's figures within a division, of what the caller sees."""
    run = await db.get(QualityRun, run_id)
    place = division or run.division
    earlier = await db.first(
        select(QualityRun)
        .where(QualityRun.division == run.division, col(QualityRun.finished_at).is_not(None))
        .where(col(QualityRun.started_at) < run.started_at)
        .order_by(col(QualityRun.started_at).desc())
        .limit(1)
    )
    counts = await _by_check(db, [each.id for each in (run, earlier) if each], place)
    before = counts[earlier.id] if earlier else None
    return RunView(
        **run.model_dump(),
        **_graded(counts[run.id]),
        checks=[_figure(check, counts[run.id], before, language) for check in checks()],
        places=await _by_place(db, run.id, place),
    )


async def details_of(db: Reader, code: str, page: PageQuery, *, division: str | None) -> Page[HouseholdFound]:
    """List the households where a check finds something now, by village, with what it finds."""
    listed = check_of(code).found(db.today).subquery("found")
    wanted = select(Household).where(col(Household.id).in_(sa_select(listed.c.household_id)))
    if division:
        low, high = range_of(division)
        wanted = wanted.where(col(Household.division_code) >= low, col(Household.division_code) < high)
    households = await db.page(wanted, order=[Household.division_code, Household.id], page=page)
    ids = [each.id for each in households.items]
    rows = await db.rows(
        sa_select(listed.c.household_id, listed.c.member_id, col(Member.name), listed.c.facts)
        .outerjoin(Member, col(Member.id) == listed.c.member_id)
        .where(listed.c.household_id.in_(ids))
        .order_by(listed.c.household_id, listed.c.member_id)
    )
    of_household: dict[UUID, list[Found]] = defaultdict(list)
    for household_id, member_id, name, facts in rows:
        of_household[household_id].append(Found(member_id=member_id, member_name=name, facts=facts))
    items = [_household(each, of_household[each.id]) for each in households.items]
    return households.with_items(items)


def range_of(division: str) -> tuple[str, str]:
    """Return the range of village codes within a division, or within the whole country."""
    return ("0", ":") if division == NATION else area_range(division)


async def counts_by_check(db: Reader, run_id: UUID) -> Mapping[str, int]:
    """Return what each check found in a whole run."""
    return (await _by_check(db, [run_id], NATION))[run_id]


async def _by_check(db: Reader, run_ids: Collection[UUID], division: str) -> Mapping[UUID, dict[str, int]]:
    low, high = range_of(division)
    run_id, code = col(QualityFigure.run_id), col(QualityFigure.check_code)
    rows = await db.rows(
        sa_select(run_id, code, func.sum(col(QualityFigure.findings)))
        .where(run_id.in_(run_ids))
        .where(col(QualityFigure.division_code) >= low, col(QualityFigure.division_code) < high)
        .group_by(run_id, code)
    )
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    for run, check, findings in rows:
        counts[run][check] = int(findings)
    return counts


async def _by_place(db: Reader, run_id: UUID, division: str) -> list[PlaceFigure]:
    low, high = range_of(division)
    width = 2 if division == NATION else width_below(division)
    place = func.rpad(func.left(col(QualityFigure.division_code), width), 12, "0").label("place")
    rows = await db.rows(
        sa_select(place, col(QualityFigure.check_code), func.sum(col(QualityFigure.findings)))
        .where(col(QualityFigure.run_id) == run_id)
        .where(col(QualityFigure.division_code) >= low, col(QualityFigure.division_code) < high)
        .group_by(place, col(QualityFigure.check_code))
    )
    places: dict[str, dict[str, int]] = defaultdict(dict)
    for code, check, findings in rows:
        places[code][check] = int(findings)
    return [PlaceFigure(division_code=code, **_graded(counts)) for code, counts in sorted(places.items())]


def _graded(counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts by severity. A check that is no more has none: its old figures are counted by nobody."""
    graded: dict[str, int] = dict.fromkeys(Severity, 0)
    for check in checks():
        graded[check.severity] += counts.get(check.code, 0)
    return graded


def _view(check: Check, language: Language) -> CheckView:
    return CheckView(code=check.code, severity=check.severity, **check.words(language).model_dump())


def _figure(
    check: Check, counted: Mapping[str, int], before: Mapping[str, int] | None, language: Language
) -> CheckFigure:
    return CheckFigure(
        **_view(check, language).model_dump(),
        findings=counted.get(check.code, 0),
        before=None if before is None else before.get(check.code, 0),
    )


def _household(household: Household, found: Sequence[Any]) -> HouseholdFound:
    return HouseholdFound(
        household_id=household.id,
        household_number=household.number,
        division_code=household.division_code,
        head_name=household.head_name,
        found=list(found),
    )
