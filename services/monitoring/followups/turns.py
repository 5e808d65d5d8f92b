"""Keeping turns: whose visit is due until when, after a visit, and after whatever else changed about a household."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from services.monitoring.followups.rules import Followed, observed_since, turn_after
from services.monitoring.monitored.states import UNDER_WATCH, MonitoredStatus
from shared.database import Writer

#: As what each household is followed up, by whom, since when, and its turn as it is kept.
_HELD = """
    SELECT household.id, household.division_code, coalesce(thing.id, gone.id) AS monitored_id, wanted.kind,
        wanted.official, wanted.since, turn.kind AS held_kind, turn.last_on, turn.due_on, turn.rule
    FROM household_replica household
    LEFT JOIN monitored_object thing ON thing.household_id = household.id AND thing.status = ANY(:watched)
    LEFT JOIN monitored_object gone ON gone.household_id = household.id AND gone.status = ANY(:gone)
        AND gone.eliminated_on > :observed_since
    LEFT JOIN follow_up_turn turn ON turn.id = household.id
    CROSS JOIN LATERAL (
        SELECT 'monitored' AS kind, thing.contact_name AS official,
            (SELECT max(tagged_on) FROM risk_episode WHERE monitored_id = thing.id) AS since
        WHERE thing.id IS NOT NULL
        UNION ALL SELECT 'observed', gone.contact_name, gone.eliminated_on
        WHERE thing.id IS NULL AND gone.id IS NOT NULL
        UNION ALL SELECT 'lifted', household.responsible_official, NULL
        WHERE thing.id IS NULL AND gone.id IS NULL AND household.kind = 'lifted' AND household.member_count > 0
        UNION ALL SELECT NULL, NULL, NULL
        WHERE thing.id IS NULL AND gone.id IS NULL AND NOT (household.kind = 'lifted' AND household.member_count > 0)
    ) wanted
"""
_OF = text(f"{_HELD} WHERE household.id = ANY(:ids) ORDER BY household.id")
#: Whoever works on a household right now is not waited for: the next run finds it.
_AMISS = text(
    f"""
    {_HELD}
    WHERE (turn.id IS NOT NULL OR wanted.kind IS NOT NULL)
        AND (turn.id IS NULL OR (turn.kind, turn.official) IS DISTINCT FROM (wanted.kind, wanted.official))
    ORDER BY household.id LIMIT :most FOR UPDATE OF household SKIP LOCKED
    """
)
_KEEP = text(
    """
    INSERT INTO follow_up_turn AS turn (id, division_code, kind, official, last_on, due_on, rule, level)
    SELECT id, division_code, kind, official, last_on, due_on, rule, 'village'
    FROM jsonb_populate_recordset(NULL::follow_up_turn, CAST(:turns AS jsonb))
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, official = excluded.official, last_on = excluded.last_on,
        due_on = excluded.due_on, rule = excluded.rule,
        level = CASE WHEN turn.due_on = excluded.due_on THEN turn.level ELSE 'village' END,
        overdue_on = CASE WHEN turn.due_on = excluded.due_on THEN turn.overdue_on END,
        escalated_on = CASE WHEN turn.due_on = excluded.due_on THEN turn.escalated_on END,
        overdue_rule = CASE WHEN turn.due_on = excluded.due_on THEN turn.overdue_rule END
    """
)


async def held(db: Writer, household_ids: Sequence[UUID]) -> list[Any]:
    """Return as what households are followed up, with their turns; the caller holds their locks."""
    return list(await db.rows(_OF, {"ids": list(household_ids), **_states(db.today)}))


async def count_on(db: Writer, households: Sequence[Any], visits: Mapping[UUID, date]) -> None:
    """Count the next turns of ``held`` households from their newest visits; one that comes late moves none."""
    await _keep(db, [_next(each, visits[each.id], db.today) for each in households])


async def set_right(db: Writer, *, most: int) -> int:
    """Give turns to those that came under watch or became lifted, take those of others; return how many."""
    amiss = await db.rows(_AMISS, {"most": most, **_states(db.today)})
    await _keep(db, [_next(each, None, db.today) for each in amiss])
    return len(amiss)


def _states(today: date) -> dict[str, Any]:
    gone = [MonitoredStatus.ELIMINATED, MonitoredStatus.RETAG_CANDIDATE]
    return {"watched": sorted(UNDER_WATCH), "gone": gone, "observed_since": observed_since(today)}


async def _keep(db: Writer, turns: list[dict[str, Any]]) -> None:
    if turns:
        await db.execute(_KEEP, {"turns": orjson.dumps(turns, default=str).decode()})


def _next(household: Any, visited_on: date | None, today: date) -> dict[str, Any]:
    last_on = max(filter(None, (household.last_on, visited_on)), default=None)
    due_on, rule = household.due_on, household.rule
    if household.kind is None:
        due_on = rule = None
    elif household.kind != household.held_kind or last_on != household.last_on:
        # One who came under watch is visited within a turn of that day, however lately they were visited before;
        # one whom nobody has visited yet, within a turn of the day on which this was seen.
        since = max(filter(None, (last_on, household.since)), default=today)
        due_on, rule = turn_after(Followed(household.kind), household.division_code, since)
    return {
        "id": household.id,
        "division_code": household.division_code,
        "kind": household.kind,
        "official": household.official,
        "last_on": last_on,
        "due_on": due_on,
        "rule": rule,
    }
