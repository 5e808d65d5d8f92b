"""The comparison job: compare part after part, take effect, tell, take back, finish.

Killed anywhere, it goes on where it was, with the same figures.
"""

from __future__ import annotations

import asyncio
import shutil
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from services.monitoring.batches.model import Comparison, ComparisonPart, Mode, Outcome
from services.monitoring.comparisons import errors
from services.monitoring.comparisons.alerts import raise_alerts
from services.monitoring.comparisons.contradictions import find_contradictions
from services.monitoring.comparisons.outcomes import sum_up
from services.monitoring.comparisons.proposing import tell_contradictions, tell_withdrawn
from services.monitoring.comparisons.retracting import take_all_back
from services.monitoring.comparisons.supersession import alone_in_county, take_effect
from services.monitoring.comparisons.telling import CLUES, outdated_clues, tell_clues, tell_figures
from services.monitoring.comparisons.turns import JOB, keeps_others_waiting
from services.monitoring.datasets.catalog import Dataset, datasets
from services.monitoring.matching.pipeline import Pipeline, ahead
from services.monitoring.matching.storing import store
from shared.database import Reader
from shared.identity.principal import system
from shared.jobs import Job, JobRun
from shared.refusal import Refusal
from shared.sheets.parts import Place

_SYSTEM = system("monitoring")
_BECAUSE = "部门数据比对"
#: The words of a clue that its sender does not bear out any more.
CORRECTED = "报送部门更正了数据，原预警不再成立"


async def run_comparison(run: JobRun) -> dict[str, Any]:
    """Compare a batch with the registry (payload: comparison_id, dataset, path, kind, nobody)."""
    async with run.database.reading(_SYSTEM) as db:
        comparison = await db.get(Comparison, UUID(run.payload["comparison_id"]))
    dataset = datasets()[run.payload["dataset"]]
    try:
        if comparison.finished_at is None:
            await _compare(run, comparison, dataset)
            if comparison.mode == Mode.COMMIT:
                await _take_effect(run, comparison.id, dataset)
                await tell_news(run, comparison.id)
                await take_all_back(run.database, _SYSTEM, comparison.id, reason=CORRECTED)
        figures = await _finish(run, comparison.id)
    except Refusal:
        await forget_file(run)
        raise
    await forget_file(run)
    return figures


async def _compare(run: JobRun, comparison: Comparison, dataset: Dataset) -> None:
    """Give the rows of each part that has none its outcomes."""
    if "compared" in run.checkpoint:
        return
    async with run.database.reading(_SYSTEM) as db:
        last, today = await _last_part(db, comparison.id), db.today
    begin = Place(last.ends_at, last.ends_line) if last else Place()
    pipeline = Pipeline(run, comparison, dataset, today)
    async with aclosing(ahead(pipeline.ready(begin, last.number + 1 if last else 1))) as parts:
        async for ready in parts:
            async with run.database.writing(_SYSTEM) as db:
                await store(db, ready, comparison)
            await run.progress(ready.part.ends_at, ready.total, run.payload["kind"])
            run.let_go_if_asked()
            if ready.part.ends_at < ready.total and await _others_wait(run, comparison):
                await run.give_way()
    async with run.database.reading(_SYSTEM) as db:
        rows = select(func.sum(ComparisonPart.rows)).where(col(ComparisonPart.comparison_id) == comparison.id)
        has_rows, nobody = bool(await db.scalar(rows)), run.payload.get("nobody", False)
        if has_rows == nobody:
            raise errors.RowsOfNobody if nobody else errors.NoRows
    await run.save(compared=True)


async def _others_wait(run: JobRun, comparison: Comparison) -> bool:
    async with run.database.reading(_SYSTEM) as db:
        return await keeps_others_waiting(db, comparison)


async def _take_effect(run: JobRun, comparison_id: UUID, dataset: Dataset) -> None:
    async with run.database.writing(_SYSTEM, reason=_BECAUSE) as db:
        comparison = await db.get(Comparison, comparison_id)
        if comparison.effective_at is None:
            await take_effect(db, comparison)
            await raise_alerts(db, comparison, dataset)
            await find_contradictions(db, comparison, dataset)


async def tell_news(run: JobRun, comparison_id: UUID) -> None:
    """Tell what a batch's coming, correction or withdrawal has made news, some at a time."""
    more = True
    while more:
        async with run.database.writing(_SYSTEM, reason=_BECAUSE) as db:
            comparison = await db.get(Comparison, comparison_id)
            # What a correction or withdrawal takes back meanwhile must not be told after that, nor twice.
            await alone_in_county(db, comparison)
            more = any(
                [await tell(db, comparison) for tell in (tell_clues, tell_contradictions, tell_withdrawn)]
            )
    async with run.database.reading(_SYSTEM) as db:
        outdated = await outdated_clues(db, comparison_id)
    for start in range(0, len(outdated), CLUES):
        async with run.database.writing(_SYSTEM, reason=_BECAUSE) as db:
            await alone_in_county(db, await db.get(Comparison, comparison_id))
            await tell_figures(db, outdated[start : start + CLUES])


async def _finish(run: JobRun, comparison_id: UUID) -> dict[str, Any]:
    async with run.database.writing(_SYSTEM, reason=_BECAUSE) as db:
        comparison = await db.get(Comparison, comparison_id)
        if comparison.mode == Mode.COMMIT:
            # Others count anew only what is finished already.
            await alone_in_county(db, comparison)
        if comparison.finished_at is None:
            await sum_up(db, comparison)
        return figures_of(comparison)


async def _last_part(db: Reader, comparison_id: UUID) -> ComparisonPart | None:
    return await db.first(
        select(ComparisonPart)
        .where(col(ComparisonPart.comparison_id) == comparison_id)
        .order_by(col(ComparisonPart.number).desc())
    )


async def forget_file(run: JobRun) -> None:
    """Delete what the department sent: it is not kept beyond its outcomes.

    Whatever is no refusal is tried again and needs it; once it has failed for good, the hourly sweep deletes it.
    """
    await asyncio.to_thread(_delete, Path(run.payload["path"]))


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def figures_of(comparison: Comparison) -> dict[str, Any]:
    """Return what a job tells as its result."""
    outcomes = (outcome.value for outcome in Outcome)
    names = ("rows", *outcomes, "alerts", "clues_taken_back", "clues_kept")
    return {"comparison_id": str(comparison.id), **{name: getattr(comparison, name) for name in names}}


#: Two at once: a department's large file does not hold up another's small one, nor do two of them (``turns``).
COMPARE = Job(JOB, run_comparison, concurrency=2)
