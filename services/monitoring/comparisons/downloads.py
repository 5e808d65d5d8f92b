"""What became of a batch's rows, as a file: beside each line of the sender's own, in the words of its form.

PostgreSQL writes the lines of CSV: to write them here takes many times as long. A workbook is for a town's or a
department's own eyes, and holds no more than somebody looks through.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from fastapi.responses import Response
from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlmodel import case, col

from services.monitoring.batches.model import Comparison, UnmatchedReason
from services.monitoring.batches.rows import OUTCOMES
from services.monitoring.comparisons.queries import get_finished, lines_of_parts, within
from services.monitoring.comparisons.senders import reads_registry
from services.monitoring.datasets.catalog import datasets
from services.monitoring.datasets.columns import KEYS, VALUES, Column, ColumnType
from services.monitoring.replicas.model import Division, PersonReplica
from shared.assembly import Runtime
from shared.database import Database, Reader
from shared.database.csv_out import Sink, no_formula_sql
from shared.domain.codes import code_lists
from shared.identity.principal import Principal
from shared.sheets.csv_lines import MARK, csv_lines
from shared.web.downloads import Download
from shared.web.uploads import CSV, XLSX
from shared.web.workbooks import MOST_IN_WORKBOOK, Row, TooManyForWorkbook, workbook

Cells = Mapping[str, ColumnElement[Any]]
#: How words that somebody wrote are put into a cell.
_Worded = Callable[[SQLCoreOperations[str]], ColumnElement[str]]
#: Rows that are in memory at one time.
_CHUNK = 2000
_SHEET = "比对结果"


async def results_file(
    db: Reader, runtime: Runtime, comparison_id: UUID, matching: ColumnElement[bool], kind: str
) -> Response:
    """Return a batch's results that match as CSV or XLSX, as the caller may see them, as of one moment.

    Refuses with ``TooManyForWorkbook``.
    """
    if kind == XLSX:
        return await _workbook(db, comparison_id, matching, runtime.spool)
    write = partial(_write_csv, runtime.database, db.principal, comparison_id, matching)
    return Download(write, filename="results.csv", media_type=CSV, spool=runtime.spool)


async def _write_csv(
    database: Database, caller: Principal, comparison_id: UUID, matching: ColumnElement[bool], sink: Sink
) -> None:
    """Write in a transaction of its own: it outlives the request's."""
    async with database.reading(caller) as db:
        batch = await get_finished(db, comparison_id)
        cells = _cells(batch, known=reads_registry(caller), worded=no_formula_sql)
        wanted = _rows(cells).where(matching).order_by(OUTCOMES.c.line)
        await sink(MARK.encode() + csv_lines([cells]))
        for lines in await lines_of_parts(db, comparison_id):
            await db.write_csv(wanted.where(within(lines)), sink)


async def _workbook(db: Reader, comparison_id: UUID, matching: ColumnElement[bool], spool: Path) -> Response:
    batch = await get_finished(db, comparison_id)
    some = select(OUTCOMES.c.line).where(matching).limit(MOST_IN_WORKBOOK + 1).subquery()
    if await db.scalar(select(func.count()).select_from(some)) > MOST_IN_WORKBOOK:
        raise TooManyForWorkbook
    cells = _cells(batch, known=reads_registry(db.principal), worded=_as_written)
    rows = _by_header(db, comparison_id, cells, matching)
    return await workbook(rows, list(cells), sheet=_SHEET, filename="results.xlsx", spool=spool)


async def _by_header(
    db: Reader, comparison_id: UUID, cells: Cells, matching: ColumnElement[bool]
) -> AsyncIterator[list[Row]]:
    wanted = _rows(cells).where(matching).order_by(OUTCOMES.c.line)
    for lines in await lines_of_parts(db, comparison_id):
        async for rows in db.stream(wanted.where(within(lines)), at_once=_CHUNK):
            yield [dict(zip(cells, map(_shown, row.values()), strict=True)) for row in rows]


def _shown(value: Any) -> Any:
    """Return a cell of a workbook: figures can be added up, and days are written as in all other files."""
    return value.isoformat() if isinstance(value, date) else value


def _as_written(words: SQLCoreOperations[str]) -> ColumnElement[str]:
    """Return words as they are: a cell of text is no formula."""
    return cast(words, Text)


def _rows(cells: Cells) -> Select[*tuple[Any, ...]]:
    person = (col(PersonReplica.household_id) == OUTCOMES.c.household_id) & (
        col(PersonReplica.member_id) == OUTCOMES.c.member_id
    )
    return (
        select(*cells.values())
        .select_from(OUTCOMES)
        .outerjoin(PersonReplica, person)
        .outerjoin(Division, col(Division.code) == OUTCOMES.c.division_code)
    )


def _cells(batch: Comparison, *, known: bool, worded: _Worded) -> Cells:
    """Return what stands under each header: of the registry only for whoever knows it."""
    registered = {
        "登记姓名": worded(col(PersonReplica.name)),
        "所在村代码": OUTCOMES.c.division_code,
        "所在村": worded(col(Division.name)),
    }
    # What is about nobody here stands where its sender does.
    placed = {header: case((OUTCOMES.c.outcome != "unmatched", cell)) for header, cell in registered.items()}
    return {
        "行号": OUTCOMES.c.line,
        "比对结果": _outcome(),
        **(placed if known else {}),
        **{
            each.header: _said(each, worded)
            for each in datasets()[batch.dataset].columns
            if each.field not in KEYS
        },
    }


def _said(column: Column, worded: _Worded) -> ColumnElement[Any]:
    """Return what a row of the sender's says in a column."""
    said = OUTCOMES.c[column.field] if column.field in VALUES else OUTCOMES.c.more.op("->>")(column.field)
    if column.codes:
        return func.coalesce(_label(column.codes, said), said)
    if column.type is ColumnType.YES_NO:
        return case((said == "true", "是"), (said == "false", "否"))
    return worded(said) if column.type is ColumnType.TEXT else said


def _outcome() -> ColumnElement[str]:
    """Return what became of a row, and why it is about nobody."""
    told = func.coalesce(OUTCOMES.c.match, UnmatchedReason.NOT_REGISTERED.value)
    why = case(
        (OUTCOMES.c.outcome == "unmatched", func.coalesce("：" + _label("unmatched_reason", told), ""))
    )
    label = func.coalesce(_label("comparison_outcome", OUTCOMES.c.outcome), OUTCOMES.c.outcome)
    return label + func.coalesce(why, "")


def _label(codes: str, said: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a code's label; of an unknown one there is none."""
    labels = orjson.dumps(code_lists()[codes].labels).decode()
    return cast(literal(labels, Text), JSONB).op("->>")(said)
