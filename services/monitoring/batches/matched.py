"""What batches say of whom they matched, read as columns: by rows PostgreSQL takes ten times as long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

import numpy as np
import polars as pl

from services.monitoring.batches.rows import FIGURES, NO_FIGURE, SEPARATOR
from shared.database import Reader
from shared.database.binary_arrays import values_of

Key = Literal["household", "member"]
#: What rules add up.
_SAID = {"amount": pl.Int64, "quantity": pl.Int64, "kind": pl.String}
#: Whether a batch has parts whose matched rows are not in blocks, or whose rows somebody may decide on.
_WITHOUT = """
    SELECT EXISTS (
        SELECT FROM comparison_part part
        WHERE comparison_id = ANY($1) AND (probable > 0 OR matched > 0 AND NOT EXISTS (
            SELECT FROM comparison_block block
            WHERE block.comparison_id = ANY($1) AND block.comparison_id = part.comparison_id
                AND block.part = part.number AND outcome = 'matched')))
    """
_PART = """
    SELECT part, array_send({key}) AS id, array_send(amount) AS amount, array_send(quantity) AS quantity, kind
    FROM comparison_block
    WHERE comparison_id = $1 AND outcome = 'matched' AND part = (
        SELECT min(part) FROM comparison_block WHERE comparison_id = $1 AND outcome = 'matched' AND part > $2)
    ORDER BY number
    """


async def stand_in_blocks(db: Reader, comparison_ids: Collection[UUID]) -> bool:
    """Tell whether all that batches say of whom they matched stands in blocks: not of those of long ago."""
    ((is_without,),) = await db.glance(_WITHOUT, list(comparison_ids))
    return not is_without


async def read_matched(db: Reader, comparison_id: UUID, key: Key) -> AsyncIterator[pl.DataFrame]:
    """Yield the parts of a batch: ``low`` and ``high`` (halves of the id), amount, quantity (hundredths), kind (code).

    What the dataset has no column for is null. Of whoever may not see all of its county nothing is read.
    """
    part, asked = 0, _PART.format(key=key)
    while blocks := await db.glance(asked, comparison_id, part):
        yield _frame(blocks)
        part = blocks[0]["part"]


def _frame(blocks: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    ids = np.concatenate([values_of(block["id"], "V16") for block in blocks])
    low, high = ids.view(np.uint64).reshape(-1, 2).T
    frame = pl.DataFrame({"low": low, "high": high})
    # A part says something in a column of all its blocks, or of none.
    said = {name: _figures(blocks, name) for name in FIGURES if blocks[0][name] is not None}
    if blocks[0]["kind"] is not None:
        said["kind"] = pl.Series([block["kind"] for block in blocks]).str.split(SEPARATOR).explode()
    nothing = {name: pl.lit(None, kind) for name, kind in _SAID.items()}
    return frame.with_columns(**(nothing | said))


def _figures(blocks: Sequence[Mapping[str, Any]], name: str) -> pl.Series:
    figures = pl.Series(np.concatenate([values_of(block[name], np.int64) for block in blocks]))
    return figures.set(figures == NO_FIGURE, None)
