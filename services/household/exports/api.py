"""``/households/export``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from services.household.exports.errors import TooManyForWorkbook
from services.household.exports.files import as_csv, as_ndjson, write_workbook
from services.household.exports.queries import Person, count_people, people_of
from services.household.households.filters import HouseholdFilter
from shared.assembly import Runtime
from shared.domain.division import DivisionCode
from shared.keys import uuid7
from shared.web import Reading, Router, refusals, requires
from shared.web.accepting import NoSuchFormat, accepted
from shared.web.downloads import Download
from shared.web.uploads import TABLES, FileKind

router = Router(prefix="/households", tags=["导出 exports"])
_MEDIA: dict[FileKind, str] = {kind: media for media, kind in TABLES.items()}
#: More take minutes to write, for which no proxy on the way waits.
_MOST_IN_WORKBOOK = 200_000


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
    | {200: {"content": {media: {} for media in _MEDIA.values()}}},
)
async def export(request: Request, db: Reading, wanted: Annotated[ExportFilter, Query()]) -> Response:
    """Export everybody who is there, in the columns of the import form: corrected, it can be sent back as an import.

    Numbers are masked unless the caller may export them; a masked number is refused by an import.
    """
    form = wanted.format or TABLES[accepted(request, *TABLES)]
    if form == "xlsx" and await count_people(db, wanted) > _MOST_IN_WORKBOOK:
        raise TooManyForWorkbook
    runtime: Runtime = request.app.state.runtime
    people = people_of(runtime.database, db.principal, wanted)
    return await _answer(people, form, wanted.division, runtime.spool)


async def _answer(
    people: AsyncIterator[list[Person]], form: FileKind, division: str, spool: Path
) -> Response:
    name = f"households-{division}.{form}"
    if form == "csv":
        media = f"{_MEDIA[form]}; charset=utf-8"
        return Download(as_csv(people), filename=name, media_type=media, spool=spool)
    if form == "ndjson":
        return Download(as_ndjson(people), filename=name, media_type=_MEDIA[form], spool=spool)
    path = spool / f"{uuid7()}.xlsx"
    await write_workbook(people, path)
    return FileResponse(
        path,
        media_type=_MEDIA[form],
        filename=name,
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(path.unlink),
    )
