"""Which batches of departments a figure is made of, as seen from a period."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import col

from services.monitoring.batches.model import Comparison, counts
from services.monitoring.datasets.periods import parse_period
from services.monitoring.rulebook.documents import Rule
from services.monitoring.rulebook.figures import Figure
from shared.database import Reader
from shared.domain.division import county_of


class _Batch(NamedTuple):
    """A batch whose rows count: of each sender and period the newest."""

    id: UUID
    dataset: str
    division_code: str
    period: str
    first: date


@dataclass(frozen=True, slots=True)
class Windows:
    """The batches whose rows count for a rule, and what is made of them as seen from a period."""

    rule: Rule
    known: Sequence[_Batch]

    @classmethod
    async def of(cls, db: Reader, rule: Rule) -> Windows:
        """Read them."""
        columns = (Comparison.id, Comparison.dataset, Comparison.division_code, Comparison.period)
        rows = await db.rows(
            select_columns(*map(col, columns)).where(col(Comparison.dataset).in_(rule.told_by), *counts())
        )
        known = [
            _Batch(row.id, row.dataset, row.division_code, row.period, told.first)
            for row in rows
            if (told := parse_period(row.period))
        ]
        return cls(rule, known)

    def made_of(self, period: str, county: str | None = None) -> Mapping[str, Sequence[UUID]]:
        """Return, by figure of the rule, the batches whose rows it is made of in a period: of a county, or of all."""
        told = parse_period(period)
        if told is None:
            return {}
        return {
            name: [
                batch.id
                for batch in self.known
                if county in {None, county_of(batch.division_code)}
                and _is_made_of(figure, batch, period, told.first)
            ]
            for name, figure in self.rule.figures.items()
        }

    def touched_by(self, comparison: Comparison) -> Mapping[str, Sequence[UUID]]:
        """Return the periods that a batch's news may touch, earliest first, each with the county's batches of it.

        Its own, and the later ones of the years in which a sum over months reaches back to it.
        """
        told = parse_period(comparison.period)
        if told is None:
            return {}
        years = {f"{told.first.year + later:04}" for later in range(self._years)}
        touched: dict[str, list[UUID]] = {}
        for batch in sorted(self.known, key=lambda each: (each.first, each.period)):
            is_later = batch.first >= told.first and batch.period[:4] in years
            is_here = county_of(batch.division_code) == county_of(comparison.division_code)
            if is_here and (batch.period == comparison.period or is_later):
                touched.setdefault(batch.period, []).append(batch.id)
        return touched

    def told_by(self, comparison_ids: Collection[UUID], county: str) -> Mapping[str, Sequence[UUID]]:
        """Return the periods of those batches, earliest first, each with the county's batches of it."""
        told = {batch.period for batch in self.known if batch.id in set(comparison_ids)}
        found: dict[str, list[UUID]] = {}
        for batch in sorted(self.known, key=lambda each: (each.first, each.period)):
            if batch.period in told and county_of(batch.division_code) == county:
                found.setdefault(batch.period, []).append(batch.id)
        return found

    def name(self, period: str) -> str:
        """Return within what somebody is hit once: the year of a sum over months, else the period."""
        return period[:4] if self._years else period

    @property
    def _years(self) -> int:
        """How many years the rule's sums reach over; 0 where it looks at one period only."""
        windows = {figure.window for figure in self.rule.figures.values()}
        return 2 if "twelve_months" in windows else 1 if "year" in windows else 0


async def newest_batches(db: Reader, rule: Rule, on: date) -> Mapping[str, Sequence[UUID]]:
    """Return, by figure, the batches of the newest period that had begun on a day."""
    windows = await Windows.of(db, rule)
    begun = [batch for batch in windows.known if batch.first <= on]
    newest = max(begun, key=lambda batch: batch.first, default=None)
    return windows.made_of(newest.period) if newest else {}


def _is_made_of(figure: Figure, batch: _Batch, period: str, first: date) -> bool:
    if batch.dataset not in figure.datasets:
        return False
    if figure.window == "period":
        return batch.period == period
    if figure.window == "year":
        return batch.period[:4] == period[:4] and batch.first <= first
    return date(first.year - 1, first.month, 1) < batch.first <= first
