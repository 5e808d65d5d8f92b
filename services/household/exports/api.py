"""``/households/export``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Query, Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from services.household.exports.errors import TooManyForWorkbook
from services.household.exports.files import as_csv, as_ndjson, write_workbook
from services.household.exports.queries import Person, count_people, people_of
from shared.assembly import Runtime
from shared.domain.division import DivisionCode
from shared.keys import uuid7
from shared.web import Reading, Router, refusals, requires

router = Router(prefix="/households", tags=["导出 exports"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: More take minutes to write, for which no proxy on the way waits.
_MOST_IN_WORKBOOK = 200_000


@router.get(
    "/export",
    dependencies=[requires("households:export")],
    response_class=Response,
    responses=refusals(TooManyForWorkbook)
    | {200: {"content": {XLSX: {}, "text/csv": {}, "application/x-ndjson": {}}}},
)
async def export(
    request: Request,
    db: Reading,
    division: DivisionCode,
    kind: Annotated[list[str] | None, Query()] = None,
    format: Literal["xlsx", "csv", "ndjson"] = "xlsx",  # noqa: A002 - the parameter's public name
) -> Response:
    """Export everybody who is there, in the columns of the import form: corrected, it can be sent back as an import.

    Numbers are masked unless the caller may export them; a masked number is refused by an import.
    """
    if format == "xlsx" and await count_people(db, division, kind or []) > _MOST_IN_WORKBOOK:
        raise TooManyForWorkbook
    runtime: Runtime = request.app.state.runtime
    people = people_of(runtime.database, db.principal, division, kind or [])
    return await _answer(people, format, division, runtime.common.spool_dir)


async def _answer(people: AsyncIterator[list[Person]], form: str, division: str, spool: Path) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="households-{division}.{form}"',
        "Cache-Control": "no-store",
    }
    if form == "csv":
        return StreamingResponse(as_csv(people), media_type="text/csv; charset=utf-8", headers=headers)
    if form == "ndjson":
        return StreamingResponse(as_ndjson(people), media_type="application/x-ndjson", headers=headers)
    path = spool / f"{uuid7()}.xlsx"
    await write_workbook(people, path)
    return FileResponse(path, media_type=XLSX, headers=headers, background=BackgroundTask(path.unlink))
