"""Giving households to officers: whom entries mean, and the one statement by which they become theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    FromClause,
    Select,
    String,
    Uuid,
    and_,
    case,
    column,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on, insert
from sqlmodel import col

from services.inspection.assignments.model import Assignment
from services.inspection.assignments.schemas import AssignmentDraft
from services.inspection.assignments.turns import UNIT
from services.inspection.campaigns.model import Campaign
from services.inspection.campaigns.scope import due
from services.inspection.replicas.model import Household
from shared.database import Writer
from shared.domain.division import within

#: A village; of it perhaps one group only, or one grid.
Place = tuple[str, str | None, str | None]
#: Household, its division, its officer.
Given = Select[tuple[UUID, str, str]]


def places_of(
    entries: Iterable[AssignmentDraft], grids: Mapping[UUID, str], villages: Sequence[str]
) -> dict[Place, str]:
    """Return whose each village is, and its groups and grids that have an officer: the later entry wins."""
    return {
        (village, each.group_name, str(each.grid_id) if each.grid_id else None): each.officer
        for each in entries
        if (code := grids[each.grid_id] if each.grid_id else each.division_code)
        for village in villages
        if within(village, code)
    }


def meant(campaign: Campaign, places: Mapping[Place, str], named: Mapping[UUID, str]) -> Given:
    """Return the households that are to be visited in those places, and those named; the narrower wins."""
    spots = [[place[part] for place in places] for part in range(3)]
    place = _listed("place", village=spots[0], group=spots[1], unit=spots[2], officer=list(places.values()))
    name = _listed("name", id=list(named), officer=list(named.values()))
    home, village = col(Household.id), col(Household.division_code)
    there = and_(
        village == place.c.village,
        or_(place.c.group.is_(None), place.c.group == col(Household.group_name)),
        or_(place.c.unit.is_(None), place.c.unit == literal_column(UNIT)),
    )
    narrowness = case((place.c.unit.is_not(None), 2), (place.c.group.is_not(None), 1), else_=0)
    found = union_all(
        select(home, village, place.c.officer, narrowness.label("narrowness"))
        .join_from(Household, place, there)
        .where(due(campaign)),
        select(home, village, name.c.officer, literal(3)).join_from(Household, name, home == name.c.id),
    ).subquery("found")
    return (
        select(found.c.id, found.c.division_code, found.c.officer)
        .ext(distinct_on(found.c.id))
        .order_by(found.c.id, found.c.narrowness.desc())
    )


def shared_out(officers: Mapping[UUID, str]) -> Given:
    """Return households that have been shared out, each with its officer."""
    share = _listed("share", id=list(officers), officer=list(officers.values()))
    home = col(Household.id)
    return (
        select(home, col(Household.division_code), share.c.officer)
        .join_from(Household, share, home == share.c.id)
        .order_by(home)
    )


async def give(db: Writer, campaign_id: UUID, given: Given) -> int:
    """Give households to officers, in the order of keys; return how many have another one than before."""
    each = given.subquery("given")
    adding = insert(Assignment).from_select(
        ["id", "campaign_id", "household_id", "division_code", "officer"],
        select(func.gen_random_uuid(), literal(campaign_id), *each.c),
    )
    new = adding.excluded.officer
    done = await db.execute(
        adding.on_conflict_do_update(
            index_elements=["campaign_id", "household_id"],
            set_={"officer": new, "reason": null()},
            where=col(Assignment.officer) != new,
        )
    )
    return done.rowcount


def _listed(name: str, **columns: Sequence[Any]) -> FromClause:
    """Return rows that are sent along, column by column."""
    kinds = {key: Uuid() if key == "id" else String() for key in columns}
    sent = [literal(values, ARRAY(kinds[key])) for key, values in columns.items()]
    rows = func.unnest(*sent).table_valued(*(column(key, kind) for key, kind in kinds.items()), name=name)
    return rows.render_derived()
