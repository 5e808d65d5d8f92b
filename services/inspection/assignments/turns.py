"""In which order to go: those to visit first (八必访), then unit by unit; a page of it reads the villages it lies in.

To sort all that is assigned takes a county seconds, and each page would again. The order begins with the village, so a
page walks the index of villages from where the one before ended and stops after the village with its last household;
only those few are sorted by what the order says besides.
"""

from __future__ import annotations

from functools import cache

from services.inspection.replicas.model import NEEDY

#: Conditions and expressions over ``household``: whether it is monitored; whether it is to be visited first, as far as
#: that is known here; the unit that it belongs to; whether it was visited.
_MONITORED = """
    EXISTS (SELECT FROM monitored m WHERE m.household_id = household.id AND m.status NOT IN ('eliminated', 'closed'))
"""
PRIORITY = f"({NEEDY} OR {_MONITORED})"
UNIT = "coalesce(household.facts ->> 'grid_id', household.group_name, '')"
_VISITED = "EXISTS (SELECT FROM coverage c WHERE c.campaign_id = $1 AND c.household_id = household.id)"
#: The few that are monitored, each looked up by its key. A planner that expects few households after the last one
#: would read all of those to see who is monitored: ``OFFSET 0`` keeps it from turning this round.
_THOSE_MONITORED = """
    (SELECT DISTINCT m.household_id FROM monitored m WHERE m.status NOT IN ('eliminated', 'closed')) watched
    CROSS JOIN LATERAL (SELECT * FROM household home WHERE home.id = watched.household_id OFFSET 0) household
"""


@cache
def turns(*, visited: bool | None, of_officer: bool) -> str:
    """Return the query of a page, for ``Reader.glance``.

    $1 campaign, $2 and $3 the area, $4 to $8 the last one before (not to be visited first, division, unit, number, id),
    $9 how many, $10 the officer, if it is one's list. What is not asked is not in it, so that the planner sees what is.
    """
    wanted = "household.inhabited"
    if of_officer:
        wanted += " AND assignment.officer = $10"
    if visited is not None:
        wanted += f" AND {'' if visited else 'NOT'} {_VISITED}"
    first = f"{wanted} AND NOT $4::boolean"
    needy = _walk("household", f"{first} AND {NEEDY}", after="$5::text", priority=True)
    monitored = _walk(_THOSE_MONITORED, f"{first} AND NOT {NEEDY}", after="$5::text", priority=True)
    # Where the first ones fill the page, nobody looks for others.
    wanted += f" AND (SELECT count(*) < $9 FROM first) AND NOT {NEEDY} AND NOT {_MONITORED}"  # noqa: S608 - likewise
    others = _walk("household", wanted, after="CASE WHEN $4 THEN $5::text ELSE '' END", priority=False)
    order = "NOT priority, division_code, unit, number, id"
    return f"""
        WITH first AS MATERIALIZED ({needy} UNION ALL {monitored})
        SELECT *, {_VISITED} AS visited,
            (SELECT grid.number FROM grid WHERE grid.id = household.grid_id::uuid) AS grid_number
        FROM (
            SELECT * FROM (SELECT * FROM first UNION ALL SELECT * FROM {others} others) listed ORDER BY {order} LIMIT $9
        ) household
        ORDER BY {order}
    """  # noqa: S608 - the parts stand above


def _walk(homes: str, condition: str, *, after: str, priority: bool) -> str:
    """Return the assigned households after the last one, village by village up to the one that fills the page."""
    return f"""(
        SELECT household.id, household.number, household.division_code, household.group_name, household.kind,
            household.head_name, assignment.officer, {priority} AS priority, {UNIT} AS unit,
            household.facts ->> 'grid_id' AS grid_id
        FROM {homes} JOIN assignment ON assignment.household_id = household.id
        WHERE assignment.campaign_id = $1 AND household.division_code >= $2 AND household.division_code < $3
            AND household.division_code >= {after}
            AND (household.division_code > {after} OR ({UNIT}, household.number, household.id) > ($6, $7, $8::uuid))
            AND {condition}
        ORDER BY household.division_code FETCH FIRST ($9) ROWS WITH TIES
    )"""  # noqa: S608 - likewise
