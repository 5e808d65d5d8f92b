"""A part of a batch on its way into the database: checked, made ready, stored at once with its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl

from services.monitoring.comparisons.catalog import Dataset
from services.monitoring.comparisons.directory import Places
from services.monitoring.comparisons.indexes import blind_indexes
from services.monitoring.comparisons.matched import matched_columns
from services.monitoring.comparisons.matching import match
from services.monitoring.comparisons.model import Comparison, ComparisonMatched, ComparisonPart, Mode, Outcome
from services.monitoring.comparisons.parsing import Parsed, parse
from services.monitoring.comparisons.refused import keep_refused, refused_rows
from services.monitoring.comparisons.registry import NOBODY, Bytes, Registry
from shared.crypto.keyring import KeyRing
from shared.database import Writer
from shared.database.binary_copy import Field
from shared.sheets.parts import FilePart

_TOWN = 9


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
    results: Mapping[str, Field]
    #: Its matched rows once more, as columns.
    matched: ComparisonMatched | None
    rejects: Mapping[str, Field]
    #: The rows themselves that could not be read.
    refused: pl.DataFrame


def check(read: FilePart, number: int, dataset: Dataset, keys: KeyRing) -> Checked:
    """Check the rows of a part, and index their numbers."""
    parsed = parse(read.table, dataset)
    return Checked(number, read, parsed, blind_indexes(parsed.good["number"].drop_nulls(), keys))


def make_ready(checked: Checked, comparison: Comparison, dataset: Dataset, registry: Registry) -> Ready:
    """Match the rows of a part with the registry."""
    parsed, good, indexes = checked.parsed, checked.parsed.good, checked.indexes
    found = match(good, indexes, registry, dataset)
    divisions = _divisions(found, registry, comparison.division_code)
    outcomes = dict(found["outcome"].value_counts().iter_rows())
    invalid = parsed.rows - good.height
    figures = {outcome.value: outcomes.get(outcome.value, 0) for outcome in Outcome} | {"invalid": invalid}
    part = ComparisonPart(
        comparison_id=comparison.id,
        number=checked.number,
        ends_at=checked.read.ends.at,
        ends_line=checked.read.ends.line,
        rows=parsed.rows,
        towns=_towns(found, registry),
        **figures,
    )
    placed = {"comparison_id": comparison.id.bytes, "division_code": comparison.division_code.encode()}
    return Ready(
        part,
        checked.read.total,
        _results(comparison.id, good, found, indexes, registry) | {"division_code": Field.fixed(divisions)},
        matched_columns(comparison, checked.number, dataset, good, found, registry),
        _rejects(parsed, placed),
        refused_rows(checked.read.table, parsed.rejects),
    )


async def store(db: Writer, ready: Ready, comparison: Comparison) -> None:
    """Store a part: outcomes, rejects, and where the next one begins, all or nothing."""
    if comparison.mode == Mode.COMMIT and ready.part.rows > ready.part.invalid:
        await db.copy_columns("comparison_result_rows", ready.results)
        if ready.matched:
            db.add(ready.matched)
    if ready.part.invalid:
        await db.copy_columns("comparison_reject_rows", ready.rejects)
        await keep_refused(db, comparison, ready.refused)
    db.add(ready.part)


def _divisions(found: pl.DataFrame, registry: Registry, senders: str) -> Bytes:
    """Return where each row belongs: to whom it is about, else to its sender."""
    # Behind everybody's, where the place of nobody finds it.
    known = np.vstack([registry.persons.division, np.frombuffer(senders.encode(), np.uint8)])
    divisions = known.take(_persons(found), axis=0)
    placed = found["place"].is_not_null().to_numpy()
    told = "".join(found["place"].drop_nulls().to_list()).encode()
    divisions[placed] = np.frombuffer(told, np.uint8).reshape(-1, divisions.shape[1])
    return divisions


def _results(
    comparison_id: UUID, good: pl.DataFrame, found: pl.DataFrame, indexes: Bytes, registry: Registry
) -> dict[str, Field]:
    person = _persons(found)
    is_known = person != NOBODY
    # A village is nobody, and what befell it is kept all the same.
    told = pl.Series(is_known) | found["place"].is_not_null()
    numbered = good["number"].is_not_null().to_numpy()
    strangers = np.where(numbered & ~is_known, numbered.cumsum() - 1, NOBODY)
    values = good.with_columns(
        pl.when(told).then(pl.col(name)).alias(name)
        for name in ("amount", "quantity", "happened_on", "kind", "note", "more")
    )
    return {
        "comparison_id": Field.same(comparison_id.bytes, len(good)),
        "line": Field.whole(good["line"]),
        "outcome": Field.text(found["outcome"]),
        "match": Field.text(found["match"]),
        "number_index": Field.picked(indexes, strangers),
        "household_id": Field.picked(registry.persons.household, person),
        "member_id": Field.picked(registry.persons.member, person),
        "amount": Field.cents(values["amount"]),
        "quantity": Field.cents(values["quantity"]),
        "happened_on": Field.dates(values["happened_on"]),
        "kind": Field.text(values["kind"]),
        "note": Field.text(values["note"]),
        "more": Field.json(values["more"]),
    }


def _persons(found: pl.DataFrame) -> Places:
    return found["person"].cast(pl.Int64).fill_null(NOBODY).to_numpy()


def _rejects(parsed: Parsed, placed: Mapping[str, bytes]) -> dict[str, Field]:
    rejects = parsed.rejects.unique(["line", "code", "header"], maintain_order=True)
    same = {name: Field.same(value, len(rejects)) for name, value in placed.items()}
    return same | {
        "line": Field.whole(rejects["line"]),
        "code": Field.text(rejects["code"]),
        "header": Field.text(rejects["header"]),
        "value": Field.text(rejects["value"]),
    }


def _towns(found: pl.DataFrame, registry: Registry) -> list[dict[str, Any]]:
    """Count outcomes by town of those whom they are about."""
    homes = registry.persons.known["division"].gather(found["person"])
    counted = (
        found.select("outcome", town=pl.coalesce("place", homes).str.slice(0, _TOWN))
        .drop_nulls("town")
        .group_by("town")
        .agg((pl.col("outcome") == outcome).sum().alias(outcome) for outcome in _IN_TOWNS)
        .sort("town")
    )
    return [{"division_code": row.pop("town").ljust(12, "0"), **row} for row in counted.to_dicts()]


#: What is told by town.
_IN_TOWNS = (
    Outcome.MATCHED.value,
    Outcome.MISMATCHED.value,
    Outcome.PROBABLE.value,
    Outcome.DEPARTED.value,
)
