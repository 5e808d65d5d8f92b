"""Figures by person, or household, added up over batches' columns: by rows PostgreSQL takes ten times as long.

Of each batch once, part after part: what is held are the sums, and a million rows.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import numpy as np
import polars as pl
from sqlalchemy import text

from services.monitoring.batches.matched import Key, Movers, read_matched, read_movers
from services.monitoring.rulebook.figures import Taken
from shared.database import Reader, Writer
from shared.database.binary_copy import Field

#: Rows that are added to the sums at a time.
_AT_ONCE = 1_000_000
#: Of a batch that is none of those told of.
_NOWHERE = -1
#: Of an id, in two words.
_ID, _ID_BYTES = ("low", "high"), 16
_KEYS: Mapping[str, Key] = {"person": "member", "household": "household"}
#: What rows say, by what is made of it: all in hundredths, rows too.
_SAID = {
    "sum_amount": pl.col("amount"),
    "max_amount": pl.col("amount"),
    "sum_quantity": pl.col("quantity"),
    "max_quantity": pl.col("quantity"),
    "rows": pl.lit(100, pl.Int64),
}
_GREATEST = {"max_amount", "max_quantity"}


def adds_up(taken: Taken) -> bool:
    """Tell whether a figure is made by adding, so that the order of rows is none of its business."""
    return taken.take in _SAID


def summed_sql(taken: Taken, column: str) -> str:
    """Return a column of ``summed`` as rows themselves would have it: how many is a whole number."""
    return f"trim_scale({column}) AS {column}" if taken.take == "rows" else column


def is_at_least(column: str, amount: Decimal | None) -> pl.Expr:
    """Return the condition that a figure comes to an amount; None: that there is one."""
    return pl.col(column).is_not_null() if amount is None else pl.col(column) >= math.ceil(amount * 100)


class Of(NamedTuple):
    """What is made of which batches' rows."""

    taken: Taken
    batches: frozenset[UUID]


class Columns:
    """Batches' columns, of all whom they tell of or only of those who are named: what is kept of these is little."""

    def __init__(self, movers: Movers, about: Sequence[UUID] | None) -> None:
        self._movers = movers
        self._about = None if about is None else _ids_of(about)
        self._kept: dict[UUID, list[pl.DataFrame]] = {}

    async def parts(self, db: Reader, batch: UUID) -> AsyncIterator[pl.DataFrame]:
        """Yield a batch part by part, as ``read_matched`` does."""
        if self._about is None:
            async for part in read_matched(db, batch, self._movers):
                yield part
            return
        if batch not in self._kept:
            self._kept[batch] = [
                await asyncio.to_thread(part.join, self._about, on=_ID, how="semi")
                async for part in read_matched(db, batch, self._movers)
            ]
        for part in self._kept[batch]:
            yield part


async def columns_of(db: Reader, by: str, about: Sequence[UUID] | None) -> Columns | None:
    """Return what columns tell of whom rows are put together by; None where they do not tell of such."""
    return Columns(await read_movers(db, _KEYS[by]), about) if by in _KEYS else None


def _ids_of(about: Sequence[UUID]) -> pl.DataFrame:
    halves = np.frombuffer(b"".join(each.bytes for each in about), np.uint64).reshape(-1, 2)
    return pl.DataFrame({"low": halves[:, 0], "high": halves[:, 1]})


@dataclass
class Sums:
    """Sums of those of whom one of ``telling`` tells, and one of ``told`` (None: whoever does)."""

    columns: Columns
    #: By the name of the column that they come to.
    figures: Mapping[str, Of]
    telling: Sequence[UUID]
    told: Collection[UUID] | None
    #: The sums so far, and parts that are to be added.
    _rows: list[pl.DataFrame] = field(init=False)

    def __post_init__(self) -> None:
        figures = dict.fromkeys(self.figures, pl.Int64) | {f"{name} rows": pl.UInt32 for name in self.figures}
        schema = {"low": pl.UInt64, "high": pl.UInt64, **figures, "newest": pl.Int32, "told": pl.Boolean}
        self._rows = [pl.DataFrame(schema=schema)]

    async def read(self, db: Reader) -> pl.DataFrame:
        """Return ``low``, ``high``, ``newest`` (a place in ``telling``) and figures.

        Figures are in hundredths; null where no row says any.
        """
        batches = frozenset(self.told or ()).union(
            self.telling, *(of.batches for of in self.figures.values())
        )
        for batch in sorted(batches):
            async for part in self.columns.parts(db, batch):
                self._rows.append(await asyncio.to_thread(self._valued, batch, part))
                if sum(rows.height for rows in self._rows[1:]) > _AT_ONCE:
                    self._rows = [await asyncio.to_thread(self._added)]
        return await asyncio.to_thread(self._asked_of)

    async def keep(self, db: Writer, sums: pl.DataFrame) -> None:
        """Keep sums in the table ``summed`` of the transaction: ``about``, ``batch`` and figures."""
        columns = "".join(f", {name} numeric" for name in self.figures)
        await db.execute(
            text(f"CREATE TEMPORARY TABLE summed (about uuid, batch uuid{columns}) ON COMMIT DROP")
        )
        batches = np.frombuffer(b"".join(batch.bytes for batch in self.telling), np.uint8).reshape(
            -1, _ID_BYTES
        )
        ids = np.ascontiguousarray(sums.select(_ID).to_numpy()).view(np.uint8).reshape(-1, _ID_BYTES)
        about = {"about": Field.fixed(ids), "batch": Field.fixed(batches[sums["newest"].to_numpy()])}
        await db.copy_columns("summed", about | {name: Field.cents(sums[name]) for name in self.figures})

    def _valued(self, batch: UUID, part: pl.DataFrame) -> pl.DataFrame:
        """Return what each row of a part adds to each figure."""
        values = {name: _value(of, batch) for name, of in self.figures.items()}
        return part.select(
            *_ID,
            **values,
            **{f"{name} rows": value.is_not_null().cast(pl.UInt32) for name, value in values.items()},
            newest=pl.lit(self.telling.index(batch) if batch in self.telling else _NOWHERE, pl.Int32),
            told=pl.lit(self.told is None or batch in self.told),
        )

    def _added(self) -> pl.DataFrame:
        added = [
            pl.col(name).max() if of.taken.take in _GREATEST else pl.col(name).sum()
            for name, of in self.figures.items()
        ]
        said = [pl.col(f"{name} rows").sum() for name in self.figures]
        by_id = pl.concat(self._rows).lazy().group_by(*_ID)
        # Streamed, which takes half the time for that many groups.
        return by_id.agg(*added, *said, pl.col("newest").max(), pl.col("told").any()).collect(
            engine="streaming"
        )

    def _asked_of(self) -> pl.DataFrame:
        asked = self._added().filter((pl.col("newest") != _NOWHERE) & pl.col("told"))
        figures = (pl.when(pl.col(f"{name} rows") > 0).then(name).alias(name) for name in self.figures)
        return asked.select(*_ID, "newest", *figures)


def _value(of: Of, batch: UUID) -> pl.Expr:
    if batch not in of.batches:
        return pl.lit(None, pl.Int64)
    value = _SAID[of.taken.take]
    if of.taken.kinds:
        return pl.when(pl.col("kind").cast(pl.String).is_in(of.taken.kinds)).then(value)
    return value
