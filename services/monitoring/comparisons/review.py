"""Rows that are very likely about somebody: a person who knows the people decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.batches.model import Comparison, Outcome
from services.monitoring.batches.rows import OUTCOMES, PERSON, ComparisonResult
from services.monitoring.comparisons import errors
from services.monitoring.comparisons.alerts import raise_alerts
from services.monitoring.comparisons.contradictions import find_contradictions
from services.monitoring.comparisons.job import figures_of, tell_news
from services.monitoring.comparisons.outcomes import sum_up_again
from services.monitoring.comparisons.queries import get_batch, within
from services.monitoring.comparisons.supersession import alone_in_county, digest_of
from services.monitoring.datasets.catalog import datasets
from shared.database import Writer
from shared.identity.principal import system
from shared.jobs import Job, JobRun, enqueue
from shared.refusal import NotFound

_SYSTEM = system("monitoring")
#: Of a row that is about nobody in the registry nothing is kept, but what tells it again in a correction.
_NOBODY = dict.fromkeys(
    ("household_id", "member_id", "amount", "quantity", "happened_on", "kind", "note", "more")
)


async def decide(db: Writer, comparison_id: UUID, line: int, *, is_the_person: bool) -> ComparisonResult:
    """Confirm or refuse that a row is about the person whom it was likely about."""
    batch = await get_batch(db, comparison_id)
    await alone_in_county(db, batch)
    result = await db.first(
        select(ComparisonResult)
        .where(col(ComparisonResult.comparison_id) == comparison_id, col(ComparisonResult.line) == line)
        .with_for_update()
    )
    if result is None:
        others = select(OUTCOMES.c.line).where(OUTCOMES.c.comparison_id == comparison_id)
        is_there = await db.first(others.where(within(range(line, line + 1))))
        raise errors.NotProbable if is_there else NotFound
    counts = batch.finished_at and batch.withdrawn_at is None and batch.superseded_by is None
    if result.outcome != Outcome.PROBABLE or not counts:
        raise errors.NotProbable
    if is_the_person:
        result.outcome, result.match = Outcome.MATCHED, PERSON
    else:
        result.outcome, result.match = Outcome.UNMATCHED, PERSON
        result.number_index = await digest_of(db, result)
        result.sqlmodel_update(_NOBODY)
    await db.flush()
    await enqueue(
        db,
        REVIEW.name,
        {"comparison_id": str(comparison_id)},
        division_code=batch.division_code,
        once=str(comparison_id),
    )
    return result


async def run_review(run: JobRun) -> dict[str, Any]:
    """Count a batch anew after decisions, and tell what they mean (payload: comparison_id)."""
    comparison_id = UUID(run.payload["comparison_id"])
    async with run.database.writing(_SYSTEM) as db:
        batch = await db.get(Comparison, comparison_id)
        await alone_in_county(db, batch)
        await raise_alerts(db, batch, datasets()[batch.dataset])
        await find_contradictions(db, batch, datasets()[batch.dataset])
    await tell_news(run, comparison_id)
    async with run.database.writing(_SYSTEM) as db:
        batch = await db.get(Comparison, comparison_id)
        await alone_in_county(db, batch)
        await sum_up_again(db, batch)
        return figures_of(batch)


REVIEW = Job("monitoring.comparison_review", run_review)
