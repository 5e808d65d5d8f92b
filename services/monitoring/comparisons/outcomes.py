"""From outcomes to alerts, from alerts to clues: in sets; and a batch's figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text
from sqlmodel import col, select

from services.monitoring.clues.commands import receive_many
from services.monitoring.clues.rules import DEPARTMENT, Arrival
from services.monitoring.comparisons.catalog import Dataset
from services.monitoring.comparisons.model import (
    Comparison,
    ComparisonAlert,
    ComparisonPart,
    Mode,
    Outcome,
)
from services.monitoring.comparisons.supersession import counts
from shared.database import Reader, Writer

#: Clues are taken a few hundred at a time, since their households stay locked meanwhile.
_CLUES = 200
#: Nobody but a table's owner may gather statistics, and those of a table that was just filled are worthless: unaware of
#: its rows, the planner would compare each with each.
_JOIN_BY_HASH = (text("SET LOCAL enable_nestloop = off"), text("SET LOCAL work_mem = '128MB'"))
#: Which the corrected batch does not bear out any more: what came of them is to be taken back.
_WITHDRAW = text(
    """
    WITH gone AS (
        DELETE FROM comparison_alert
        WHERE rule = :rule AND comparison_id IN (SELECT id FROM comparison WHERE superseded_by = :id)
        RETURNING household_id, member_id)
    INSERT INTO comparison_retraction (comparison_id, household_id, member_id, risk_type)
    SELECT DISTINCT :id, household_id, member_id, :risk_type FROM gone
    ON CONFLICT DO NOTHING
    """
)
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


async def raise_alerts(db: Writer, comparison: Comparison, dataset: Dataset) -> None:
    """Find the persons whom the dataset's rule hits, in the transaction in which the batch takes effect."""
    for setting in _JOIN_BY_HASH:
        await db.execute(setting)
    rule, yearly = dataset.rule, dataset.rule.window == "calendar_year"
    holding = rule.thresholds_for(comparison.division_code, comparison.period)
    over = holding.over if holding else {}
    if yearly and not over:
        return
    await db.execute(
        _sql("alerts.sql"),
        {
            "id": comparison.id,
            "batches": await _counted(db, comparison, yearly=yearly),
            "least": min(over.values()) if yearly else None,
            "rule": rule.id,
            "version": rule.version,
            "window": comparison.period[:4] if yearly else comparison.period,
            "thresholds": orjson.dumps({name: str(yuan) for name, yuan in over.items()}).decode(),
            "now": db.now,
        },
    )
    await db.execute(_WITHDRAW, {"id": comparison.id, "rule": rule.id, "risk_type": rule.risk_type})


async def _counted(db: Reader, comparison: Comparison, *, yearly: bool) -> list[UUID]:
    """Return the batches whose rows count, of each sender and period the newest: those of the year, or this one."""
    year = (
        col(Comparison.dataset) == comparison.dataset,
        col(Comparison.period).startswith(comparison.period[:4]),
    )
    within = year if yearly else (col(Comparison.id) == comparison.id,)
    return await db.all(select(Comparison.id).where(*within, *counts()))


async def tell_clues(db: Writer, comparison: Comparison, dataset: Dataset) -> int:
    """Make clues of the next alerts that are none yet; returns how many were taken."""
    untold = select(ComparisonAlert).where(
        ComparisonAlert.comparison_id == comparison.id, col(ComparisonAlert.outcome).is_(None)
    )
    alerts = await db.all(untold.order_by(col(ComparisonAlert.household_id)).limit(_CLUES))
    receipts = await receive_many(db, [_arrival(alert, comparison, dataset) for alert in alerts])
    for alert, receipt in zip(alerts, receipts, strict=True):
        alert.outcome = receipt.outcome
    await db.flush()
    return len(alerts)


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


def _arrival(alert: ComparisonAlert, comparison: Comparison, dataset: Dataset) -> Arrival:
    rule = dataset.rule
    holding = rule.thresholds_for(comparison.division_code, comparison.period)
    sums = f"，{alert.window} 年累计 {alert.value} 元，超过 {alert.threshold} 元" if alert.threshold else ""
    detail: dict[str, Any] = {
        "rule": rule.id,
        "version": rule.version,
        "source": holding.source if holding else rule.source,
        "inputs": {"class": alert.person_class, "window": alert.window, "value": _text(alert.value)},
        "threshold": _text(alert.threshold),
    }
    return Arrival(
        household_id=alert.household_id,
        member_id=alert.member_id,
        risk_type=rule.risk_type,
        source=DEPARTMENT,
        facts=f"{comparison.owner_name}{comparison.period} 数据：{dataset.zh}{sums}",
        reference=f"comparison:{comparison.id}",
        detail=detail,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@cache
def _sql(name: str) -> TextClause:
    sql = files(__package__).joinpath(name).read_text("utf-8")
    # Comment lines go: their colons would be taken for parameters.
    return text("\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--")))
