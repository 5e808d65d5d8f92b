"""How far classification is, by town or village: counted from the rows, so that the figures can be traced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from services.monitoring.classes.schemas import PlaceQuery, ProgressLine, ProgressView
from services.monitoring.monitored.states import UNDER_WATCH
from services.monitoring.replicas.queries import names_of
from shared.database import Reader
from shared.domain.division import area_range, width_below

#: $1 the year, $2 and $3 the area, $4 how many digits tell its parts, $5 states under watch.
_COUNTED = """
    SELECT rpad(left(household.division_code, $4), 12, '0') AS place, row.stage, row.decided_class,
        count(*) AS households,
        count(*) FILTER (WHERE row.decided_class <> row.previous_class) AS changed
    FROM household_replica household
    LEFT JOIN support_class row ON row.household_id = household.id AND row.year = $1
    WHERE household.kind = 'lifted' AND household.member_count > 0
        AND household.division_code >= $2 AND household.division_code < $3
        AND NOT EXISTS (
            SELECT FROM monitored_object thing
            WHERE thing.household_id = household.id AND thing.status = ANY($5)
        )
    GROUP BY 1, 2, 3
"""


async def progress(db: Reader, query: PlaceQuery) -> ProgressView:
    """Count a place's households, and those of all directly below it."""
    low, high = area_range(query.division)
    width = width_below(query.division)
    rows = await db.glance(_COUNTED, query.year, low, high, width, sorted(UNDER_WATCH))
    places = sorted({row["place"] for row in rows})
    names = await names_of(db, [query.division, *places])
    lines = [_line(place, names, [row for row in rows if row["place"] == place]) for place in places]
    return ProgressView(year=query.year, total=_line(query.division, names, rows), lines=lines)


def _line(place: str, names: dict[str, str], rows: Iterable[Any]) -> ProgressLine:
    by_class: Counter[str] = Counter()
    by_stage: Counter[str] = Counter()
    households = changed = 0
    for row in rows:
        households += row["households"]
        changed += row["changed"]
        if row["stage"]:
            by_stage[row["stage"]] += row["households"]
        if row["decided_class"]:
            by_class[row["decided_class"]] += row["households"]
    return ProgressLine(
        division_code=place,
        name=names.get(place),
        households=households,
        classified=by_class.total(),
        by_class=dict(by_class),
        by_stage=dict(by_stage),
        changed=changed,
    )
