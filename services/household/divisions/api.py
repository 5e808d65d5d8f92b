"""``/divisions``."""

from __future__ import annotations

import asyncio

from fastapi import Request

from services.household.divisions.commands import import_divisions
from services.household.divisions.queries import get_division, list_divisions
from services.household.divisions.rules import FORM
from services.household.divisions.schemas import DivisionImport, DivisionView, DivisionWithPath
from shared.database import Page
from shared.domain.division import DivisionCode, Level
from shared.refusal import NotFound
from shared.sheets.reading import HeaderMissing, UnreadableFile, read_table
from shared.web import Paging, Reading, Router, Writing, receive_upload, refusals, requires
from shared.web.problems import TooLarge
from shared.web.uploads import UnknownFileKind

router = Router(prefix="/divisions", tags=["行政区划 divisions"])


@router.get("", dependencies=[requires(None)])
async def divisions(
    db: Reading,
    page: Paging,
    parent: DivisionCode | None = None,
    level: Level | None = None,
    q: str | None = None,
) -> Page[DivisionView]:
    """List divisions: those below ``parent``, of a ``level``, or whose name begins with ``q``."""
    return await list_divisions(db, page, parent=parent, level=level, q=q)


@router.get("/{code}", dependencies=[requires(None)], responses=refusals(NotFound))
async def division(db: Reading, code: DivisionCode) -> DivisionWithPath:
    """Return a division with its path from the province down."""
    return await get_division(db, code)


@router.post(
    "/imports",
    dependencies=[requires("divisions:write")],
    responses=refusals(UnknownFileKind, TooLarge, UnreadableFile, HeaderMissing),
)
async def import_file(request: Request, db: Writing) -> DivisionImport:
    """Enter divisions from a file (XLSX or CSV) with the columns code, name, level, parent_code, or 区划代码, 名称 ….

    A tree of divisions is small, so this waits for no job: the whole country has 620,000 lines, a county some hundreds.
    """
    upload = await receive_upload(request)
    try:
        table = await asyncio.to_thread(read_table, upload.path, upload.kind, FORM)
        return await import_divisions(db, table.iter_rows(named=True))
    finally:
        upload.path.unlink(missing_ok=True)
