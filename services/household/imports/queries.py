"""Questions about imports."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from sqlmodel import col, select

from services.household.households.private import MASKS, sees_private
from services.household.imports.faults import WORDS
from services.household.imports.model import HouseholdImport, ImportReject, RefusedLine
from services.household.imports.schemas import RejectView
from services.household.imports.sheet import refused_form
from shared.database import Page, PageQuery, Reader


async def list_rejects(db: Reader, taken: HouseholdImport, page: PageQuery) -> Page[RejectView]:
    """List what was wrong, by line."""
    wanted = select(ImportReject).where(ImportReject.import_id == taken.id)
    order = [ImportReject.line, ImportReject.code, ImportReject.header]
    found = await db.page(wanted, order=order, page=page)
    items = [
        RejectView(
            line=each.line, column=each.header, code=each.code, message=WORDS[each.code], value=each.value
        )
        for each in found.items
    ]
    return Page(items=items, next=found.next, total=found.total)


async def refused_workbook(db: Reader, taken: HouseholdImport) -> bytes:
    """Return the refused lines as XLSX; whoever may see numbers sees them, since they must be corrected."""
    refused = await db.all(
        select(RefusedLine).where(RefusedLine.import_id == taken.id).order_by(col(RefusedLine.line))
    )
    reasons: dict[int, list[str]] = {each.line: [] for each in refused}
    for reject in await db.all(select(ImportReject).where(ImportReject.import_id == taken.id)):
        reasons.setdefault(reject.line, []).append(f"{reject.header}：{WORDS[reject.code]}")
    clear = sees_private(db.principal, import_id=str(taken.id), lines=len(refused))
    lines = {each.line: _cells(each, clear=clear) for each in refused}
    return await asyncio.to_thread(refused_form, lines, reasons)


def _cells(refused: RefusedLine, *, clear: bool) -> dict[str, str]:
    cells: dict[str, Any] = orjson.loads(refused.cells)
    return cells if clear else cells | {name: mask(cells.get(name)) for name, mask in MASKS.items()}
