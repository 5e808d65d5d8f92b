"""``/divisions``."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated

from fastapi import Query, Request

from services.household.divisions.commands import import_divisions
from services.household.divisions.queries import get_division, list_divisions, tree_below
from services.household.divisions.rules import FORM
from services.household.divisions.schemas import DivisionImport, DivisionTree, DivisionView, DivisionWithPath
from shared.database import Page
from shared.domain.division import DivisionCode, Level
from shared.refusal import NotFound
from shared.sheets.form import HeaderMissing, SeveralSheets, UnreadableFile
from shared.sheets.reading import read_table
from shared.web import Paging, Reading, Router, Writing, receive_upload, refusals, requires
from shared.web.language import InLanguage
from shared.web.uploads import TABLES, UNTAKEN, taking

router = Router(prefix="/divisions", tags=["行政区划 divisions"])
#: Levels of one tree: a city's whole tree has some thousand nodes, the country's 620,000.
_DEEPEST = 3


@router.get("", dependencies=[requires(None)])
async def divisions(
    db: Reading,
    page: Paging,
    parent: DivisionCode | None = None,
    level: Level | None = None,
    q: Annotated[
        str | None, Query(description="名称、拼音或首字母 part of the name, pinyin or initials")
    ] = None,
    on: date | None = None,
) -> Page[DivisionView]:
    """List divisions: those below ``parent``, of a ``level``, called ``q``; as they were ``on`` a day."""
    return await list_divisions(db, page, parent=parent, level=level, q=q, on=on)


@router.get("/tree", dependencies=[requires(None)], responses=refusals(NotFound))
async def tree(
    db: Reading,
    root: DivisionCode,
    depth: Annotated[int, Query(ge=1, le=_DEEPEST)] = _DEEPEST,
    on: date | None = None,
) -> DivisionTree:
    """Return the tree below a division: of a county its towns, parks and villages; as it was ``on`` a day."""
    return await tree_below(db, root, depth=depth, on=on)


@router.get("/{code}", dependencies=[requires(None)], responses=refusals(NotFound))
async def division(db: Reading, code: DivisionCode) -> DivisionWithPath:
    """Return a division with its path from the province down."""
    return await get_division(db, code)


@router.post(
    "/imports",
    dependencies=[requires("divisions:write")],
    responses=refusals(*UNTAKEN, UnreadableFile, HeaderMissing, SeveralSheets),
    openapi_extra=taking(*TABLES),
)
async def import_file(request: Request, db: Writing, language: InLanguage) -> DivisionImport:
    """Enter divisions from a file (XLSX or CSV) with the columns code, name, level, parent_code, or 区划代码, 名称 ….

    A tree of divisions is small, so this waits for no job: the whole country has 620,000 lines, a county some hundreds.
    """
    upload = await receive_upload(request)
    try:
        table = await asyncio.to_thread(read_table, upload.path, upload.kind, FORM)
        return await import_divisions(db, table.iter_rows(named=True), language)
    finally:
        upload.path.unlink(missing_ok=True)
