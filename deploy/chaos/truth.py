"""Counting again: what was acknowledged is there once, and what others keep of it equals what its owner has."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from deploy.bench.twin import database_url
from deploy.catalog import NAMES
from deploy.chaos.clerks import Acknowledged, tokens_of
from deploy.local.installation import Installation

#: Each household's addresses as they followed one another, the present one included.
_ADDRESSES = """
    SELECT id::text || ' ' || address FROM household WHERE address IS NOT NULL
    UNION ALL
    SELECT root_id::text || ' ' || (image ->> 'address') FROM history
    WHERE table_name = 'household' AND image ->> 'address' IS NOT NULL
"""
#: What each reader must know of a household: the owner's question, then the reader's.
_HOUSEHOLDS = "SELECT id, version, division_code, number, kind, head_name FROM household"
_REPLICA = "SELECT id, sequence, division_code, number, kind, head_name FROM {}"
_FIGURES = "SELECT id, version, division_code, kind, member_count FROM household"
_FACTS = (
    "SELECT id, sequence, division_code, kind, members FROM household_fact WHERE valid_to >= '9999-01-01'"
)
_FINDINGS = "SELECT id, version, division_code, item, status FROM finding"
_FINDING_FACTS = """
    SELECT id, sequence, division_code, item, status FROM finding_fact WHERE valid_to >= '9999-01-01'
"""
_VISITS = "SELECT id, household_id, division_code FROM visit"
_VISIT_FACTS = "SELECT id, household_id, division_code FROM visit_fact"
#: What it is, the service that owns it and its question, the service that keeps a copy and its question.
PROJECTIONS = (
    ("households in inspection", "household", _HOUSEHOLDS, "inspection", _REPLICA.format("household")),
    (
        "households in monitoring",
        "household",
        _HOUSEHOLDS,
        "monitoring",
        _REPLICA.format("household_replica"),
    ),
    ("households in reporting", "household", _FIGURES, "reporting", _FACTS),
    ("findings in reporting", "inspection", _FINDINGS, "reporting", _FINDING_FACTS),
    ("visits in reporting", "inspection", _VISITS, "reporting", _VISIT_FACTS),
)
#: Every version of a household was told of once, and arrived once.
_VERSIONS = "SELECT id::text || ' ' || generate_series(1, version) FROM household"
_HEARD = """
    SELECT subject || ' ' || (event ->> 'sequence') FROM change
    WHERE type IN ('household.registered.v1', 'household.changed.v1')
"""


#: Aggregates of which the feed has a later version before an earlier one.
_DISORDERED = """
    SELECT count(DISTINCT (owner, subject)) FROM (
        SELECT split_part(type, '.', 1) AS owner, subject, (event ->> 'sequence')::int AS sequence,
            lag((event ->> 'sequence')::int)
                OVER (PARTITION BY split_part(type, '.', 1), subject ORDER BY position) AS before
        FROM change) told
    WHERE sequence < before
"""


@dataclass
class Count:
    """What is missing and what is there more than once."""

    lost: int = 0
    doubled: int = 0

    def compare(self, expected: Iterable[str], found: Iterable[str]) -> None:
        """Count what of ``expected`` is not found, or is found more than once."""
        times = Counter(found)
        for each in expected:
            self.lost += times[each] == 0
            self.doubled += times[each] > 1


class Truth:
    """Asks the databases themselves, as their administrator."""

    def __init__(self, installation: Installation) -> None:
        self._admin_url = installation.postgres.admin_url

    async def commands(self, acknowledged: Acknowledged) -> Count:
        """Look for everything that was acknowledged."""
        count = Count()
        numbers = await self._column("household", "SELECT number FROM household")
        count.compare(acknowledged.households.values(), numbers)
        changes = [f"{household} {address}" for household, address in tokens_of(acknowledged.changes)]
        count.compare(changes, await self._column("household", _ADDRESSES))
        facts = await self._column("inspection", "SELECT facts FROM finding")
        count.compare(acknowledged.findings.values(), facts)
        officers = await self._column("inspection", "SELECT officer FROM visit")
        count.compare(acknowledged.visits.values(), officers)
        return count

    async def events(self) -> Count:
        """Look for an event of every version of every household, at the reader that hears everything."""
        count = Count()
        count.compare(await self._column("household", _VERSIONS), await self._column("gateway", _HEARD))
        return count

    async def imports(self, acknowledged: Acknowledged) -> Count:
        """Look for the households of every file that was taken in."""
        expected = [number for drawn in acknowledged.imports.values() for number in drawn.numbers]
        count = Count()
        count.compare(expected, await self._column("household", "SELECT number FROM household"))
        return count

    async def diverged(self) -> dict[str, int]:
        """Compare each projection with its owner's data; returns how many rows differ, by name."""
        return {
            name: await self._difference(owner, theirs, keeper, kept)
            for name, owner, theirs, keeper, kept in PROJECTIONS
        }

    async def number_of_events(self) -> int:
        """Count what the change feed has."""
        return int((await self._column("gateway", "SELECT count(*) FROM change"))[0])

    async def disordered(self) -> int:
        """Count the aggregates whose versions did not reach the feed in their order."""
        return int((await self._column("gateway", _DISORDERED))[0])

    async def feed(self, since: int) -> list[str]:
        """Return the ids of all events after a position of the feed."""
        wanted = f"SELECT event_id::text FROM change WHERE position > {since}"  # noqa: S608 - a number
        return await self._column("gateway", wanted)

    async def everywhere(self, question: str) -> int:
        """Add up what every service answers."""
        return sum([int((await self._column(name, question))[0]) for name in NAMES])

    async def _difference(self, owner: str, theirs: str, keeper: str, kept: str) -> int:
        return len(set(await self._rows(owner, theirs)) ^ set(await self._rows(keeper, kept)))

    async def _column(self, service: str, question: str) -> list[Any]:
        return [row[0] for row in await self._rows(service, question)]

    async def _rows(self, service: str, question: str) -> list[tuple[Any, ...]]:
        async with self._connection(service) as connection:
            return [tuple(row) for row in await connection.fetch(question)]

    @asynccontextmanager
    async def _connection(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(database_url(self._admin_url, f"fangfan_{service}"))
        try:
            yield connection
        finally:
            await connection.close()
