"""Questions about follow-ups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from services.monitoring.followups.model import FollowUp, FollowUpTurn
from services.monitoring.followups.schemas import (
    FollowUpLine,
    FollowUpProgress,
    FollowUpQuery,
    PlaceQuery,
    TurnQuery,
    TurnView,
)
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.replicas.queries import households_of, names_of
from shared.database import Page, PageQuery, Reader, inside
from shared.domain.division import area_range, width_below

#: $1 and $2 the area, $3 how many digits tell its parts, $4 today. One line a part, and one of NULL for all.
_COUNTED = """
    SELECT rpad(left(division_code, $3), 12, '0') AS place,
        count(*) AS households,
        count(*) FILTER (WHERE kind = 'monitored') AS monitored,
        count(*) FILTER (WHERE last_on IS NULL) AS unvisited,
        count(*) FILTER (WHERE due_on BETWEEN $4 AND $4 + 6) AS due_soon,
        count(*) FILTER (WHERE due_on < $4) AS overdue,
        count(*) FILTER (WHERE level <> 'village') AS escalated
    FROM follow_up_turn
    WHERE due_on IS NOT NULL AND division_code >= $1 AND division_code < $2
    GROUP BY GROUPING SETS ((1), ()) ORDER BY 1 NULLS LAST
"""


async def page_of(db: Reader, query: FollowUpQuery, page: PageQuery) -> Page[FollowUp]:
    """Return follow-ups in the order in which they were entered."""
    conditions: list[ColumnElement[bool]] = []
    if query.division:
        conditions.append(inside(FollowUp.division_code, query.division))
    if query.household_id is not None:
        conditions.append(col(FollowUp.household_id) == query.household_id)
    if query.way:
        conditions.append(col(FollowUp.way).in_(query.way))
    if query.unsolved is not None:
        left = col(FollowUp.unsolved) > 0
        conditions.append(left if query.unsolved else ~left)
    return await db.page(select(FollowUp).where(*conditions), order=[col(FollowUp.id)], page=page)


async def page_of_object(db: Reader, monitored_id: UUID, page: PageQuery) -> Page[FollowUp]:
    """Return all follow-ups of an object's household, also those of before it came under watch."""
    thing = await db.get(MonitoredObject, monitored_id)
    return await page_of(db, FollowUpQuery(household_id=thing.household_id), page)


async def page_of_turns(db: Reader, query: TurnQuery, page: PageQuery) -> Page[TurnView]:
    """Return households to be visited, the most urgent first."""
    found = await db.page(
        select(FollowUpTurn).where(*_matching(query, db.today)),
        order=[col(FollowUpTurn.due_on), col(FollowUpTurn.id)],
        page=page,
    )
    households = await households_of(db, [turn.id for turn in found.items])
    return found.each(lambda turn: TurnView.of(turn, households.get(turn.id), today=db.today))


async def progress(db: Reader, query: PlaceQuery) -> FollowUpProgress:
    """Count a place's households to be visited, and those of all directly below it."""
    low, high = area_range(query.division)
    *lines, total = await db.glance(_COUNTED, low, high, width_below(query.division), db.today)
    names = await names_of(db, [query.division, *(row["place"] for row in lines)])
    return FollowUpProgress(
        total=_line(query.division, names, dict(total)),
        lines=[_line(row["place"], names, dict(row)) for row in lines],
    )


def _line(place: str, names: dict[str, str], counts: dict[str, int]) -> FollowUpLine:
    counts.pop("place")
    return FollowUpLine(division_code=place, name=names.get(place), **counts)


def _matching(query: TurnQuery, today: date) -> Iterator[ColumnElement[bool]]:
    yield col(FollowUpTurn.due_on).is_not(None)
    if query.division:
        yield inside(FollowUpTurn.division_code, query.division)
    if query.official is not None:
        yield col(FollowUpTurn.official) == query.official
    for column, wanted in ((col(FollowUpTurn.kind), query.kind), (col(FollowUpTurn.level), query.level)):
        if wanted:
            yield column.in_(wanted)
    if query.until is not None:
        yield col(FollowUpTurn.due_on) <= query.until
    if query.overdue is not None:
        late = col(FollowUpTurn.due_on) < today
        yield late if query.overdue else ~late
