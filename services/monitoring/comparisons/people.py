"""People about whom other rows are now, since two records were made one, or two again: their rules are asked anew.

A job asks, which reads a county's batches, and tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select as select_columns, text
from sqlmodel import col

from services.monitoring.batches.model import Comparison, counts
from services.monitoring.comparisons.alerts import raise_alerts_of
from services.monitoring.comparisons.job import tell_news
from services.monitoring.comparisons.retracting import take_all_back
from services.monitoring.comparisons.supersession import one_at_a_time
from services.monitoring.datasets.catalog import datasets
from services.monitoring.datasets.periods import parse_period
from services.monitoring.replicas.whereabouts import hold_whereabouts
from shared.contracts.household import RecordMerged, RecordUnmerged
from shared.database import Reader, Writer, inside
from shared.domain.division import county_of
from shared.identity.principal import system
from shared.jobs import Job, JobRun, enqueue

_SYSTEM = system("monitoring")
_BECAUSE = "重复登记合并或撤销后重新比对"
#: The words of a clue that does not hold of either of two who had been taken for one.
_PARTED = "重复登记的合并已撤销，原预警不再成立"
_NOW = text(
    """
    SELECT known.id, known.now_id, known.now_household_id FROM mover known
    WHERE known.person IN (SELECT person FROM mover WHERE id = ANY(:people)) AND known.id <> known.household_id
    """
)
#: Arrays are looked through as they are: taken apart, the rows of two years would be made for a few people.
_TELLING = text(
    """
    SELECT comparison_id FROM comparison_block
    WHERE comparison_id = ANY(:batches) AND outcome IN ('matched', 'departed') AND member && CAST(:ids AS uuid[])
    UNION
    SELECT comparison_id FROM comparison_result
    WHERE comparison_id = ANY(:batches) AND outcome IN ('matched', 'departed') AND member_id = ANY(:ids)
    """
)
_NEWS = text(
    """
    SELECT news_of AS id FROM comparison_alert WHERE household_id = ANY(:homes) AND subject_id = ANY(:now)
    UNION
    SELECT comparison_id FROM comparison_retraction WHERE subject_id = ANY(:now)
    """
)


class _People(NamedTuple):
    """All ids of some people, those of now, and their households of now."""

    ids: Sequence[UUID]
    now: Sequence[UUID]
    homes: Sequence[UUID]


async def ask_anew(db: Writer, changes: Sequence[RecordMerged | RecordUnmerged]) -> None:
    """Ask for a job that asks rules of whoever was two records, or is again."""
    people: dict[str, set[UUID]] = defaultdict(set)
    for change in changes:
        ids = {each for person in change.persons for each in (person.member_id, person.became)}
        people[county_of(change.division_code)] |= ids
    for county, ids in people.items():
        payload = {"people": sorted(map(str, ids)), "county": county}
        await enqueue(db, ASK_OF_PEOPLE.name, payload, division_code=county)


async def run_asking(run: JobRun) -> dict[str, Any]:
    """Ask the rules of some people, and tell what is news (payload: people, county); a killed run begins anew."""
    county, ids = run.payload["county"], [UUID(each) for each in run.payload["people"]]
    async with run.database.writing(_SYSTEM, reason=_BECAUSE) as db:
        # Each sums up over the batches that count then.
        await one_at_a_time(db, "comparison", county)
        await hold_whereabouts(db, [county])
        people = await _known(db, ids)
        for dataset, told in (await _telling(db, people, county)).items():
            await raise_alerts_of(db, people.now, datasets()[dataset], county, told)
    async with run.database.reading(_SYSTEM) as db:
        news = [row.id for row in await db.rows(_NEWS, {"homes": people.homes, "now": people.now})]
    for batch in sorted(news):
        await tell_news(run, batch)
        await take_all_back(run.database, _SYSTEM, batch, reason=_PARTED)
    return {"people": len(people.now), "batches": len(news)}


async def _known(db: Reader, ids: Collection[UUID]) -> _People:
    rows = await db.rows(_NOW, {"people": list(ids)})
    now, homes = {row.now_id for row in rows}, {row.now_household_id for row in rows}
    return _People([row.id for row in rows], sorted(now), sorted(homes))


async def _telling(db: Reader, people: _People, county: str) -> Mapping[str, Sequence[UUID]]:
    """Return a county's batches that tell of people, by dataset: of this year and of last, to which sums reach back."""
    columns = (Comparison.id, Comparison.dataset, Comparison.period)
    counting = select_columns(*map(col, columns)).where(*counts(), inside(Comparison.division_code, county))
    since = date(db.today.year - 1, 1, 1)
    batches = {
        row.id: row.dataset
        for row in await db.rows(counting)
        if (told := parse_period(row.period)) and told.first >= since
    }
    telling: dict[str, list[UUID]] = defaultdict(list)
    for row in await db.rows(_TELLING, {"batches": list(batches), "ids": people.ids}):
        telling[batches[row.comparison_id]].append(row.comparison_id)
    return telling


ASK_OF_PEOPLE = Job("monitoring.comparison_people", run_asking)
