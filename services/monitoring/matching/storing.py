"""A part of a batch on its way into the database: checked, made ready, stored at once with its figures."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

import polars as pl

from services.monitoring.batches.model import Comparison, ComparisonPart, Mode, Outcome
from services.monitoring.datasets.catalog import Dataset
from services.monitoring.datasets.columns import VALUES
from services.monitoring.matching.blocks import COLUMNS, Block, blocks_of
from services.monitoring.matching.indexes import blind_indexes
from services.monitoring.matching.match import match
from services.monitoring.matching.parsing import Parsed, parse
from services.monitoring.matching.refused import keep_refused, refused_rows
from services.monitoring.matching.registry import NOBODY, Bytes, Persons, Registry
from services.monitoring.matching.values import NUMBERS
from shared.crypto.keyring import KeyRing
from shared.database import Writer
from shared.database.binary_copy import Field
from shared.sheets.parts import FilePart

#: Headers that are kept of a part, and of each so many signs.
_MOST_HEADERS, _LONGEST_HEADER = 200, 100
#: Of a division's number, what tells the villages of a town apart.
_WITHIN_TOWN = 1000


@dataclass(frozen=True)
class Checked:
    """A part whose rows have been read, before anybody has looked whom they are about."""

    number: int
    read: FilePart
    parsed: Parsed
    #: Blind indexes of the rows that have a number, in their order.
    indexes: Bytes


@dataclass(frozen=True)
class Ready:
    """A part with everything that is stored of it."""

    part: ComparisonPart
    #: Out of how much its end is counted.
    total: int
    #: Of rows that a person decides on, and of all others.
    results: Mapping[str, Field]
    blocks: Sequence[Block]
    rejects: Mapping[str, Field]
    #: The rows themselves that could not be read, encrypted, by line.
    refused: Mapping[int, bytes | None]


def check(read: FilePart, number: int, dataset: Dataset, keys: KeyRing, today: date) -> Checked:
    """Check the rows of a part, and index their numbers."""
    parsed = parse(read.table, dataset, today)
    return Checked(number, read, parsed, blind_indexes(parsed.good["number"].drop_nulls(), keys))


def make_ready(checked: Checked, comparison: Comparison, dataset: Dataset, registry: Registry) -> Ready:
    """Match the rows of a part with the registry."""
    parsed, good, indexes = checked.parsed, checked.parsed.good, checked.indexes
    found = match(good, indexes, registry, dataset)
    rows, persons = _rows(good, found), registry.persons
    is_open = rows["outcome"] == Outcome.PROBABLE.value
    outcomes = dict(found["outcome"].value_counts().iter_rows())
    invalid = parsed.rows - good.height
    figures = {outcome.value: outcomes.get(outcome.value, 0) for outcome in Outcome} | {"invalid": invalid}
    part = ComparisonPart(
        comparison_id=comparison.id,
        number=checked.number,
        ends_at=checked.read.ends.at,
        ends_line=checked.read.ends.line,
        rows=parsed.rows,
        unmatched_by_reason=_reasons(found),
        headers=_headers(checked.read),
        towns=_towns(found, registry),
        **figures,
    )
    placed = {"comparison_id": comparison.id.bytes, "division_code": comparison.division_code.encode()}
    return Ready(
        part,
        checked.read.total,
        _results(rows.filter(is_open), comparison.id, persons),
        blocks_of(rows.filter(~is_open), comparison, checked.number, indexes, persons),
        _rejects(parsed, placed),
        refused_rows(checked.read.table, parsed.rejects),
    )


async def store(db: Writer, ready: Ready, comparison: Comparison) -> None:
    """Store a part: outcomes, rejects, and where the next one begins, all or nothing."""
    if comparison.mode == Mode.COMMIT:
        if ready.part.probable:
            await db.copy_columns("comparison_result_rows", ready.results)
        if ready.blocks:
            await db.copy_ready("comparison_block_rows", COLUMNS, ready.blocks)
    if ready.part.invalid:
        await db.copy_columns("comparison_reject_rows", ready.rejects)
        await keep_refused(db, comparison, ready.refused)
    db.add(ready.part)


def _rows(good: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return line, values, ``more``, outcome, match, ``place`` and, as places, ``person`` and ``stranger`` of each row.

    A stranger's is a place among the blind indexes, of whoever has a number and is not known.
    """
    person = pl.col("person").cast(pl.Int64).fill_null(NOBODY)
    numbered = good["number"].is_not_null()
    rows = good.select("line", *VALUES, "more").with_columns(found["outcome"], found["match"], found["place"])
    rows = rows.with_columns(found.select(person), stranger=numbered.cum_sum().cast(pl.Int64) - 1)
    is_stranger = numbered & (pl.col("person") == NOBODY)
    return rows.with_columns(pl.when(is_stranger).then("stranger").otherwise(NOBODY).alias("stranger"))


def _results(rows: pl.DataFrame, comparison_id: UUID, persons: Persons) -> dict[str, Field]:
    """Return the columns of ``comparison_result`` of rows that a person decides on, each likely about somebody."""
    person = rows["person"].to_numpy()
    return {
        "comparison_id": Field.same(comparison_id.bytes, len(rows)),
        "division_code": Field.picked(persons.division, person),
        "line": Field.whole(rows["line"]),
        "outcome": Field.text(rows["outcome"]),
        "match": Field.text(rows["match"]),
        "household_id": Field.picked(persons.household, person),
        "member_id": Field.picked(persons.member, person),
        "amount": Field.cents(rows["amount"]),
        "quantity": Field.cents(rows["quantity"]),
        "happened_on": Field.dates(rows["happened_on"]),
        "kind": Field.text(rows["kind"]),
        "note": Field.text(rows["note"]),
        "more": Field.json(rows["more"]),
    }


def _rejects(parsed: Parsed, placed: Mapping[str, bytes]) -> dict[str, Field]:
    rejects = parsed.rejects.unique(["line", "code", "header"], maintain_order=True)
    same = {name: Field.same(value, len(rejects)) for name, value in placed.items()}
    return same | {
        "line": Field.whole(rejects["line"]),
        "code": Field.text(rejects["code"]),
        "header": Field.text(rejects["header"]),
        "value": Field.text(rejects["value"]),
    }


def _reasons(found: pl.DataFrame) -> dict[str, int]:
    """Count the rows that are about nobody by why, as far as their places tell."""
    unmatched = found.filter(pl.col("outcome") == Outcome.UNMATCHED.value)
    return dict(unmatched["match"].drop_nulls().value_counts(sort=True).iter_rows())


def _headers(read: FilePart) -> dict[str, str | None]:
    """Return what the headers of a part were taken for, as many of them as anybody looks at.

    They are kept for good: a table that has a column for each person has their numbers in its header.
    """
    kept = islice(read.headers.items(), _MOST_HEADERS)
    return {re.sub(NUMBERS, "…", header)[:_LONGEST_HEADER]: field for header, field in kept}


def _towns(found: pl.DataFrame, registry: Registry) -> list[dict[str, Any]]:
    """Count outcomes by town of those whom they are about."""
    homes = registry.persons.known["division"].gather(found["person"])
    town = pl.coalesce(pl.col("place").cast(pl.Int64), homes) // _WITHIN_TOWN * _WITHIN_TOWN
    counted = found.select("outcome", town=town).drop_nulls("town").group_by("town", "outcome").len()
    towns: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_IN_TOWNS, 0))
    for code, outcome, rows in counted.sort("town").iter_rows():
        towns[code][outcome] = rows
    return [{"division_code": str(code), **figures} for code, figures in towns.items()]


#: What is told by town.
_IN_TOWNS = (
    Outcome.MATCHED.value,
    Outcome.MISMATCHED.value,
    Outcome.PROBABLE.value,
    Outcome.DEPARTED.value,
)
