"""The import job: read and check, judge, write.

Killed anywhere, it goes on where it was and ends with the same rows.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.household.imports.columns import file_form
from services.household.imports.model import HouseholdImport
from services.household.imports.parsing import Parsed, parse
from services.household.imports.staging import discard, stage
from services.household.imports.writing import judge, write_batch
from shared.database import Writer
from shared.identity.principal import system
from shared.jobs import Job, JobRun
from shared.logging import log
from shared.sheets.reading import read_table

_log = log(__name__)
_SYSTEM = system("household")
_LEFT = text("SELECT count(*) FROM import_person WHERE import_id = :id")
_REFUSED = text(
    """
    SELECT code, count(*), (SELECT count(DISTINCT line) FROM import_reject WHERE import_id = :id)
    FROM import_reject WHERE import_id = :id GROUP BY code ORDER BY code
    """
)


async def run_import(run: JobRun) -> dict[str, Any]:
    """Import a file of households (payload: import_id, path, kind, mode, division_code, areas)."""
    import_id = UUID(run.payload["import_id"])
    if "rows" not in run.checkpoint:
        await _read(run, import_id)
    if "judged" not in run.checkpoint:
        await _judge(run, import_id)
    if run.payload["mode"] == "commit":
        await _write(run, import_id)
    figures = await _finish(run, import_id)
    await asyncio.to_thread(Path(run.payload["path"]).unlink, missing_ok=True)
    return figures


async def _read(run: JobRun, import_id: UUID) -> None:
    path, kind = Path(run.payload["path"]), run.payload["kind"]
    # Polars works outside the interpreter lock; this process has nothing else to do, but heartbeats must go
    # on.
    parsed: Parsed = await asyncio.to_thread(lambda: parse(read_table(path, kind, file_form())))
    await run.progress(0, parsed.rows, "行 rows")
    async with run.database.writing(_SYSTEM) as db:
        await stage(db, import_id, run.payload["division_code"], parsed, run.runtime.keys)
    await run.save(rows=parsed.rows)


async def _judge(run: JobRun, import_id: UUID) -> None:
    async with run.database.writing(_SYSTEM) as db:
        await judge(db, import_id, division_code=run.payload["division_code"], areas=run.payload["areas"])
        accepted = await db.scalar(_LEFT, {"id": import_id})
    await run.save(judged=True, accepted=accepted)


async def _write(run: JobRun, import_id: UUID) -> None:
    done = 0
    author = f"{run.payload['requested_by']}（批量导入）"
    while True:
        async with run.database.writing(_SYSTEM, reason=author) as db:
            written = await write_batch(db, import_id)
            if written is None:
                return
            await _count(db, import_id, written.registered, written.changed, written.members)
        done += written.members
        await run.progress(done, run.checkpoint["accepted"], "人 persons")


async def _count(db: Writer, import_id: UUID, registered: int, changed: int, members: int) -> None:
    """Add a batch to the import's figures, in the batch's own transaction: a repeated attempt counts nothing twice."""
    known = await db.get(HouseholdImport, import_id)
    before = known.figures or {"registered": 0, "changed": 0, "members": 0}
    known.figures = {
        "registered": before["registered"] + registered,
        "changed": before["changed"] + changed,
        "members": before["members"] + members,
    }
    await db.flush()


async def _finish(run: JobRun, import_id: UUID) -> dict[str, Any]:
    async with run.database.writing(_SYSTEM) as db:
        await discard(db, import_id)
        refused = await db.rows(_REFUSED, {"id": import_id})
        known = await db.get(HouseholdImport, import_id)
        written = known.figures or {"registered": 0, "changed": 0, "members": 0}
        rejected = refused[0][2] if refused else 0
        known.figures = {
            **{name: written[name] for name in ("registered", "changed", "members")},
            "rows": run.checkpoint["rows"],
            "accepted": run.checkpoint["rows"] - rejected,
            "rejected": rejected,
            "by_code": {code: count for code, count, _ in refused},
        }
        figures = known.figures
    _log.info("import.finished", import_id=str(import_id), rows=figures["rows"], rejected=rejected)
    return {"import_id": str(import_id), **figures}


IMPORT = Job("household.import", run_import)
