"""A part's rows as blocks of columns, on their way into the database and out of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator
from typing import Literal
from uuid import UUID

import asyncpg
import numpy as np
import polars as pl

from services.monitoring.comparisons.columns import VALUES
from services.monitoring.comparisons.model import Comparison, Outcome
from services.monitoring.comparisons.registry import NOBODY, Bytes, Persons
from services.monitoring.comparisons.rows import NO_DAY, NO_FIGURE, SEPARATOR, SPAN
from shared.database import Reader
from shared.database.binary_arrays import Of, array, values_of
from shared.database.binary_copy import EPOCH_DAYS, Field

Key = Literal["household", "member"]

_FIGURES, _WORDS = ("amount", "quantity"), ("kind", "note", "more")
_COLUMNS = ("line", "division", "number_index", "household", "member", *VALUES, "more")
#: Whether a batch has parts whose matched rows are not in blocks, or whose rows somebody may decide on.
_WITHOUT = """
    SELECT EXISTS (
        SELECT FROM comparison_part part
        WHERE comparison_id = ANY($1) AND (probable > 0 OR matched > 0 AND NOT EXISTS (
            SELECT FROM comparison_block block
            WHERE block.comparison_id = part.comparison_id AND block.part = part.number AND outcome = 'matched')))
    """
_PART = """
    SELECT part, array_send({key}) AS id, array_send(amount) AS amount, array_send(quantity) AS quantity, kind
    FROM comparison_block
    WHERE comparison_id = $1 AND outcome = 'matched' AND part = (
        SELECT min(part) FROM comparison_block WHERE comparison_id = $1 AND outcome = 'matched' AND part > $2)
    ORDER BY number
    """


def blocks_of(
    rows: pl.DataFrame, comparison: Comparison, part: int, indexes: Bytes, persons: Persons
) -> dict[str, Field]:
    """Return the columns of ``comparison_block``, an entry a block, of a part's rows (see ``storing``)."""
    alike = rows.with_columns(_block()).partition_by("block", maintain_order=True, include_key=False)
    held = [_columns(block, indexes, persons) for block in alike]
    first, last = (pl.concat([rows.clear(), *(block[[place]] for block in alike)]) for place in (0, -1))
    return {
        "comparison_id": Field.same(comparison.id.bytes, len(alike)),
        "division_code": Field.same(comparison.division_code.encode(), len(alike)),
        "part": Field.whole(pl.repeat(part, len(alike), eager=True)),
        "number": Field.whole(pl.Series(range(len(alike)))),
        "from_line": Field.whole(first["line"]),
        "to_line": Field.whole(last["line"]),
        "outcome": Field.text(first["outcome"]),
        "match": Field.text(first["match"]),
        **{name: Field.ready([columns.get(name) for columns in held]) for name in _COLUMNS},
    }


def _block() -> pl.Expr:
    """Return a number that is the same of rows that stand together."""
    outcome, match = (
        pl.col(name).to_physical().cast(pl.Int64).fill_null(-1) for name in ("outcome", "match")
    )
    span, is_numbered = pl.col("line").cast(pl.Int64) // SPAN, pl.col("stranger") != NOBODY
    return (((span * 16 + outcome) * 16 + match) * 2 + is_numbered).alias("block")


def _columns(rows: pl.DataFrame, indexes: Bytes, persons: Persons) -> dict[str, bytes]:
    """Return what a block holds; what of a column that it leaves out is null of each row."""
    person, stranger = (rows[name].to_numpy() for name in ("person", "stranger"))
    held = {"line": array(Of.INTEGER, rows["line"].to_numpy())}
    if stranger[0] != NOBODY:
        held["number_index"] = array(Of.BYTEA, indexes.take(stranger, axis=0))
    if rows["outcome"][0] == Outcome.UNMATCHED.value:
        return held
    if person[0] == NOBODY:
        places = np.frombuffer(rows["place"].str.join("").item().encode(), np.uint8)
        held["division"] = array(Of.TEXT, places.reshape(len(rows), -1))
    else:
        held["division"] = array(Of.TEXT, persons.division.take(person, axis=0))
        held["household"] = array(Of.UUID, persons.household.take(person, axis=0))
        held["member"] = array(Of.UUID, persons.member.take(person, axis=0))
    return held | dict(_values(rows))


def _values(rows: pl.DataFrame) -> Iterator[tuple[str, bytes]]:
    for name in (*VALUES, "more"):
        values = rows[name]
        if values.null_count() == len(values):
            continue
        if name in _FIGURES:
            yield name, array(Of.BIGINT, values.fill_null(NO_FIGURE).to_numpy())
        elif name in _WORDS:
            words = values.cast(pl.String).str.replace_all(SEPARATOR, " ", literal=True)
            yield name, words.fill_null("").str.join(SEPARATOR).item().encode()
        else:
            days = values.to_physical().cast(pl.Int64) - EPOCH_DAYS
            yield name, array(Of.DATE, days.fill_null(NO_DAY).cast(pl.Int32).to_numpy())


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
        yield pl.concat([_frame(block) for block in blocks])
        part = blocks[0]["part"]


def _frame(block: asyncpg.Record) -> pl.DataFrame:
    low, high = values_of(block["id"], "V16").view(np.uint64).reshape(-1, 2).T
    figures = {name: _figures(block[name], len(low)) for name in _FIGURES}
    return pl.DataFrame({"low": low, "high": high, **figures, "kind": _kinds(block["kind"], len(low))})


def _figures(sent: bytes | None, rows: int) -> pl.Series:
    if sent is None:
        return pl.repeat(None, rows, dtype=pl.Int64, eager=True)
    figures = pl.Series(values_of(sent, np.int64))
    return figures.set(figures == NO_FIGURE, None)


def _kinds(words: str | None, rows: int) -> pl.Series:
    if words is None:
        return pl.repeat(None, rows, dtype=pl.String, eager=True)
    return pl.Series(words.split(SEPARATOR))
