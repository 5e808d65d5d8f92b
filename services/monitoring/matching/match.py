"""From rows to outcomes: by blind index, then by name; where there is no number, by what else a row tells.

By the column, in the process that has read the file: a row goes to the database once, with its outcome.
"""

from __future__ import annotations

import polars as pl

from services.monitoring.batches.model import Outcome, UnmatchedReason
from services.monitoring.datasets.catalog import Dataset, Key
from services.monitoring.matching.registry import NOBODY, Bytes, Registry
from shared.domain.division import area_range
from shared.domain.place_name import PlaceNames

#: Of a number as an old card has it (15 位): it may have been given twice, so who is found is told apart.
FIFTEEN = "fifteen"
#: How the code of a town ends, and of whatever is above it.
_OF_TOWNS = "000"
#: Of many rows few words: numbered, they are neither compared nor copied as text.
_OUTCOMES, _MATCHES = pl.Enum(Outcome), pl.Enum([*map(str, Key), FIFTEEN, *UnmatchedReason])


def match(good: pl.DataFrame, indexes: Bytes, registry: Registry, dataset: Dataset) -> pl.DataFrame:
    """Return ``person`` (null: nobody), ``place`` (null: that of the person), ``outcome`` and ``match`` of each row.

    ``match``: what told whom it is about, or, of one about nobody, why, where it tells (``UnmatchedReason``).

    ``indexes`` are the blind indexes of the rows that have a number, in their order.
    """
    rows = good.select(
        "number", "fifteen", "name", "birth_date", *_places(good["division"], registry.divisions)
    )
    rows = rows.with_row_index("row")
    if Key.DIVISION in dataset.match:
        return _by_division(rows)
    found = _by_number(rows.filter(pl.col("number").is_not_null()), indexes, registry)
    unnumbered = rows.filter(pl.col("number").is_null())
    # Whoever tells of a place that is none of the county's tells of nobody here.
    found = pl.concat([found, _unplaced(unnumbered)])
    unnumbered = unnumbered.filter(pl.col("unplaced").is_null())
    for key in dataset.match:
        if key is not Key.NUMBER and len(unnumbered):
            further = _probable(unnumbered, registry, key)
            # Several by one key may be one by the next.
            found = pl.concat([found.join(further, on="row", how="anti"), further])
            one = further.filter(pl.col("person").is_not_null())
            unnumbered = unnumbered.join(one, on="row", how="anti")
    outcomes = rows.select("row").join(found, on="row", how="left", maintain_order="left")
    return outcomes.select(
        "person",
        pl.lit(None, pl.String).alias("place"),
        pl.col("outcome").fill_null(Outcome.UNMATCHED.value),
        "match",
    )


def _places(divisions: pl.Series, places: PlaceNames) -> tuple[pl.Series, pl.Series]:
    """Return ``place``, the code of the one that is meant, and ``unplaced``: why there is none, though one is named."""
    meant = {name: places.meant(name) for name in divisions.unique() if name}
    one = {name: next(iter(codes)) for name, codes in meant.items() if len(codes) == 1}
    why = {
        name: (UnmatchedReason.AMBIGUOUS_PLACE if codes else UnmatchedReason.UNKNOWN_PLACE).value
        for name, codes in meant.items()
        if name not in one
    }
    return (
        divisions.replace_strict(one, default=None, return_dtype=pl.String).alias("place"),
        divisions.replace_strict(why, default=None, return_dtype=_MATCHES).alias("unplaced"),
    )


def _unplaced(rows: pl.DataFrame) -> pl.DataFrame:
    nobody, unmatched = pl.lit(None, pl.UInt32).alias("person"), _outcome(Outcome.UNMATCHED).alias("outcome")
    unplaced = rows.filter(pl.col("unplaced").is_not_null())
    return unplaced.select("row", nobody, unmatched, match="unplaced")


def _by_number(rows: pl.DataFrame, indexes: Bytes, registry: Registry) -> pl.DataFrame:
    """Match by blind index. One whom the registry knows under another name is a doubt, not a match."""
    found = rows.with_columns(person=pl.Series(registry.numbers.find(indexes))).filter(
        pl.col("person") != NOBODY
    )
    known = registry.persons.known.select("name", "left_on")[found["person"]]
    outcome = (
        pl.when(known["name"] != found["name"])
        .then(_outcome(Outcome.MISMATCHED))
        .when(known["left_on"].is_not_null())
        .then(_outcome(Outcome.DEPARTED))
        .otherwise(_outcome(Outcome.MATCHED))
    )
    written = pl.when("fifteen").then(_by(FIFTEEN)).otherwise(_by(Key.NUMBER))
    return found.select(
        "row", pl.col("person").cast(pl.UInt32), outcome.alias("outcome"), written.alias("match")
    )


def _probable(rows: pl.DataFrame, registry: Registry, key: Key) -> pl.DataFrame:
    """Find the present person whom a row without a number may be about: nobody of several, none is the likelier one."""
    present = registry.persons.known.with_row_index("person").filter(pl.col("left_on").is_null())
    if key is Key.HEAD:
        rows = rows.filter(pl.col("place").is_not_null())
        pairs = rows.join(present.filter("head"), on="name")
    else:
        pairs = rows.join(present, left_on=["name", "birth_date"], right_on=["name", "born"])
    within = {code: area_range(code)[0] for code in registry.divisions.codes}
    area = pl.col("place").replace_strict(within, default=None, return_dtype=pl.String)
    near = pairs.filter(area.is_null() | pl.col("division").cast(pl.String).str.starts_with(area))
    alone = pl.when(pl.len().over("row") == 1)
    told = near.select(
        "row",
        alone.then("person").alias("person"),
        alone.then(_outcome(Outcome.PROBABLE)).otherwise(_outcome(Outcome.UNMATCHED)).alias("outcome"),
        alone.then(_by(key)).otherwise(_by(UnmatchedReason.AMBIGUOUS_PERSON)).alias("match"),
    )
    return told.unique("row", maintain_order=True)


def _by_division(rows: pl.DataFrame) -> pl.DataFrame:
    """Match places by code or name. What is told of a whole town is told of no village, and of no household."""
    of_town = pl.col("place").str.ends_with(_OF_TOWNS)
    known = pl.col("place").is_not_null() & ~of_town
    why = pl.when(of_town).then(_by(UnmatchedReason.WHOLE_TOWN)).otherwise("unplaced")
    return rows.select(
        pl.lit(None, pl.UInt32).alias("person"),
        pl.when(known).then("place").alias("place"),
        outcome=pl.when(known).then(_outcome(Outcome.MATCHED)).otherwise(_outcome(Outcome.UNMATCHED)),
        match=pl.when(known).then(_by(Key.DIVISION)).otherwise(why),
    )


def _outcome(outcome: Outcome) -> pl.Expr:
    return pl.lit(outcome.value, _OUTCOMES)


def _by(key: str) -> pl.Expr:
    return pl.lit(str(key), _MATCHES)
