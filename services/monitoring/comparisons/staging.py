"""Rows into the staging table, numbers as blind index only; what was refused beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import Table, delete
from sqlmodel import col

from services.monitoring.comparisons.model import Comparison, ComparisonReject, ComparisonRow
from services.monitoring.comparisons.parsing import Parsed
from shared.crypto.keyring import KeyRing
from shared.database import Writer

_COLUMNS = ("comparison_id", "line", "number_index", "name", "amount", "note")


async def stage(db: Writer, comparison: Comparison, parsed: Parsed, keys: KeyRing) -> None:
    """Replace what is staged of a batch; safe to repeat."""
    for table in (ComparisonRow, ComparisonReject):
        await db.execute(delete(table).where(col(table.comparison_id) == comparison.id))
    await db.copy_rows("comparison_row", _COLUMNS, _records(comparison.id, parsed.good, keys))
    rejects: Table = ComparisonReject.__table__  # type: ignore[attr-defined]
    if rows := [_reject(comparison, *row) for row in parsed.rejects.iter_rows()]:
        await db.execute(rejects.insert(), rows)


async def clear(db: Writer, comparison_id: UUID) -> None:
    """Forget the staged rows once they have their outcomes."""
    await db.execute(delete(ComparisonRow).where(col(ComparisonRow.comparison_id) == comparison_id))


def _records(comparison_id: UUID, good: pl.DataFrame, keys: KeyRing) -> Iterator[tuple[Any, ...]]:
    notes = good["note"] if "note" in good.columns else pl.Series([None] * good.height, dtype=pl.String)
    return zip(
        [comparison_id] * good.height,
        good["line"].to_list(),
        keys.blind_index_many(good["number"]),
        good["name_key"].to_list(),
        good["yuan"].to_list(),
        notes.to_list(),
        strict=True,
    )


def _reject(comparison: Comparison, line: int, code: str, header: str, value: str) -> dict[str, Any]:
    place = {"comparison_id": comparison.id, "division_code": comparison.division_code}
    return {**place, "line": line, "code": code, "header": header, "value": value}
