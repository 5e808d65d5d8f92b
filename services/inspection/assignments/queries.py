"""Who has to visit what, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, not_, select as rows_of, text, tuple_
from sqlmodel import col, select

from services.inspection.assignments.model import Assignment
from services.inspection.assignments.schemas import AssignedHousehold, AssignmentView
from services.inspection.assignments.turns import turns
from services.inspection.campaigns.model import Campaign
from services.inspection.campaigns.scope import due
from services.inspection.replicas.model import Household
from services.inspection.replicas.queries import names_of
from services.inspection.visits.model import Coverage
from shared.database import Page, PageQuery, Reader, inside
from shared.database.paging import cut, decode_cursor
from shared.domain.division import area_range

#: From its sixth time on a connection would run a query by a plan for any values, which knows neither how many are
#: assigned nor where the page begins: where few are, it took most of a second instead of some 30 ms.
_PLANNED_EACH_TIME = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
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
    query = turns(visited=visited, of_officer=officer is not None)
    whose = [] if officer is None else [officer]
    await db.scalar(_PLANNED_EACH_TIME)
    rows = await db.glance(query, campaign_id, low, high, *after, page.limit + 1, *whose)
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
