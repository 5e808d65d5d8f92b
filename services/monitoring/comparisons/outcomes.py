"""A batch's figures: those of its parts together, and what its rules hit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.batches.model import (
    Comparison,
    ComparisonPart,
    Mode,
    Outcome,
)
from shared.database import Reader, Writer

_ALERTS = text(
    """
    SELECT rpad(left(division_code, 9), 12, '0') AS town, count(*) AS alerts
    FROM comparison_alert WHERE comparison_id = :id GROUP BY town
    """
)
_ALERTS_BY_BATCH = text(
    """
    SELECT comparison_id, rpad(left(division_code, 9), 12, '0') AS town, count(*) AS alerts
    FROM comparison_alert WHERE comparison_id = ANY(:ids) GROUP BY comparison_id, town
    """
)
_COUNT_ROWS = text(
    """
    SELECT rpad(left(division_code, 9), 12, '0') AS town,
           count(*) FILTER (WHERE outcome = 'matched') AS matched,
           count(*) FILTER (WHERE outcome = 'mismatched') AS mismatched,
           count(*) FILTER (WHERE outcome = 'probable') AS probable,
           count(*) FILTER (WHERE outcome = 'departed') AS departed
    FROM comparison_outcome WHERE comparison_id = :id AND outcome IN ('matched', 'mismatched', 'probable', 'departed')
    GROUP BY town
    """
)
_OF_PERSONS = (Outcome.MATCHED, Outcome.MISMATCHED, Outcome.PROBABLE, Outcome.DEPARTED)


async def sum_up(db: Writer, comparison: Comparison) -> None:
    """Write a batch's figures, those of its parts together, and tell of it."""
    parts = await db.all(select(ComparisonPart).where(col(ComparisonPart.comparison_id) == comparison.id))
    for figure in ("rows", *Outcome):
        setattr(comparison, figure, sum(getattr(part, figure) for part in parts))
    towns = [town for part in parts for town in part.towns]
    if comparison.probable and comparison.mode == Mode.COMMIT:
        # Of some of them a person has decided in the batch before: see ``take_effect``.
        towns = await _count_rows(db, comparison)
    await _with_alerts(db, comparison, towns)
    comparison.finished_at = db.now
    await db.flush()
    if comparison.mode == Mode.COMMIT:
        db.record(comparison.finished())


async def sum_up_again(db: Writer, comparison: Comparison) -> None:
    """Count a finished batch anew from its rows, after decisions about some of them, and tell of it."""
    await _with_alerts(db, comparison, await _count_rows(db, comparison))
    await db.flush()
    db.record(comparison.finished())


async def _count_rows(db: Writer, comparison: Comparison) -> list[dict[str, Any]]:
    """Count a batch's outcomes from its rows; returns those of its towns."""
    counted = await db.rows(_COUNT_ROWS, {"id": comparison.id})
    for outcome in _OF_PERSONS:
        setattr(comparison, outcome, sum(getattr(row, outcome) for row in counted))
    known = sum(getattr(comparison, outcome) for outcome in _OF_PERSONS)
    comparison.unmatched = comparison.rows - comparison.invalid - known
    return [
        {"division_code": row.town, **{name: getattr(row, name) for name in _OF_PERSONS}} for row in counted
    ]


async def _with_alerts(db: Writer, comparison: Comparison, towns: list[dict[str, Any]]) -> None:
    alerts = {row.town: row.alerts for row in await db.rows(_ALERTS, {"id": comparison.id})}
    comparison.alerts = sum(alerts.values())
    comparison.towns = together(towns, alerts)


async def alerts_by_town(db: Reader, comparison_ids: Collection[UUID]) -> defaultdict[UUID, dict[str, int]]:
    """Return of batches how many alerts are about somebody who belongs to each town now, of those that are seen."""
    alerts: defaultdict[UUID, dict[str, int]] = defaultdict(dict)
    for row in await db.rows(_ALERTS_BY_BATCH, {"ids": list(comparison_ids)}):
        alerts[row.comparison_id][row.town] = row.alerts
    return alerts


async def recount_alerts(
    db: Writer, comparison_ids: Collection[UUID], *, corrected: Collection[UUID] = ()
) -> None:
    """Count the alerts of finished batches anew, after another batch's news.

    Tells of those that have others now, and of those that were ``corrected``.
    """
    alerts = await alerts_by_town(db, comparison_ids)
    finished = select(Comparison).where(
        col(Comparison.id).in_(comparison_ids), col(Comparison.finished_at).is_not(None)
    )
    finished = finished.order_by(col(Comparison.id)).execution_options(populate_existing=True)
    for comparison in await db.all(finished):
        told = [{name: town[name] for name in town if name != "alerts"} for town in comparison.towns]
        towns = together(told, alerts[comparison.id])
        if towns != comparison.towns or comparison.id in corrected:
            comparison.towns, comparison.alerts = towns, sum(alerts[comparison.id].values())
            await db.flush()
            db.record(comparison.finished())


def together(towns: Iterable[Mapping[str, Any]], alerts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Add figures up by town."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for town in towns:
        figures = {name: value for name, value in town.items() if name != "division_code"}
        sums[town["division_code"]].update(figures)
    return [
        {
            "division_code": code,
            **{name.value: sums[code][name] for name in _OF_PERSONS},
            "alerts": alerts.get(code, 0),
        }
        for code in sorted(sums.keys() | alerts.keys())
    ]
