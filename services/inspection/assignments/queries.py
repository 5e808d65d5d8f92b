"""Who has to visit what, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, not_, select as rows_of, tuple_
from sqlmodel import col, select

from services.inspection.assignments.model import Assignment
from services.inspection.assignments.schemas import AssignedHousehold, AssignmentView
from services.inspection.campaigns.model import Campaign
from services.inspection.campaigns.scope import due
from services.inspection.replicas.model import Household
from services.inspection.replicas.queries import names_of
from services.inspection.visits.model import Coverage
from shared.database import Page, PageQuery, Reader, inside
from shared.database.paging import cut, decode_cursor
from shared.domain.division import area_range

#: Conditions and expressions over ``household h``: who is visited first (八必访) as far as it is known here, and the
#: unit that a household belongs to.
PRIORITY = """
    (coalesce((household.facts ->> 'minimum_living')::boolean, false)
    OR coalesce((household.facts ->> 'destitute')::boolean, false)
    OR EXISTS (
        SELECT FROM monitored m WHERE m.household_id = household.id AND m.status NOT IN ('eliminated', 'closed')))
"""
UNIT = "coalesce(household.facts ->> 'grid_id', household.group_name, '')"
#: $1 campaign, $2 and $3 the area, $4 the officer or null, $5 visited or null, $6 to $10 the last one before, $11 the
#: limit. In the order in which to go: those to visit first, then unit by unit.
_HOUSEHOLDS = f"""
    SELECT * FROM (
        SELECT household.id, household.number, household.division_code, household.group_name, household.kind,
            household.head_name, assignment.officer, grid.number AS grid_number, {PRIORITY} AS priority, {UNIT} AS unit,
            EXISTS (SELECT FROM coverage c WHERE c.campaign_id = $1 AND c.household_id = household.id) AS visited
        FROM assignment JOIN household ON household.id = assignment.household_id
        LEFT JOIN grid ON grid.id::text = household.facts ->> 'grid_id'
        WHERE assignment.campaign_id = $1 AND assignment.division_code >= $2 AND assignment.division_code < $3
            AND ($4::text IS NULL OR assignment.officer = $4) AND household.inhabited
    ) listed
    WHERE ($5::boolean IS NULL OR visited = $5)
        AND (NOT priority, division_code, unit, number, id) > ($6::boolean, $7::text, $8::text, $9::text, $10::uuid)
    ORDER BY NOT priority, division_code, unit, number, id LIMIT $11
"""  # noqa: S608 - the parts stand above
_FIRST = (False, "", "", "", UUID(int=0))


async def list_assignments(
    db: Reader, campaign_id: UUID, *, division: str | None, officer: str | None, page: PageQuery
) -> Page[AssignmentView]:
    """List villages' officers with the households that are theirs and those of them that were visited."""
    campaign = await db.get(Campaign, campaign_id)
    place, name = col(Assignment.division_code), col(Assignment.officer)
    wanted = (
        rows_of(
            place, name, func.count().filter(not_(over(campaign_id))), func.count().filter(_seen(campaign_id))
        )
        .where(
            col(Assignment.campaign_id) == campaign_id,
            inside(Assignment.division_code, division or campaign.division_code),
        )
        .group_by(place, name)
        .order_by(place, name)
        .limit(page.limit + 1)
    )
    if officer:
        wanted = wanted.where(name == officer)
    if page.cursor:
        after = decode_cursor(page.cursor, [str, str])
        wanted = wanted.where(tuple_(place, name) > tuple_(*map(literal, after)))
    rows = await db.rows(wanted)
    names = await names_of(db, [code for code, *_ in rows])
    items = [
        AssignmentView(
            division_code=code, division_name=names.get(code), officer=who, due=count, visited=visited
        )
        for code, who, count, visited in rows
    ]
    return cut(items, page.limit, lambda last: [last.division_code, last.officer])


async def list_households(
    db: Reader,
    campaign_id: UUID,
    *,
    division: str | None,
    officer: str | None,
    visited: bool | None,
    page: PageQuery,
) -> Page[AssignedHousehold]:
    """List assigned households in the order in which to go: those to visit first, then unit by unit."""
    campaign = await db.get(Campaign, campaign_id)
    low, high = area_range(division or campaign.division_code)
    after = decode_cursor(page.cursor, [bool, str, str, str, UUID]) if page.cursor else _FIRST
    rows = await db.glance(_HOUSEHOLDS, campaign_id, low, high, officer, visited, *after, page.limit + 1)
    return cut(rows, page.limit, _place_in_turn).each(lambda row: AssignedHousehold(**row))


def _place_in_turn(row: Mapping[str, Any]) -> list[Any]:
    return [not row["priority"], *(row[name] for name in ("division_code", "unit", "number", "id"))]


async def list_unassigned(
    db: Reader, campaign_id: UUID, *, division: str | None, page: PageQuery
) -> Page[Household]:
    """List the households that nobody is to visit, village by village."""
    campaign = await db.get(Campaign, campaign_id)
    wanted = select(Household).where(due(campaign, division), ~assigned_in(campaign_id))
    return await db.page(wanted, order=[col(Household.division_code), col(Household.id)], page=page)


def over(campaign_id: UUID) -> ColumnElement[bool]:
    """Return what holds of assignments of which nothing is left: nobody lives there any more, and nobody was seen."""
    gone = exists().where(col(Household.id) == col(Assignment.household_id), not_(col(Household.inhabited)))
    return and_(gone, not_(_seen(campaign_id)))


def _seen(campaign_id: UUID) -> ColumnElement[bool]:
    """Return what holds of assignments whose household was visited."""
    return exists().where(
        col(Coverage.campaign_id) == campaign_id,
        col(Coverage.household_id) == col(Assignment.household_id),
    )


def assigned_in(campaign_id: UUID) -> ColumnElement[bool]:
    """Return what holds of households that somebody is to visit."""
    return exists().where(
        col(Assignment.campaign_id) == campaign_id, col(Assignment.household_id) == col(Household.id)
    )
