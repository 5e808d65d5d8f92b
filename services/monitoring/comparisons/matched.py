"""The matched rows of a part as columns, beside the rows themselves: to add them up takes a tenth of the time.

Of people alone, and of numbers alone: whom a row without a number is about a person may decide later.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any, Literal
from uuid import UUID

import numpy as np
import polars as pl

from services.monitoring.comparisons.catalog import Dataset
from services.monitoring.comparisons.model import Comparison, ComparisonMatched, Outcome
from services.monitoring.comparisons.registry import Registry
from shared.database import Reader

Key = Literal["household", "member"]

#: No value, which is none of those that can be.
_NO_FIGURE, _NO_KIND = np.iinfo(np.int64).min, np.iinfo(np.uint16).max
#: Batches with a part whose columns are not there, or whose rows somebody may decide on.
_WITHOUT = """
    SELECT EXISTS (
        SELECT FROM comparison_part part LEFT JOIN comparison_matched matched USING (comparison_id, number)
        WHERE part.comparison_id = ANY($1)
            AND (part.probable > 0 OR part.matched > coalesce(length(matched.member), 0) / 16))
    """
_PART = """
    SELECT number, {key} AS id, amount, quantity, kind, kinds FROM comparison_matched
    WHERE comparison_id = $1 AND number > $2 ORDER BY number LIMIT 1
    """


def matched_columns(
    comparison: Comparison,
    number: int,
    dataset: Dataset,
    good: pl.DataFrame,
    found: pl.DataFrame,
    registry: Registry,
) -> ComparisonMatched | None:
    """Return the columns of a part; None where there is nothing in them."""
    is_matched = found["outcome"] == Outcome.MATCHED.value
    if dataset.subject == "village" or not is_matched.any():
        return None
    person = found["person"].filter(is_matched).to_numpy()
    rows, kinds = good.filter(is_matched), sorted(dataset.kinds)
    return ComparisonMatched(
        comparison_id=comparison.id,
        number=number,
        division_code=comparison.division_code,
        household=registry.persons.household.take(person, axis=0).tobytes(),
        member=registry.persons.member.take(person, axis=0).tobytes(),
        amount=_figures(rows["amount"]),
        quantity=_figures(rows["quantity"]),
        kind=_places(rows["kind"], kinds) if kinds else None,
        kinds=kinds,
    )


def _figures(values: pl.Series) -> bytes | None:
    """Return hundredths as eight bytes a row."""
    if values.null_count() == len(values):
        return None
    return values.fill_null(_NO_FIGURE).to_numpy().tobytes()


def _places(values: pl.Series, kinds: list[str]) -> bytes:
    """Return for each row, as two bytes, which of the kinds it is."""
    places = values.cast(pl.Enum(kinds), strict=False).to_physical().cast(pl.UInt16)
    return places.fill_null(_NO_KIND).to_numpy().tobytes()


async def stand_in_columns(db: Reader, comparison_ids: Collection[UUID]) -> bool:
    """Tell whether all that batches say of whom they matched stands in columns: not of those of long ago."""
    ((is_without,),) = await db.glance(_WITHOUT, list(comparison_ids))
    return not is_without


async def read_matched(db: Reader, comparison_id: UUID, key: Key) -> AsyncIterator[pl.DataFrame]:
    """Yield the parts of a batch: ``low`` and ``high`` (halves of the id), amount, quantity (hundredths), kind (code).

    What the dataset has no column for is null.
    """
    number, asked = 0, _PART.format(key=key)
    while parts := await db.glance(asked, comparison_id, number):
        part = parts[0]
        yield _frame(part)
        number = part["number"]


def _frame(part: Mapping[str, Any]) -> pl.DataFrame:
    low, high = np.frombuffer(part["id"], np.uint64).reshape(-1, 2).T
    figures = {name: _read(part[name], np.int64, _NO_FIGURE, len(low)) for name in ("amount", "quantity")}
    kind = _read(part["kind"], np.uint16, _NO_KIND, len(low)).cat.to(pl.Enum(part["kinds"]))
    return pl.DataFrame({"low": low, "high": high, **figures, "kind": kind})


def _read(column: bytes | None, kind: type[np.integer[Any]], nothing: int, rows: int) -> pl.Series:
    if column is None:
        return pl.Series(np.zeros(rows, kind)).clear(rows)
    values = pl.Series(np.frombuffer(column, kind))
    return values.set(values == nothing, None)
