"""``/households/export``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from services.household.exports.files import SHEET, headers, rows_of, write_csv, write_ndjson
from services.household.exports.queries import count_people, people_of, people_streamed
from services.household.households.filters import HouseholdFilter
from shared.assembly import Runtime
from shared.database import Reader
from shared.domain.division import DivisionCode
from shared.web import Reading, Router, refusals, requires
from shared.web.accepting import NoSuchFormat, accepted
from shared.web.downloads import Download
from shared.web.uploads import CSV, NDJSON, TABLES, FileKind
from shared.web.workbooks import MOST_IN_WORKBOOK, TooManyForWorkbook, workbook

router = Router(prefix="/households", tags=["导出 exports"])


class ExportFilter(HouseholdFilter):
    """Whose people: a division, and what else is said of the households."""

    division: DivisionCode
    #: Else as ``Accept`` says.
    format: FileKind | None = None


@router.get(
    "/export",
    dependencies=[requires("households:export")],
    response_class=Response,
    responses=refusals(TooManyForWorkbook, NoSuchFormat)
    | {200: {"content": {media: {} for media in TABLES}}},
)
async def export(request: Request, db: Reading, wanted: Annotated[ExportFilter, Query()]) -> Response:
    """Export everybody who is there, in the columns of the import form: corrected, it can be sent back as an import.

    Numbers are masked unless the caller may export them; a masked number is refused by an import.
    """
    form = wanted.format or TABLES[accepted(request, *TABLES)]
    runtime: Runtime = request.app.state.runtime
    name = f"households-{wanted.division}.{form}"
    if form == "xlsx":
        return await _workbook(db, wanted, name, runtime.spool)
    people = people_streamed(runtime.database, db.principal, wanted)
    write, media = (write_csv, CSV) if form == "csv" else (write_ndjson, NDJSON)
    return Download(partial(write, people), filename=name, media_type=media, spool=runtime.spool)


async def _workbook(db: Reader, wanted: ExportFilter, name: str, spool: Path) -> Response:
    if await count_people(db, wanted) > MOST_IN_WORKBOOK:
        raise TooManyForWorkbook
    return await workbook(rows_of(people_of(db, wanted)), headers(), sheet=SHEET, filename=name, spool=spool)
