"""Rows as a workbook to save: for whoever reads, sorts and adds them up in a spreadsheet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from fastapi.responses import FileResponse
from rustpy_xlsxwriter import write_worksheet
from starlette.background import BackgroundTask

from shared.keys import uuid7
from shared.refusal import Refusal
from shared.web.uploads import XLSX

#: More rows take minutes to write, for which no proxy on the way waits.
MOST_IN_WORKBOOK = 200_000
#: Its cells by header: text stays text, and nothing in it is a formula.
Row = dict[str, Any]


class TooManyForWorkbook(Refusal):
    """So many rows do not go into a workbook: ask for a smaller division, or for CSV."""

    status = 422
    code = "too_many_for_workbook"
    zh = "行数过多，无法导出为 XLSX，请缩小区划范围或改用 CSV"


async def workbook(
    chunks: AsyncIterator[Sequence[Row]], headers: Sequence[str], *, sheet: str, filename: str, spool: Path
) -> FileResponse:
    """Return a workbook of one sheet with all rows, some of which come at a time; of none the header alone."""
    path = spool / f"{uuid7()}.xlsx"
    await _write(chunks, headers, sheet, path)
    return FileResponse(
        path,
        media_type=XLSX,
        filename=filename,
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(path.unlink),
    )


async def _write(
    chunks: AsyncIterator[Sequence[Row]], headers: Sequence[str], sheet: str, path: Path
) -> None:
    """Write in a thread, which asks this loop for one chunk after another."""
    loop = asyncio.get_running_loop()
    first: Sequence[Row] = await anext(chunks, [])

    async def following() -> Sequence[Row]:
        return await anext(chunks, [])

    def rows() -> Iterator[Row]:
        some = first
        while some:
            yield from some
            some = asyncio.run_coroutine_threadsafe(following(), loop).result()

    nothing = pl.DataFrame(schema=dict.fromkeys(headers, pl.String))
    await asyncio.to_thread(_save, rows() if first else nothing, sheet, path)


def _save(rows: Iterator[Row] | pl.DataFrame, sheet: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_worksheet(rows, str(path), sheet, freeze_row=1, autofilter=True)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
