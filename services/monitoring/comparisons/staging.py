"""Rows into the staging table, numbers as blind index only; what was refused beside them."""

from __future__ import annotations

from io import BytesIO
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
    """Add a chunk of a batch's rows."""
    text = BytesIO()
    _staged(comparison.id, parsed.good, keys).write_csv(text, include_header=False, quote_style="non_numeric")
    text.seek(0)
    await db.copy_text("comparison_row", _COLUMNS, text, format="csv")
    rejects: Table = ComparisonReject.__table__  # type: ignore[attr-defined]
    if rows := [_reject(comparison, *row) for row in parsed.rejects.iter_rows()]:
        await db.execute(rejects.insert(), rows)


async def clear(db: Writer, comparison_id: UUID) -> None:
    """Forget the staged rows once they have their outcomes."""
    await db.execute(delete(ComparisonRow).where(col(ComparisonRow.comparison_id) == comparison_id))


def _staged(comparison_id: UUID, good: pl.DataFrame, keys: KeyRing) -> pl.DataFrame:
    indexes = pl.Series(keys.blind_index_many(good["number"]), dtype=pl.Binary)
    return good.select(
        pl.lit(str(comparison_id)).alias("comparison_id"),
        pl.col("line"),
        ("\\x" + indexes.bin.encode("hex")).alias("number_index"),
        pl.col("name_key"),
        pl.col("yuan"),
        pl.col("note"),
    )


def _reject(comparison: Comparison, line: int, code: str, header: str, value: str) -> dict[str, Any]:
    place = {"comparison_id": comparison.id, "division_code": comparison.division_code}
    return {**place, "line": line, "code": code, "header": header, "value": value}
