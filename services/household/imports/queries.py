"""Questions about imports."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from sqlmodel import col, select

from services.household.households.private import MASKS
from services.household.imports.columns import form
from services.household.imports.model import HouseholdImport, ImportReject, RefusedLine
from services.household.imports.reasons import REASONS
from services.household.imports.schemas import RejectView
from shared.database import Page, PageQuery, Reader
from shared.identity.private import sees_private
from shared.sheets.reasons import in_words
from shared.sheets.returning import RefusedLine as Returned, reason, refused_form
from shared.web.language import Language


async def list_rejects(
    db: Reader, taken: HouseholdImport, page: PageQuery, language: Language
) -> Page[RejectView]:
    """List what was wrong, by line."""
    wanted = select(ImportReject).where(ImportReject.import_id == taken.id)
    order = [ImportReject.line, ImportReject.code, ImportReject.header]
    found = await db.page(wanted, order=order, page=page)
    items = [
        RejectView(
            line=each.line,
            column=each.header,
            code=each.code,
            message=in_words(REASONS, each.code, language),
            value=each.value,
        )
        for each in found.items
    ]
    return found.with_items(items)


async def refused_workbook(db: Reader, taken: HouseholdImport, language: Language) -> bytes:
    """Return the refused lines as XLSX; whoever may see numbers sees them, since they must be corrected."""
    refused = await db.all(
        select(RefusedLine).where(RefusedLine.import_id == taken.id).order_by(col(RefusedLine.line))
    )
    reasons: dict[int, list[str]] = {each.line: [] for each in refused}
    for reject in await db.all(select(ImportReject).where(ImportReject.import_id == taken.id)):
        said = reason(reject.header, in_words(REASONS, reject.code, language))
        reasons.setdefault(reject.line, []).append(said)
    clear = sees_private(db.principal, import_id=str(taken.id), lines=len(refused))
    lines = [Returned(each.line, reasons[each.line], _cells(each, clear=clear)) for each in refused]
    sent = lines[0].cells if lines else None
    headers = {each.field: each.header for each in form() if sent is None or each.field in sent}
    return await asyncio.to_thread(refused_form, headers, lines)


def _cells(refused: RefusedLine, *, clear: bool) -> dict[str, str]:
    cells: dict[str, Any] = orjson.loads(refused.cells)
    return cells if clear else cells | {name: mask(cells.get(name)) for name, mask in MASKS.items()}
