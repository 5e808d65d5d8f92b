"""The comparison job: read, match, judge, tell. Killed anywhere, it goes on where it was, with the same figures."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

from services.monitoring.comparisons.catalog import Dataset, datasets
from services.monitoring.comparisons.model import Comparison
from services.monitoring.comparisons.outcomes import match, raise_alerts, sum_up, tell_clues
from services.monitoring.comparisons.parsing import parse
from services.monitoring.comparisons.staging import clear, stage
from shared.identity.principal import system
from shared.jobs import Job, JobRun
from shared.sheets.reading import read_table

_SYSTEM = system("monitoring")


async def run_comparison(run: JobRun) -> dict[str, Any]:
    """Compare a batch with the registry (payload: comparison_id, path, kind)."""
    comparison_id = UUID(run.payload["comparison_id"])
    dataset = datasets()[run.payload["dataset"]]
    if "rows" not in run.checkpoint:
        await _read(run, comparison_id, dataset)
    if "matched" not in run.checkpoint:
        await _match(run, comparison_id, dataset)
    if "told" not in run.checkpoint:
        await _tell(run, comparison_id, dataset)
    figures = await _finish(run, comparison_id)
    # What the department sent is not kept beyond its outcomes.
    await asyncio.to_thread(Path(run.payload["path"]).unlink, missing_ok=True)
    return figures


async def _read(run: JobRun, comparison_id: UUID, dataset: Dataset) -> None:
    path, kind = Path(run.payload["path"]), run.payload["kind"]
    parsed = await asyncio.to_thread(lambda: parse(read_table(path, kind, dataset.form), dataset))
    await run.progress(0, parsed.rows, "行 rows")
    async with run.database.writing(_SYSTEM) as db:
        await stage(db, await db.get(Comparison, comparison_id), parsed, run.runtime.keys)
    await run.save(rows=parsed.rows)


async def _match(run: JobRun, comparison_id: UUID, dataset: Dataset) -> None:
    async with run.database.writing(_SYSTEM) as db:
        comparison = await db.get(Comparison, comparison_id)
        await match(db, comparison)
        await raise_alerts(db, comparison, dataset)
        await clear(db, comparison_id)
    await run.progress(run.checkpoint["rows"], run.checkpoint["rows"], "行 rows")
    await run.save(matched=True)


async def _tell(run: JobRun, comparison_id: UUID, dataset: Dataset) -> None:
    while True:
        async with run.database.writing(_SYSTEM, reason="部门数据比对") as db:
            comparison = await db.get(Comparison, comparison_id)
            if not await tell_clues(db, comparison, dataset):
                break
    await run.save(told=True)


async def _finish(run: JobRun, comparison_id: UUID) -> dict[str, Any]:
    async with run.database.writing(_SYSTEM, reason="部门数据比对") as db:
        comparison = await db.get(Comparison, comparison_id)
        if comparison.finished_at is None:
            await sum_up(db, comparison, run.checkpoint["rows"])
        return _figures(comparison)


def _figures(comparison: Comparison) -> dict[str, Any]:
    names = ("rows", "matched", "mismatched", "unmatched", "invalid", "alerts")
    return {"comparison_id": str(comparison.id), **{name: getattr(comparison, name) for name in names}}


COMPARE = Job("monitoring.comparison", run_comparison)
