"""From staged rows to outcomes, from outcomes to alerts, from alerts to clues: in sets."""

from __future__ import annotations

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
from services.monitoring.comparisons.model import Comparison, ComparisonAlert
from shared.database import Reader, Writer

#: Clues are taken a few hundred at a time, since their households stay locked meanwhile.
_CLUES = 200
#: Nobody but a table's owner may gather statistics, and those of a table that was just filled are worthless: unaware of
#: its rows, the planner would compare each with each.
_JOIN_BY_HASH = (text("SET LOCAL enable_nestloop = off"), text("SET LOCAL work_mem = '128MB'"))
_SUPERSEDE = text(
    """
    UPDATE comparison SET superseded_by = :id
    WHERE dataset = :dataset AND period = :period AND owner = :owner AND id < :id AND superseded_by IS NULL
    """
)
#: A batch that was held up (its job was tried again) finds itself corrected already.
_GIVE_WAY = text(
    """
    UPDATE comparison SET superseded_by = newer.id
    FROM (
        SELECT id FROM comparison WHERE dataset = :dataset AND period = :period AND owner = :owner AND id > :id
            AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1) newer
    WHERE comparison.id = :id
    """
)
#: Which the corrected batch does not bear out any more.
_WITHDRAW = text(
    "DELETE FROM comparison_alert WHERE comparison_id IN (SELECT id FROM comparison WHERE superseded_by = :id)"
)
_FIGURES = text(
    """
    SELECT count(*) FILTER (WHERE outcome = 'matched'), count(*) FILTER (WHERE outcome = 'mismatched'),
           count(*) FILTER (WHERE outcome = 'unmatched')
    FROM comparison_result WHERE comparison_id = :id
    """
)
_TOWNS = text(
    """
    WITH results AS (
        SELECT rpad(left(division_code, 9), 12, '0') AS town,
               count(*) FILTER (WHERE outcome = 'matched') AS matched,
               count(*) FILTER (WHERE outcome = 'mismatched') AS mismatched
        FROM comparison_result WHERE comparison_id = :id AND member_id IS NOT NULL GROUP BY town),
    alerts AS (
        SELECT rpad(left(division_code, 9), 12, '0') AS town, count(*) AS alerts
        FROM comparison_alert WHERE comparison_id = :id GROUP BY town)
    SELECT town AS division_code, matched, mismatched, coalesce(alerts, 0) AS alerts
    FROM results LEFT JOIN alerts USING (town) ORDER BY town
    """
)
_COUNTED = text(
    """
    SELECT (SELECT count(DISTINCT line) FROM comparison_reject WHERE comparison_id = :id),
           (SELECT count(*) FROM comparison_alert WHERE comparison_id = :id)
    """
)


async def match(db: Writer, comparison: Comparison) -> None:
    """Give every staged row its outcome, and take the place of an earlier batch of the same sender and period."""
    for setting in _JOIN_BY_HASH:
        await db.execute(setting)
    await db.execute(_sql("matching.sql"), {"id": comparison.id, "division_code": comparison.division_code})
    same = {name: getattr(comparison, name) for name in ("id", "dataset", "period", "owner")}
    await db.execute(_SUPERSEDE, same)
    await db.execute(_GIVE_WAY, same)


async def raise_alerts(db: Writer, comparison: Comparison, dataset: Dataset) -> None:
    """Find the persons whom the dataset's rule hits, in the transaction of ``match``."""
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
    await db.execute(_WITHDRAW, {"id": comparison.id})


async def _counted(db: Reader, comparison: Comparison, *, yearly: bool) -> list[UUID]:
    """Return the batches whose rows count, of each sender and period the newest: those of the year, or this one."""
    year = (
        col(Comparison.dataset) == comparison.dataset,
        col(Comparison.period).startswith(comparison.period[:4]),
    )
    within = year if yearly else (col(Comparison.id) == comparison.id,)
    return await db.all(select(Comparison.id).where(*within, col(Comparison.superseded_by).is_(None)))


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


async def sum_up(db: Writer, comparison: Comparison, rows: int) -> None:
    """Write a batch's figures and tell of it; its rows always add up."""
    ((matched, mismatched, unmatched),) = await db.rows(_FIGURES, {"id": comparison.id})
    ((invalid, alerts),) = await db.rows(_COUNTED, {"id": comparison.id})
    towns = await db.rows(_TOWNS, {"id": comparison.id})
    comparison.rows, comparison.invalid, comparison.alerts = rows, invalid, alerts
    comparison.matched, comparison.mismatched, comparison.unmatched = matched, mismatched, unmatched
    comparison.towns = [dict(town._mapping) for town in towns]  # noqa: SLF001 - SQLAlchemy's documented name
    comparison.finished_at = db.now
    await db.flush()
    db.record(comparison.finished())


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
