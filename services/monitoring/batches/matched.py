"""What batches say of whom they matched, read as columns: by rows PostgreSQL takes ten times as long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID

import numpy as np
import polars as pl

from services.monitoring.batches.rows import FIGURES, NO_FIGURE, SEPARATOR
from shared.database import Reader
from shared.database.binary_arrays import values_of

Key = Literal["household", "member"]
#: Of an id, in two words; and of the one that somebody is known by now.
_ID, _NOW = ("low", "high"), ("now_low", "now_high")
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
    SELECT part, array_send({key}) AS id, {about} AS about,
        array_send(amount) AS amount, array_send(quantity) AS quantity, kind
    FROM comparison_block
    WHERE comparison_id = $1 AND outcome = 'matched' AND part = (
        SELECT min(part) FROM comparison_block WHERE comparison_id = $1 AND outcome = 'matched' AND part > $2)
    ORDER BY number
    """
#: Whom a row is about: who goes to another household takes along what is said of them.
_ABOUT = "array_send(coalesce(member, household))"
_MOVERS = """
    SELECT array_send(array_agg(id)) AS id, array_send(array_agg({now})) AS now FROM mover WHERE now_id <> id
    HAVING count(*) > 0
    """
_NOW_OF: Mapping[Key, str] = {"member": "now_id", "household": "now_household_id"}


class Movers(NamedTuple):
    """By what key rows are read, and who movers are now by it: ``low`` and ``high``, ``now_low`` and ``now_high``."""

    key: Key
    ids: pl.DataFrame | None


async def stand_in_blocks(db: Reader, comparison_ids: Collection[UUID]) -> bool:
    """Tell whether all that batches say of whom they matched stands in blocks: not of those of long ago."""
    ((is_without,),) = await db.glance(_WITHOUT, list(comparison_ids))
    return not is_without


async def read_movers(db: Reader, key: Key) -> Movers:
    """Return who movers are now, members or households."""
    rows = await db.glance(_MOVERS.format(now=_NOW_OF[key]))
    known = [_ids(rows, "id", _ID), _ids(rows, "now", _NOW)] if rows else None
    return Movers(key, pl.concat(known, how="horizontal") if known else None)


async def read_matched(db: Reader, comparison_id: UUID, movers: Movers) -> AsyncIterator[pl.DataFrame]:
    """Yield the parts of a batch: ``low`` and ``high`` (halves of the id), amount, quantity (hundredths), kind (code).

    Ids are those of now. What the dataset has no column for is null. Of whoever may not see all of its county nothing
    is read.
    """
    about = "NULL" if movers.ids is None else _ABOUT
    part, asked = 0, _PART.format(key=movers.key, about=about)
    while blocks := await db.glance(asked, comparison_id, part):
        yield _frame(blocks, movers)
        part = blocks[0]["part"]


def _frame(blocks: Sequence[Mapping[str, Any]], movers: Movers) -> pl.DataFrame:
    frame = _ids(blocks, "id", _ID)
    if movers.ids is not None:
        # By whom they are about, in the order in which they stand: what is said of them is laid beside.
        now = _ids(blocks, "about", _ID).join(movers.ids, on=_ID, how="left", maintain_order="left")
        halves = zip(_ID, _NOW, strict=True)
        frame = frame.with_columns(
            now[now_half].fill_null(frame[half]).alias(half) for half, now_half in halves
        )
    # A part says something in a column of all its blocks, or of none.
    said = {name: _figures(blocks, name) for name in FIGURES if blocks[0][name] is not None}
    if blocks[0]["kind"] is not None:
        said["kind"] = pl.Series([block["kind"] for block in blocks]).str.split(SEPARATOR).explode()
    nothing = {name: pl.lit(None, kind) for name, kind in _SAID.items()}
    return frame.with_columns(**(nothing | said))


def _ids(rows: Sequence[Mapping[str, Any]], name: str, halves: tuple[str, str]) -> pl.DataFrame:
    ids = np.concatenate([values_of(row[name], "V16") for row in rows])
    return pl.DataFrame(dict(zip(halves, ids.view(np.uint64).reshape(-1, 2).T, strict=True)))


def _figures(blocks: Sequence[Mapping[str, Any]], name: str) -> pl.Series:
    figures = pl.Series(np.concatenate([values_of(block[name], np.int64) for block in blocks]))
    return figures.set(figures == NO_FIGURE, None)
