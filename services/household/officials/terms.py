"""Terms follow what households show: one way, whoever changed it, a form, a file, a split or the last one's death."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import text

from shared.database import Writer

#: Of some households, those that have an official now: lifted ones with people in them.
_SHOWN = """
    SELECT id, division_code, official_name AS name, coalesce(official_unit, '') AS unit FROM household
    WHERE id = ANY(:ids) AND official_name IS NOT NULL AND kind = 'lifted' AND member_count > 0
"""
_OPEN = "SELECT household_id AS id, name, unit FROM official_term WHERE household_id = ANY(:ids) AND until IS NULL"
_ASTRAY = text(f"""
    SELECT id FROM ({_SHOWN}) shown FULL JOIN ({_OPEN}) term USING (id, name, unit)
    WHERE shown.division_code IS NULL OR term IS NULL
    """)  # noqa: S608 - written out above, as below
# Behind the lock nobody else begins or ends a term of these households.
_LOCK = text("SELECT FROM household WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
_END = text(f"""
    UPDATE official_term SET until = greatest(since, :on), reason = :reason WHERE until IS NULL
        AND household_id = ANY(:ids) AND (household_id, name, unit) NOT IN (SELECT id, name, unit FROM ({_SHOWN}) shown)
    """)  # noqa: S608
_BEGIN = text(f"""
    INSERT INTO official_term (id, household_id, division_code, name, unit, since)
    SELECT gen_random_uuid(), id, division_code, name, unit, greatest(:on, (
        SELECT max(until) FROM official_term term WHERE term.household_id = shown.id))
    FROM ({_SHOWN}) shown
    WHERE NOT EXISTS (SELECT FROM official_term term WHERE term.household_id = shown.id AND until IS NULL)
    """)  # noqa: S608


async def follow(db: Writer, household_ids: Collection[UUID], *, on: date, reason: str | None = None) -> None:
    """End and begin terms on a day, so that those that are open are of whom the households show; flush before."""
    astray = [key for (key,) in await db.rows(_ASTRAY, {"ids": list(household_ids)})]
    if not astray:
        return
    await db.execute(_LOCK, {"ids": astray})
    await db.execute(_END, {"ids": astray, "on": on, "reason": reason})
    await db.execute(_BEGIN, {"ids": astray, "on": on})
