"""Rows that could not be read, handed back as they were sent, with their reasons: corrected, they are sent again."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping

import orjson
from sqlmodel import col, select

from services.monitoring.batches.model import Comparison, ComparisonRefused, ComparisonReject
from services.monitoring.comparisons.reasons import REASONS
from services.monitoring.datasets.catalog import datasets
from services.monitoring.matching.values import NUMBERS
from shared.crypto.masking import mask_identity_number
from shared.database import Reader
from shared.identity.private import sees_private
from shared.sheets.reasons import in_words
from shared.sheets.returning import RefusedLine, reason, refused_form, refused_lines, refused_objects
from shared.web.language import Language
from shared.web.uploads import CSV, NDJSON, XLSX

#: As what they are handed back, as any sender sends: what people correct in a sheet, and what a program reads.
FORMATS = {XLSX: refused_form, CSV: refused_lines, NDJSON: refused_objects}


async def refused_file(db: Reader, batch: Comparison, kind: str, language: Language) -> bytes:
    """Return a finished batch's refused rows; who sent them sees all that they wrote, since they are to correct it."""
    kept = await db.all(
        select(ComparisonRefused)
        .where(col(ComparisonRefused.comparison_id) == batch.id)
        .order_by(col(ComparisonRefused.line))
    )
    said = select(ComparisonReject).where(
        ComparisonReject.comparison_id == batch.id,
        col(ComparisonReject.line) <= (kept[-1].line if kept else 0),
    )
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    for reject in await db.all(said.order_by(col(ComparisonReject.header))):
        reasons[reject.line].append(reason(reject.header, in_words(REASONS, reject.code, language)))
    is_sender = batch.owner == db.principal.subject
    clear = is_sender or sees_private(db.principal, comparison_id=str(batch.id), lines=len(kept))
    return await asyncio.to_thread(_file, kind, batch, kept, reasons, clear=clear)


def _file(
    kind: str,
    batch: Comparison,
    kept: list[ComparisonRefused],
    reasons: Mapping[int, list[str]],
    *,
    clear: bool,
) -> bytes:
    lines = []
    for each in kept:
        cells: dict[str, str] = orjson.loads(each.cells)
        lines.append(RefusedLine(each.line, reasons.get(each.line, []), cells if clear else _masked(cells)))
    sent = {field for line in lines for field in line.cells}
    columns = [column for column in datasets()[batch.dataset].columns if not sent or column.field in sent]
    # What was wrong beneath a header of 万元 is put right beneath one that says in which unit it is read now.
    headers = {each.field: each.header if kind == NDJSON else each.titled for each in columns}
    return FORMATS[kind](headers, lines)


def _masked(cells: Mapping[str, str]) -> dict[str, str]:
    shown = {field: re.sub(NUMBERS, "…", cell) for field, cell in cells.items()}
    return shown | {"identity_number": mask_identity_number(cells.get("identity_number")) or ""}
