"""Counties whose people a process keeps in columns from batch to batch: only who has changed is read anew."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from weakref import WeakKeyDictionary

from services.monitoring.matching.registry import (
    Registry,
    read_divisions,
    read_households,
    read_registry,
    registry_of,
)
from shared.database import Database, Reader

#: Changes are told apart by the transactions that made them: what a snapshot did not see is news since.
_SNAPSHOT = "SELECT CAST(pg_current_snapshot() AS text) AS seen, now() AS seen_at"
_CHANGED = """
    SELECT DISTINCT household_id FROM person_change, CAST(CAST($1 AS text) AS pg_snapshot) seen
    WHERE made_by >= CAST(CAST(pg_snapshot_xmin(seen) AS text) AS bigint)
        AND NOT pg_visible_in_snapshot(CAST(CAST(made_by AS text) AS xid8), seen)
    LIMIT $2
"""
#: Of more households a whole county is read as quickly.
_FEW = 20_000
#: Changes are forgotten after a day (``retention``), and a database that was restored knows nothing of ours. By the
#: database's own clock, as changes are noted.
_LONGEST = timedelta(hours=1)


class _Kept(NamedTuple):
    registry: Registry
    #: The snapshot of the transactions whose changes it holds.
    seen: str
    #: When it was read whole.
    read_at: datetime


@dataclass
class Counties:
    """Of one database: the county of the newest batch, some 150 bytes a person."""

    _kept: dict[str, _Kept] = field(default_factory=dict)
    #: Two batches of a county read it once.
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def knows(self, division_code: str) -> bool:
        """Tell whether a county is kept, so that it costs little to ask for it."""
        return division_code in self._kept

    async def registry(self, db: Reader, division_code: str) -> Registry:
        """Return whom the registry knows in a division, as of now."""
        async with self._reading:
            kept = self._kept.pop(division_code, None)
            self._kept.clear()
            # Before anything is read: what is committed meanwhile is read twice rather than never.
            ((seen, seen_at),) = await db.glance(_SNAPSHOT)
            is_fresh = kept and timedelta(0) <= seen_at - kept.read_at <= _LONGEST
            if kept and is_fresh and (news := await _news(db, division_code, kept)):
                self._kept[division_code] = _Kept(news, seen, kept.read_at)
            else:
                registry = await read_registry(db, division_code)
                self._kept[division_code] = _Kept(registry, seen, seen_at)
            return self._kept[division_code].registry


async def _news(db: Reader, division_code: str, kept: _Kept) -> Registry | None:
    """Return what was kept with all that has changed since; None where that is too much."""
    changed = [row["household_id"] for row in await db.glance(_CHANGED, kept.seen, _FEW + 1)]
    if len(changed) > _FEW:
        return None
    divisions = await read_divisions(db, division_code)
    if not changed:
        return Registry(kept.registry.persons, kept.registry.numbers, divisions)
    news = await read_households(db, division_code, changed)
    persons = await asyncio.to_thread(kept.registry.persons.without, changed)
    return await asyncio.to_thread(registry_of, persons + news, divisions)


_BY_DATABASE: WeakKeyDictionary[Database, Counties] = WeakKeyDictionary()


def counties_of(database: Database) -> Counties:
    """Return those that this process keeps of a database."""
    return _BY_DATABASE.setdefault(database, Counties())
