"""The comparison job: compare, tell, finish. Killed anywhere, it goes on where it was, with the same figures."""

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
from shared.refusal import Refusal
from shared.sheets.reading import read_table

_SYSTEM = system("monitoring")
#: Rows that are parsed and staged at a time: what the process holds of them besides the file's text.
CHUNK = 100_000


async def run_comparison(run: JobRun) -> dict[str, Any]:
    """Compare a batch with the registry (payload: comparison_id, dataset, path, kind)."""
    comparison_id = UUID(run.payload["comparison_id"])
    dataset = datasets()[run.payload["dataset"]]
    try:
        if "rows" not in run.checkpoint:
            await run.save(rows=await _compare(run, comparison_id, dataset))
        await _tell(run, comparison_id, dataset)
        figures = await _finish(run, comparison_id)
    except Refusal:
        await _forget_file(run)
        raise
    await _forget_file(run)
    return figures


async def _compare(run: JobRun, comparison_id: UUID, dataset: Dataset) -> int:
    """Give every row its outcome and raise alerts, all in one transaction; returns how many rows there are."""
    path, kind = Path(run.payload["path"]), run.payload["kind"]
    # Polars works outside the interpreter lock; this process has nothing else to do, but heartbeats must go on.
    table = await asyncio.to_thread(read_table, path, kind, dataset.form)
    async with run.database.writing(_SYSTEM) as db:
        comparison = await db.get(Comparison, comparison_id)
        for start in range(0, table.height, CHUNK):
            parsed = await asyncio.to_thread(parse, table.slice(start, CHUNK), dataset)
            await stage(db, comparison, parsed, run.runtime.keys)
            await run.progress(start + parsed.rows, table.height, "行 rows")
        await match(db, comparison)
        await raise_alerts(db, comparison, dataset)
        await clear(db, comparison_id)
    return table.height


async def _tell(run: JobRun, comparison_id: UUID, dataset: Dataset) -> None:
    told = 1
    while told:
        async with run.database.writing(_SYSTEM, reason="部门数据比对") as db:
            comparison = await db.get(Comparison, comparison_id)
            told = await tell_clues(db, comparison, dataset)


async def _finish(run: JobRun, comparison_id: UUID) -> dict[str, Any]:
    async with run.database.writing(_SYSTEM, reason="部门数据比对") as db:
        comparison = await db.get(Comparison, comparison_id)
        if comparison.finished_at is None:
            await sum_up(db, comparison, run.checkpoint["rows"])
        return _figures(comparison)


async def _forget_file(run: JobRun) -> None:
    """Delete what the department sent: it is not kept beyond its outcomes."""
    await asyncio.to_thread(Path(run.payload["path"]).unlink, missing_ok=True)


def _figures(comparison: Comparison) -> dict[str, Any]:
    names = ("rows", "matched", "mismatched", "unmatched", "invalid", "alerts")
    return {"comparison_id": str(comparison.id), **{name: getattr(comparison, name) for name in names}}


COMPARE = Job("monitoring.comparison", run_comparison)
