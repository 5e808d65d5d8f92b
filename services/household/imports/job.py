"""The import job: read and check, judge, write.

Killed anywhere, it goes on where it was and ends with the same rows.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import text

from services.household.households.sources import Source, came_from
from services.household.imports.columns import file_form
from services.household.imports.model import HouseholdImport
from services.household.imports.parsing import parse
from services.household.imports.staging import Staging, discard, keep_refused
from services.household.imports.writing import Written, foretell, judge, write_batch
from shared import clock
from shared.database import Writer
from shared.identity.principal import Principal, system
from shared.jobs import Job, JobRun
from shared.logging import log
from shared.refusal import Refusal
from shared.sheets.parts import OVERLONG
from shared.sheets.reading import read_headed

_log = log(__name__)
_SYSTEM = system("household")
_LEFT = text("SELECT count(*) FROM import_person WHERE import_id = :id")
_REFUSED_LINES = text("SELECT DISTINCT line FROM import_reject WHERE import_id = :id ORDER BY line")
_REFUSES = text("SELECT EXISTS (SELECT FROM import_reject WHERE import_id = :id)")
_BY_CODE = text(
    "SELECT code, count(*) AS refused FROM import_reject WHERE import_id = :id GROUP BY code ORDER BY code"
)
#: Lines that are parsed at one time: a county's file at once would take gigabytes.
_PART = 50_000
_NOTHING = {"registered": 0, "changed": 0, "members": 0}


async def run_import(run: JobRun) -> dict[str, Any]:
    """Import a file of households (payload: import_id, path, kind, areas)."""
    async with run.database.reading(_SYSTEM) as db:
        taken = await db.get(HouseholdImport, UUID(run.payload["import_id"]))
    if taken.figures and "rows" in taken.figures:
        # Killed between the last commit and the job's end.
        await _forget_file(run)
        return _result(taken.id, taken.figures)
    # Whoever sent the file writes it: histories say so, and the walls around that person's area stand here too.
    sender = Principal(taken.owner, run.requested_by, frozenset(), tuple(run.payload["areas"]))
    try:
        if "rows" not in run.checkpoint:
            await _read(run, taken, sender)
        await _judge(run, taken, sender)
        if taken.mode == "validate":
            await _foretell(run, taken, sender)
        elif not await _takes_nothing(run, taken, sender):
            await _write(run, taken, sender)
        if "kept" not in run.checkpoint:
            await _keep(run, taken, sender)
        figures = await _finish(run, taken, sender)
    except Refusal:
        await _forget_file(run)
        raise
    await _forget_file(run)
    return figures


async def _read(run: JobRun, taken: HouseholdImport, sender: Principal) -> None:
    today = clock.date_of(taken.requested_at)
    # Polars works outside the interpreter lock; this process has nothing else to do, but heartbeats must go on.
    table, headers = await asyncio.to_thread(_table, run)
    async with run.database.writing(sender) as db:
        (await db.get(HouseholdImport, taken.id)).headers = headers
        staging = Staging(db, taken, run.runtime.keys)
        await staging.clear()
        for part in table.iter_slices(_PART):
            await staging.add(await asyncio.to_thread(parse, part, today=today))
    await run.progress(0, table.height, "行 rows")
    await run.save(rows=table.height)


async def _judge(run: JobRun, taken: HouseholdImport, sender: Principal) -> None:
    """Judge what is staged, in every attempt: somebody may have been registered since the one before."""
    async with run.database.writing(sender) as db:
        await judge(db, taken.id, division_code=taken.division_code)


async def _takes_nothing(run: JobRun, taken: HouseholdImport, sender: Principal) -> bool:
    """Tell whether nothing may be taken, because a line was refused.

    Not once a batch was written, before a crash: then the rest follows, and the figures say what was refused since.
    """
    if taken.atomic == "valid":
        return False
    async with run.database.reading(sender) as db:
        begun = (await db.get(HouseholdImport, taken.id)).figures is not None
        return not begun and bool(await db.scalar(_REFUSES, {"id": taken.id}))


async def _foretell(run: JobRun, taken: HouseholdImport, sender: Principal) -> None:
    """Count what writing would do; where nothing would be taken, nothing would be done."""
    if await _takes_nothing(run, taken, sender):
        return
    async with run.database.writing(sender) as db:
        told = await foretell(db, taken.id)
        (await db.get(HouseholdImport, taken.id)).figures = asdict(told)


async def _write(run: JobRun, taken: HouseholdImport, sender: Principal) -> None:
    async with run.database.reading(sender) as db:
        left = await db.scalar(_LEFT, {"id": taken.id})
    done = 0
    while True:
        async with run.database.writing(sender, reason=f"批量导入 {taken.filename}".strip()) as db:
            written = await write_batch(db, taken.id)
            if written is None:
                return
            await came_from(db, Source.IMPORT, taken.id)
            await _count(db, taken.id, written)
        done += written.members
        await run.progress(done, left, "人 persons")


async def _count(db: Writer, import_id: UUID, written: Written) -> None:
    """Add a batch to the import's figures, in the batch's own transaction: a repeated attempt counts nothing twice."""
    known = await db.get(HouseholdImport, import_id)
    before = known.figures or _NOTHING
    known.figures = {name: before[name] + getattr(written, name) for name in _NOTHING}
    await db.flush()


async def _keep(run: JobRun, taken: HouseholdImport, sender: Principal) -> None:
    """Keep the refused lines as they were sent, before the file is forgotten."""
    async with run.database.writing(sender) as db:
        if lines := [line for (line,) in await db.rows(_REFUSED_LINES, {"id": taken.id})]:
            table, _ = await asyncio.to_thread(_table, run)
            await keep_refused(
                db, taken, table.drop(OVERLONG, strict=False).filter(pl.col("line").is_in(lines))
            )
    await run.save(kept=True)


async def _finish(run: JobRun, taken: HouseholdImport, sender: Principal) -> dict[str, Any]:
    async with run.database.writing(sender) as db:
        await discard(db, taken)
        by_code = {row.code: row.refused for row in await db.rows(_BY_CODE, {"id": taken.id})}
        rejected = len(await db.rows(_REFUSED_LINES, {"id": taken.id}))
        known = await db.get(HouseholdImport, taken.id)
        written = known.figures or _NOTHING
        nothing_taken = taken.atomic == "all" and rejected and known.figures is None
        withheld = run.checkpoint["rows"] - rejected if nothing_taken else 0
        known.figures = figures = {
            **{name: written[name] for name in _NOTHING},
            "rows": run.checkpoint["rows"],
            "accepted": run.checkpoint["rows"] - rejected - withheld,
            "rejected": rejected,
            "withheld": withheld,
            "by_code": by_code,
        }
    _log.info("import.finished", import_id=str(taken.id), rows=figures["rows"], rejected=rejected)
    return _result(taken.id, figures)


def _result(import_id: UUID, figures: dict[str, Any]) -> dict[str, Any]:
    errors_url = f"/households/imports/{import_id}/rejects" if figures["rejected"] else None
    return {"import_id": str(import_id), **figures, "errors_url": errors_url}


def _table(run: JobRun) -> tuple[pl.DataFrame, dict[str, str | None]]:
    form = file_form(run.payload["columns"])
    return read_headed(Path(run.payload["path"]), run.payload["kind"], form)


async def _forget_file(run: JobRun) -> None:
    await asyncio.to_thread(Path(run.payload["path"]).unlink, missing_ok=True)


IMPORT = Job("household.import", run_import)
