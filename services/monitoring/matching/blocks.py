"""A part's rows as blocks of columns, on their way into the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from services.monitoring.batches.model import Comparison, Outcome
from services.monitoring.batches.rows import FIGURES, NO_DAY, NO_FIGURE, SEPARATOR, SPAN
from services.monitoring.datasets.columns import VALUES
from services.monitoring.matching.registry import NOBODY, Bytes, Persons
from shared.database.binary_arrays import Of, array, elements
from shared.database.binary_copy import EPOCH_DAYS

#: A row of the table, as it is stored: a column that is left out is null.
Block = Mapping[str, bytes]
#: A column's values of the rows from one place to another, as they are stored.
_Cut = Callable[[int, int], bytes]

_WORDS = ("kind", "note", "more")
COLUMNS = (
    *("comparison_id", "division_code", "part", "number", "from_line", "to_line", "outcome", "match"),
    *("line", "division", "number_index", "household", "member", *VALUES, "more"),
)
_NO_PLACE = " " * 12


def blocks_of(
    rows: pl.DataFrame, comparison: Comparison, part: int, indexes: Bytes, persons: Persons
) -> list[Block]:
    """Return a part's rows (see ``storing``) as blocks."""
    block = rows.select(_block()).to_series().to_numpy()
    # By numpy, which puts in order what is nearly so in a third of the time.
    order = np.argsort(block, kind="stable")
    lie, begins = rows[order], np.flatnonzero(np.diff(block[order], prepend=-1)).tolist()
    columns = dict(_columns(lie, indexes, persons))
    same = {
        "comparison_id": comparison.id.bytes,
        "division_code": comparison.division_code.encode(),
        "part": part.to_bytes(4),
    }
    blocks: list[Block] = []
    for number, (begin, end) in enumerate(pairwise([*begins, len(lie)])):
        first, last = lie.row(begin, named=True), lie.row(end - 1, named=True)
        own = {
            "number": number.to_bytes(4),
            "from_line": first["line"].to_bytes(4),
            "to_line": last["line"].to_bytes(4),
            "outcome": first["outcome"].encode(),
            **({"match": first["match"].encode()} if first["match"] else {}),
        }
        held = {name: columns[name](begin, end) for name in _held(first) if name in columns}
        blocks.append(same | own | held)
    return blocks


def _held(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield which columns a block holds of rows like this one: of strangers no more than who they are."""
    yield "line"
    if row["stranger"] != NOBODY:
        yield "number_index"
    if row["person"] != NOBODY:
        yield from ("household", "member")
    if row["outcome"] != Outcome.UNMATCHED.value:
        yield from ("division", *VALUES, "more")


def _block() -> pl.Expr:
    """Return a number that is the same of rows that stand together."""
    # Of outcomes, and of what tells them, there are fewer than fifteen; fifteen is nothing.
    outcome, match = (
        pl.col(name).to_physical().cast(pl.Int64).fill_null(15) for name in ("outcome", "match")
    )
    span, is_numbered = pl.col("line").cast(pl.Int64) // SPAN, pl.col("stranger") != NOBODY
    return (((span * 16 + outcome) * 16 + match) * 2 + is_numbered).alias("block")


def _columns(lie: pl.DataFrame, indexes: Bytes, persons: Persons) -> Iterator[tuple[str, _Cut]]:
    """Yield the columns that say anything; what is cut of rows that have no such value is of no meaning."""
    person, stranger = (lie[name].to_numpy() for name in ("person", "stranger"))
    yield "line", _fixed(Of.INTEGER, lie["line"].to_numpy())
    if len(indexes):
        yield "number_index", _fixed(Of.BYTEA, indexes.take(stranger, axis=0))
    if lie["place"].null_count() < len(lie):
        places = lie["place"].fill_null(_NO_PLACE).str.join("").item().encode()
        yield "division", _fixed(Of.TEXT, np.frombuffer(places, np.uint8).reshape(len(lie), -1))
    elif len(persons.member):
        yield "division", _fixed(Of.TEXT, persons.division.take(person, axis=0))
        yield "household", _fixed(Of.UUID, persons.household.take(person, axis=0))
        yield "member", _fixed(Of.UUID, persons.member.take(person, axis=0))
    for name in (*VALUES, "more"):
        values = lie[name]
        if values.null_count() == len(values):
            continue
        if name in FIGURES:
            yield name, _fixed(Of.BIGINT, values.fill_null(NO_FIGURE).to_numpy())
        elif name in _WORDS:
            yield name, _words(values)
        else:
            days = values.to_physical().cast(pl.Int64) - EPOCH_DAYS
            yield name, _fixed(Of.DATE, days.fill_null(NO_DAY).cast(pl.Int32).to_numpy())


def _fixed(of: Of, values: npt.NDArray[Any]) -> _Cut:
    held = elements(values)
    return lambda begin, end: array(of, held[begin:end])


def _words(values: pl.Series) -> _Cut:
    words = values.cast(pl.String).fill_null("")
    if not isinstance(values.dtype, pl.Enum):
        words = words.str.replace_all(SEPARATOR, " ", literal=True)
    joined = words.str.join(SEPARATOR).item().encode()
    begins = np.append(0, (words.str.len_bytes().cast(pl.Int64) + 1).cum_sum().to_numpy())
    return lambda begin, end: joined[begins[begin] : begins[end] - 1]
