"""Rows that could not be read, kept as they were sent: encrypted, and so many of a batch."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import polars as pl
from sqlalchemy import text

from services.monitoring.batches.model import REFUSED_CELLS, Comparison
from shared.crypto.fields import ring
from shared.database import Writer
from shared.sheets.parts import OVERLONG

#: Of a batch. Whoever has more of them has sent another file than they meant.
MOST = 10_000
_KEEP = text(
    """
    INSERT INTO comparison_refused (comparison_id, division_code, line, cells)
    SELECT :id, :division_code, line, cells
    FROM unnest(CAST(:lines AS integer[]), CAST(:cells AS bytea[])) AS said (line, cells)
    ORDER BY line LIMIT :most - (SELECT count(*) FROM comparison_refused WHERE comparison_id = :id)
    """
)
#: Of a cell, in signs: more than is kept of any that can be read, and all of them fit a workbook.
_LONGEST = 200


def refused_rows(table: pl.DataFrame, rejects: pl.DataFrame) -> dict[int, bytes | None]:
    """Return the rows of a part, by their lines, that may be kept as they were sent: encrypted."""
    refused = table.filter(pl.col("line").is_in(rejects["line"].unique().implode()))
    kept = refused.head(MOST).drop(OVERLONG, strict=False)
    cells = kept.drop("line").with_columns(pl.col(pl.String).str.slice(0, _LONGEST))
    written = [orjson.dumps(row).decode() for row in cells.iter_rows(named=True)]
    return dict(zip(kept["line"], ring().encrypt_many(written, REFUSED_CELLS), strict=True))


async def keep_refused(db: Writer, comparison: Comparison, rows: Mapping[int, bytes | None]) -> None:
    """Keep a part's refused rows, as many as may be of a batch."""
    of_batch = {"id": comparison.id, "division_code": comparison.division_code}
    await db.execute(_KEEP, of_batch | {"lines": [*rows], "cells": [*rows.values()], "most": MOST})
