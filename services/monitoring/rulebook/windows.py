"""Which batches of departments a figure is made of, as seen from a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import col

from services.monitoring.comparisons.model import Comparison
from services.monitoring.comparisons.periods import parse_period
from services.monitoring.comparisons.supersession import counts
from services.monitoring.rulebook.documents import Rule
from services.monitoring.rulebook.figures import Figure
from shared.database import Reader


class _Batch(NamedTuple):
    """A batch whose rows count: of each sender and period the newest."""

    id: UUID
    dataset: str
    period: str
    first: date


async def batches_of(db: Reader, rule: Rule, period: str) -> Mapping[str, Sequence[UUID]]:
    """Return, by figure of a rule, the batches whose rows it is made of in a period."""
    told = parse_period(period)
    if told is None:
        return {}
    known = await _counting(db, rule)
    return {
        name: [batch.id for batch in known if _is_made_of(figure, batch, period, told.first)]
        for name, figure in rule.figures.items()
    }


async def newest_batches(db: Reader, rule: Rule, on: date) -> Mapping[str, Sequence[UUID]]:
    """Return the same for the newest period that had begun on a day."""
    begun = [batch for batch in await _counting(db, rule) if batch.first <= on]
    newest = max(begun, key=lambda batch: batch.first, default=None)
    return await batches_of(db, rule, newest.period) if newest else {}


async def _counting(db: Reader, rule: Rule) -> list[_Batch]:
    rows = await db.rows(
        select_columns(col(Comparison.id), col(Comparison.dataset), col(Comparison.period)).where(
            col(Comparison.dataset).in_(rule.told_by), *counts()
        )
    )
    return [
        _Batch(row.id, row.dataset, row.period, told.first)
        for row in rows
        if (told := parse_period(row.period))
    ]


def _is_made_of(figure: Figure, batch: _Batch, period: str, first: date) -> bool:
    if batch.dataset not in figure.datasets:
        return False
    if figure.window == "period":
        return batch.period == period
    if figure.window == "year":
        return batch.period[:4] == period[:4]
    return date(first.year - 1, first.month, 1) < batch.first <= first
