"""``/households/imports`` and the form that is to be filled in."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from services.household.imports.columns import NoSuchField, own_columns
from services.household.imports.commands import take_in
from services.household.imports.help import columns_view
from services.household.imports.model import HouseholdImport
from services.household.imports.queries import list_rejects, refused_workbook
from services.household.imports.schemas import ColumnView, ImportView, RejectView, Wanted
from services.household.imports.template import template
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, receive_upload, refusals, requires
from shared.web.accepting import JSON, NoSuchFormat, accepted
from shared.web.edge import OutsideArea
from shared.web.language import InLanguage
from shared.web.uploads import TABLES, UNTAKEN, XLSX, taking

router = Router(prefix="/households", tags=["批量导入 imports"])


@router.get("/template.xlsx", dependencies=[requires("households:read")])
async def form() -> Response:
    """Return the form to fill in, with drop-downs and a sheet of explanations."""
    headers = {"Content-Disposition": 'attachment; filename="households.xlsx"'}
    return Response(await asyncio.to_thread(template), media_type=XLSX, headers=headers)


@router.get("/imports/columns", dependencies=[requires("households:read")])
async def columns(language: InLanguage) -> list[ColumnView]:
    """List the form's columns: what each takes, and what an empty cell and a dash do."""
    return columns_view(language)


@router.post(
    "/imports",
    status_code=202,
    dependencies=[requires("households:import")],
    responses=refusals(*UNTAKEN, OutsideArea, NoSuchField),
    openapi_extra=taking(*TABLES),
)
async def import_file(
    request: Request,
    db: Writing,
    response: Response,
    division: Annotated[DivisionCode, Query(description="文件所属的县、镇或村 whose file it is")],
    mode: Literal["validate", "commit"] = "commit",
    atomic: Literal["all", "valid"] = "valid",
    column: Annotated[
        list[str] | None, Query(max_length=100, description="表头=字段 a header of yours for a field")
    ] = None,
) -> ImportView:
    """Send a filled form (XLSX, NDJSON, or text with commas, tabs or semicolons in UTF-8, GB18030 or UTF-16).

    ``validate`` checks, foretells and writes nothing; ``atomic=all`` takes nothing where one line is refused. The
    same file sent again with the same wishes is the same import; what it foretold or refused is tried again.
    """
    if not db.principal.covers(division):
        raise OutsideArea
    upload = await receive_upload(request)
    try:
        wanted = Wanted(mode=mode, atomic=atomic, columns=own_columns(column or []))
        taken = ImportView.of(await take_in(db, upload, wanted, division_code=division))
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise
    response.headers["Location"] = f"/jobs/{taken.job}"
    return taken


@router.get(
    "/imports/{import_id}", dependencies=[requires("households:import")], responses=refusals(NotFound)
)
async def read_import(db: Reading, import_id: UUID) -> ImportView:
    """Return an import and, once it has finished, its figures."""
    return ImportView.of(await db.get(HouseholdImport, import_id))


@router.get(
    "/imports/{import_id}/rejects",
    dependencies=[requires("households:import")],
    response_model=Page[RejectView],
    responses=refusals(NotFound, NoSuchFormat)
    | {200: {"content": {XLSX: {}}, "description": "A page as JSON, or all refused lines as XLSX"}},
)
async def rejects(
    request: Request, db: Reading, import_id: UUID, page: Paging, language: InLanguage
) -> Page[RejectView] | Response:
    """List what was refused: line, column, reason in the caller's language.

    Where ``Accept`` asks for XLSX: the lines themselves with their reasons, to correct and send again.
    """
    taken = await db.get(HouseholdImport, import_id)
    if accepted(request, JSON, XLSX) == JSON:
        return await list_rejects(db, taken, page, language)
    headers = {"Content-Disposition": 'attachment; filename="refused.xlsx"', "Cache-Control": "no-store"}
    content = await refused_workbook(db, taken, language)
    return Response(content, media_type=XLSX, headers=headers)
