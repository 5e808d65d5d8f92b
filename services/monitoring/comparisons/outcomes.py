"""A batch's figures: those of its parts together, and what its rules hit."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.comparisons.model import (
    Comparison,
    ComparisonPart,
    Mode,
    Outcome,
)
from shared.database import Writer

_ALERTS = text(
    """
    SELECT rpad(left(division_code, 9), 12, '0') AS town, count(*) AS alerts
    FROM comparison_alert WHERE comparison_id = :id GROUP BY town
    """
)
_COUNT_ROWS = text(
    """
    SELECT rpad(left(division_code, 9), 12, '0') AS town,
           count(*) FILTER (WHERE outcome = 'matched') AS matched,
           count(*) FILTER (WHERE outcome = 'mismatched') AS mismatched,
           count(*) FILTER (WHERE outcome = 'probable') AS probable,
           count(*) FILTER (WHERE outcome = 'departed') AS departed
    FROM comparison_result WHERE comparison_id = :id AND outcome IN ('matched', 'mismatched', 'probable', 'departed')
    GROUP BY town
    """
)
_OF_PERSONS = (Outcome.MATCHED, Outcome.MISMATCHED, Outcome.PROBABLE, Outcome.DEPARTED)


async def sum_up(db: Writer, comparison: Comparison) -> None:
    """Write a batch's figures, those of its parts together, and tell of it."""
    parts = await db.all(select(ComparisonPart).where(col(ComparisonPart.comparison_id) == comparison.id))
    alerts = {row.town: row.alerts for row in await db.rows(_ALERTS, {"id": comparison.id})}
    for figure in ("rows", *Outcome):
        setattr(comparison, figure, sum(getattr(part, figure) for part in parts))
    comparison.alerts = sum(alerts.values())
    comparison.towns = _together([town for part in parts for town in part.towns], alerts)
    comparison.finished_at = db.now
    await db.flush()
    if comparison.mode == Mode.COMMIT:
        db.record(comparison.finished())


async def sum_up_again(db: Writer, comparison: Comparison) -> None:
    """Count a finished batch anew from its rows, after decisions about some of them, and tell of it."""
    counted = await db.rows(_COUNT_ROWS, {"id": comparison.id})
    for outcome in _OF_PERSONS:
        setattr(comparison, outcome, sum(getattr(row, outcome) for row in counted))
    known = sum(getattr(comparison, outcome) for outcome in _OF_PERSONS)
    comparison.unmatched = comparison.rows - comparison.invalid - known
    alerts = {row.town: row.alerts for row in await db.rows(_ALERTS, {"id": comparison.id})}
    comparison.alerts = sum(alerts.values())
    towns = [
        {"division_code": row.town, **{name: getattr(row, name) for name in _OF_PERSONS}} for row in counted
    ]
    comparison.towns = _together(towns, alerts)
    await db.flush()
    db.record(comparison.finished())


def _together(towns: list[dict[str, Any]], alerts: dict[str, int]) -> list[dict[str, Any]]:
    """Add the parts' figures up by town."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for town in towns:
        figures = {name: value for name, value in town.items() if name != "division_code"}
        sums[town["division_code"]].update(figures)
    return [
        {"division_code": code, **figures, "alerts": alerts.get(code, 0)}
        for code, figures in sorted(sums.items())
    ]
