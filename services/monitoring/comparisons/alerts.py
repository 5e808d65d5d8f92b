"""Whom the rules of a dataset hit once a batch takes effect, and what becomes of it: clues, or doubts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.clues.commands import receive_many
from services.monitoring.clues.rules import DEPARTMENT, Arrival
from services.monitoring.comparisons.catalog import Dataset
from services.monitoring.comparisons.model import Comparison, ComparisonAlert
from services.monitoring.comparisons.periods import parse_period
from services.monitoring.doubts.following import follow_alerts
from services.monitoring.rulebook.documents import Rule, hit_of
from services.monitoring.rulebook.evaluation import Question, Told, asked, judgement, thresholds_of
from services.monitoring.rulebook.queries import rules
from services.monitoring.rulebook.windows import batches_of
from shared.database import Writer
from shared.domain.dated import in_force

#: Clues are taken a few hundred at a time, since their households stay locked meanwhile.
_CLUES = 200
#: Nobody but a table's owner may gather statistics, and those of a table that was just filled are worthless: unaware of
#: its rows, the planner would compare each with each.
_JOIN_BY_HASH = (text("SET LOCAL enable_nestloop = off"), text("SET LOCAL work_mem = '128MB'"))
#: An alert that an earlier batch raised stands, unless this one has taken the batch's place: then it is this one's, and
#: what was told is not told again.
_RAISE = """
    WITH {facts},
    hits AS (
        SELECT household_id, member_id, coalesce(member_id, household_id) AS subject_id, division_code,
            {version} AS rule_version, {inputs} AS inputs
        FROM facts WHERE {hit})
    INSERT INTO comparison_alert AS known (rule, "window", subject_id, household_id, member_id, division_code,
        comparison_id, rule_version, risk_type, inputs, raised_at, outcome)
    SELECT :rule, :window, subject_id, household_id, member_id, division_code, :id, rule_version, :risk_type, inputs,
        :now, :outcome
    FROM hits
    ON CONFLICT (rule, "window", subject_id) DO UPDATE SET
        comparison_id = excluded.comparison_id, rule_version = excluded.rule_version, inputs = excluded.inputs
    WHERE known.comparison_id = ANY(:told)
    """
#: Which the corrected batch does not bear out any more: what came of them is to be taken back.
_WITHDRAW = text(
    """
    WITH gone AS (
        DELETE FROM comparison_alert WHERE comparison_id IN (SELECT id FROM comparison WHERE superseded_by = :id)
        RETURNING household_id, subject_id, member_id, risk_type)
    INSERT INTO comparison_retraction (comparison_id, household_id, subject_id, member_id, risk_type)
    SELECT DISTINCT :id, household_id, subject_id, member_id, risk_type FROM gone WHERE risk_type IS NOT NULL
    ON CONFLICT DO NOTHING
    """
)
#: What an alert of a negative list becomes: it is to be explained, and no clue.
DOUBT = "doubt"


async def raise_alerts(db: Writer, comparison: Comparison, dataset: Dataset) -> None:
    """Ask the dataset's rules of whom the batch tells, in the transaction in which it takes effect."""
    for setting in _JOIN_BY_HASH:
        await db.execute(setting)
    told = await db.all(select(Comparison.id).where(col(Comparison.superseded_by) == comparison.id))
    for rule in (await rules(db)).values():
        if dataset.code in rule.told_by:
            await _raise(db, rule, comparison, Told([comparison.id, *told], dataset.subject))
    await db.execute(_WITHDRAW, {"id": comparison.id})
    await follow_alerts(db, comparison.id)


async def tell_clues(db: Writer, comparison: Comparison, dataset: Dataset) -> int:
    """Make clues of the next alerts that are none yet; returns how many were taken."""
    untold = select(ComparisonAlert).where(
        ComparisonAlert.comparison_id == comparison.id, col(ComparisonAlert.outcome).is_(None)
    )
    alerts = await db.all(untold.order_by(col(ComparisonAlert.household_id)).limit(_CLUES))
    if not alerts:
        return 0
    known = await rules(db)
    receipts = await receive_many(db, [_arrival(alert, known, comparison, dataset) for alert in alerts])
    for alert, receipt in zip(alerts, receipts, strict=True):
        alert.outcome, alert.clue_id = receipt.outcome, receipt.clue.id if receipt.clue else None
    await db.flush()
    return len(alerts)


async def _raise(db: Writer, rule: Rule, comparison: Comparison, told: Told) -> None:
    on = _last_day(comparison, db.today)
    versions = in_force(rule.versions, on)
    if not versions:
        return
    question = Question(on=on, told=told, batches=await batches_of(db, rule, comparison.period))
    facts, judged = asked(rule, versions, question), judgement(rule, versions, on)
    statement = _RAISE.format(facts=facts.ctes, hit=judged.hit, version=judged.version, inputs=judged.inputs)
    values = {
        "id": comparison.id,
        "rule": rule.id,
        "window": _window(rule, comparison),
        "risk_type": rule.risk_type,
        "outcome": DOUBT if rule.meaning == "doubt" else None,
        "now": db.now,
    }
    await db.execute(text(statement), facts.values | judged.values | values)


def _last_day(comparison: Comparison, today: date) -> date:
    """Return the day whose rules hold: the period's last, or today where it is not over."""
    period = parse_period(comparison.period)
    return min(period.last, today) if period else today


def _window(rule: Rule, comparison: Comparison) -> str:
    """Return within what somebody is hit once: the year of a sum over months, else the period."""
    over_months = any(figure.window != "period" for figure in rule.figures.values())
    return comparison.period[:4] if over_months else comparison.period


def _arrival(
    alert: ComparisonAlert, known: Mapping[str, Rule], comparison: Comparison, dataset: Dataset
) -> Arrival:
    hit = hit_of(known, alert.rule, alert.rule_version, alert.inputs)
    assert hit is not None  # noqa: S101 - raised a moment ago by a version that is kept for ever
    detail: dict[str, Any] = {
        "rule": alert.rule,
        "version": alert.rule_version,
        "source": hit.version.source,
        "inputs": alert.inputs,
        "thresholds": thresholds_of(hit.version),
    }
    assert alert.risk_type is not None  # noqa: S101 - a doubt is no clue
    reasons = "；".join(hit.explained("zh")["reasons"])
    return Arrival(
        household_id=alert.household_id,
        member_id=alert.member_id,
        risk_type=alert.risk_type,
        source=DEPARTMENT,
        facts=f"{comparison.owner_name}{comparison.period} 数据：{dataset.zh}（{reasons}）",
        reference=f"comparison:{comparison.id}",
        detail=detail,
    )
