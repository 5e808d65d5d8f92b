"""What became of a batch's rows, as a file: beside each line of the sender's own, in the words of its form."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from services.monitoring.batches.rows import OUTCOMES
from services.monitoring.comparisons.queries import get_finished, lines_of_parts, within
from services.monitoring.comparisons.senders import reads_registry
from services.monitoring.datasets.catalog import datasets
from services.monitoring.datasets.columns import KEYS, VALUES, Column
from services.monitoring.replicas.model import Division, PersonReplica
from shared.database import Database
from shared.domain.codes import code_lists
from shared.identity.principal import Principal
from shared.sheets.csv_lines import MARK, csv_lines, no_formula

#: Rows that are held in memory at a time.
_CHUNK = 2_000
_LINE, _OUTCOME = "行号", "比对结果"
_REGISTERED = ("登记姓名", "所在村代码", "所在村")


async def results_as_csv(
    database: Database, caller: Principal, comparison_id: UUID, matching: ColumnElement[bool]
) -> AsyncGenerator[bytes]:
    """Yield a batch's results that match, as the caller may see them, as of one moment.

    A transaction of its own: what is streamed outlives the request's.
    """
    async with database.reading(caller) as db:
        batch = await get_finished(db, comparison_id)
        known = reads_registry(db.principal)
        columns = [each for each in datasets()[batch.dataset].columns if each.field not in KEYS]
        headers = [_LINE, _OUTCOME, *(_REGISTERED if known else ()), *(each.header for each in columns)]
        yield MARK.encode() + csv_lines([headers])
        wanted = (
            select(*_columns())
            .outerjoin(
                PersonReplica,
                (col(PersonReplica.household_id) == OUTCOMES.c.household_id)
                & (col(PersonReplica.member_id) == OUTCOMES.c.member_id),
            )
            .outerjoin(Division, col(Division.code) == OUTCOMES.c.division_code)
            .where(matching)
            .order_by(OUTCOMES.c.line)
        )
        for lines in await lines_of_parts(db, comparison_id):
            async for rows in db.stream(wanted.where(within(lines)), at_once=_CHUNK):
                yield csv_lines(_row(row, columns, known=known) for row in rows)


def _columns() -> list[Any]:
    own = ("line", "outcome", "match", "division_code", *VALUES, "more")
    return [
        *(OUTCOMES.c[name] for name in own),
        PersonReplica.name,
        col(Division.name).label("village"),
    ]


def _row(row: Any, columns: Sequence[Column], *, known: bool) -> list[str]:
    # What is about nobody here stands where its sender does.
    is_placed = row["outcome"] != "unmatched"
    registered = [row["name"], row["division_code"], row["village"]] if is_placed else [None] * 3
    more = row["more"] or {}
    cells = [row[each.field] if each.field in VALUES else more.get(each.field) for each in columns]
    return [
        str(row["line"]),
        _outcome(row),
        *(no_formula(each or "") for each in registered if known),
        *(_cell(column, cell) for column, cell in zip(columns, cells, strict=True)),
    ]


def _outcome(row: Any) -> str:
    outcome, reasons = (
        code_lists()["comparison_outcome"].label(row["outcome"]),
        code_lists()["unmatched_reason"],
    )
    return f"{outcome}：{reasons.label(row['match'])}" if row["match"] in reasons else outcome


def _cell(column: Column, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.codes and value is not None:
        return code_lists()[column.codes].label(value)
    return no_formula(value) if isinstance(value, str) else "" if value is None else str(value)
