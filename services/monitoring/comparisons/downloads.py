"""What became of a batch's rows, as a file: beside each line of the sender's own, in the words of its form.

PostgreSQL writes the lines: to write them here takes many times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import case, col

from services.monitoring.batches.model import Comparison, UnmatchedReason
from services.monitoring.batches.rows import OUTCOMES
from services.monitoring.comparisons.queries import get_finished, lines_of_parts, within
from services.monitoring.comparisons.senders import reads_registry
from services.monitoring.datasets.catalog import datasets
from services.monitoring.datasets.columns import KEYS, VALUES, Column, ColumnType
from services.monitoring.replicas.model import Division, PersonReplica
from shared.database import Database
from shared.database.csv_out import Sink, no_formula_sql
from shared.domain.codes import code_lists
from shared.identity.principal import Principal
from shared.sheets.csv_lines import MARK, csv_lines

Cells = Mapping[str, ColumnElement[Any]]


async def write_results(
    database: Database, caller: Principal, comparison_id: UUID, matching: ColumnElement[bool], sink: Sink
) -> None:
    """Write a batch's results that match as CSV, as the caller may see them, as of one moment.

    A transaction of its own: it outlives the request's.
    """
    async with database.reading(caller) as db:
        batch = await get_finished(db, comparison_id)
        cells = _cells(batch, known=reads_registry(caller))
        wanted = _rows(cells).where(matching).order_by(OUTCOMES.c.line)
        await sink(MARK.encode() + csv_lines([cells]))
        for lines in await lines_of_parts(db, comparison_id):
            await db.write_csv(wanted.where(within(lines)), sink)


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


def _cells(batch: Comparison, *, known: bool) -> Cells:
    """Return what stands under each header: of the registry only for whoever knows it."""
    registered = {
        "登记姓名": no_formula_sql(col(PersonReplica.name)),
        "所在村代码": OUTCOMES.c.division_code,
        "所在村": no_formula_sql(col(Division.name)),
    }
    # What is about nobody here stands where its sender does.
    placed = {header: case((OUTCOMES.c.outcome != "unmatched", cell)) for header, cell in registered.items()}
    return {
        "行号": OUTCOMES.c.line,
        "比对结果": _outcome(),
        **(placed if known else {}),
        **{each.header: _said(each) for each in datasets()[batch.dataset].columns if each.field not in KEYS},
    }


def _said(column: Column) -> ColumnElement[Any]:
    """Return what a row of the sender's says in a column."""
    said = OUTCOMES.c[column.field] if column.field in VALUES else OUTCOMES.c.more.op("->>")(column.field)
    if column.codes:
        return func.coalesce(_label(column.codes, said), said)
    if column.type is ColumnType.YES_NO:
        return case((said == "true", "是"), (said == "false", "否"))
    return no_formula_sql(said) if column.type is ColumnType.TEXT else said


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
