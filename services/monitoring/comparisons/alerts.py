"""Whom the rules of a dataset hit once a batch takes effect, and what becomes of it: clues, or doubts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.clues.commands import receive_many
from services.monitoring.clues.rules import DEPARTMENT, Arrival
from services.monitoring.comparisons.catalog import Dataset, datasets
from services.monitoring.comparisons.model import Comparison, ComparisonAlert
from services.monitoring.comparisons.outcomes import recount_alerts
from services.monitoring.comparisons.periods import parse_period
from services.monitoring.doubts.following import DOUBT, follow_alerts
from services.monitoring.rulebook.documents import Rule, hit_of
from services.monitoring.rulebook.evaluation import Question, asked, judgement, thresholds_of
from services.monitoring.rulebook.figures import about_sql, column_of
from services.monitoring.rulebook.gathering import Told, gathered, key_of
from services.monitoring.rulebook.queries import rules
from services.monitoring.rulebook.windows import Windows
from shared.database import Writer
from shared.domain.dated import in_force
from shared.keys import uuid7

#: Clues are taken a few hundred at a time, since their households stay locked meanwhile.
_CLUES = 200
#: Sums of a county's people.
_SUM_IN_MEMORY = text("SET LOCAL work_mem = '128MB'")
#: An alert is that of the first period in which the rule hits, so that it is the same in whatever order batches come:
#: one of an earlier period stands, one of this period or a later one moves here. What was told is not told again.
_RAISE = """
    WITH {facts},
    hits AS (
        SELECT household_id, member_id, coalesce(member_id, household_id) AS subject_id, division_code, batch,
            {version} AS rule_version, {inputs} AS inputs
        FROM facts WHERE {hit})
    INSERT INTO comparison_alert AS known (rule, "window", subject_id, household_id, member_id, division_code,
        comparison_id, rule_version, risk_type, inputs, raised_at, outcome, asking, news_of)
    SELECT :rule, :window, subject_id, household_id, member_id, division_code, batch, rule_version, :risk_type, inputs,
        :now, :outcome, :asking, :id
    FROM hits
    ON CONFLICT (rule, "window", subject_id) DO UPDATE SET
        comparison_id = CASE WHEN known.comparison_id = ANY(:telling) THEN known.comparison_id
            ELSE excluded.comparison_id END,
        rule_version = excluded.rule_version, inputs = excluded.inputs, asking = excluded.asking,
        news_of = CASE WHEN known.outcome IS NULL THEN excluded.news_of ELSE known.news_of END
    WHERE known.comparison_id = ANY(:open) AND known.asking IS DISTINCT FROM excluded.asking
    """
#: Of whom a batch, or the one whose place it takes, says what the other does not: rows are the same in any order.
_CHANGED = """
    SELECT {column} AS about FROM comparison_result WHERE comparison_id = ANY(:told) AND outcome = 'matched'
    GROUP BY {column}
    HAVING sum(CASE WHEN comparison_id = :id THEN 1 ELSE -1 END
        * CAST(hash_record_extended(ROW(amount, quantity, happened_on, kind, note, more), 0) AS numeric)) <> 0
    LIMIT :most
    """
#: What the corrected batch told of the others is the new one's.
_KEEP = """
    UPDATE comparison_alert SET comparison_id = :id, asking = :asking,
        news_of = CASE WHEN outcome IS NULL THEN :id ELSE news_of END
    WHERE rule = :rule AND comparison_id = ANY(:gone) AND NOT {about}
    """
#: As many are named one by one; of more, all of whom the batches tell are asked.
_FEW = 50_000
_TOLD = """{column} IN (
    SELECT {column} FROM comparison_result WHERE comparison_id = ANY(:told) AND outcome = 'matched')"""
#: Those that were asked about and do not hold any more: what came of them is to be taken back.
_DROP = """
    WITH gone AS (
        DELETE FROM comparison_alert known
        WHERE rule = :rule AND comparison_id = ANY(:open) AND asking IS DISTINCT FROM :asking
            AND (comparison_id = ANY(:gone) OR {asked})
        RETURNING household_id, subject_id, member_id, risk_type, told_by)
    INSERT INTO comparison_retraction (comparison_id, rule, told_by, subject_id, household_id, member_id, risk_type)
    SELECT :id, :rule, told_by, subject_id, household_id, member_id, risk_type FROM gone
    WHERE risk_type IS NOT NULL AND told_by IS NOT NULL
    ON CONFLICT DO NOTHING
    """


async def raise_alerts(db: Writer, comparison: Comparison, dataset: Dataset) -> None:
    """Ask the dataset's rules of whom a batch tells, or does not any more, in the transaction in which it does so.

    Of its own period, and of the later ones whose sums reach back to it.
    """
    await db.execute(_SUM_IN_MEMORY)
    told = [comparison.id]
    if comparison.withdrawn_at is None:
        # One that never took effect was never asked about: whatever this one says is news.
        before = col(Comparison.superseded_by) == comparison.id, col(Comparison.effective_at).is_not(None)
        told += await db.all(select(Comparison.id).where(*before))
    asking = _Asking(uuid7(), comparison, told, dataset.subject)
    for rule in (await rules(db)).values():
        if dataset.code in rule.told_by:
            await _ask(db, asking, rule)
    await follow_alerts(db, asking.open)
    await recount_alerts(db, asking.open - {comparison.id}, corrected=told[1:])


async def tell_clues(db: Writer, comparison: Comparison) -> int:
    """Make clues of the next alerts that are a batch's news, and none yet; returns how many were taken."""
    untold = select(ComparisonAlert).where(
        ComparisonAlert.news_of == comparison.id, col(ComparisonAlert.outcome).is_(None)
    )
    alerts = await db.all(untold.order_by(col(ComparisonAlert.household_id)).limit(_CLUES))
    if not alerts:
        return 0
    known = await rules(db)
    telling = select(Comparison).where(col(Comparison.id).in_({alert.comparison_id for alert in alerts}))
    batches = {batch.id: batch for batch in await db.all(telling)}
    receipts = await receive_many(
        db, [_arrival(alert, known, batches[alert.comparison_id]) for alert in alerts]
    )
    for alert, receipt in zip(alerts, receipts, strict=True):
        alert.outcome, alert.clue_id = receipt.outcome, receipt.clue.id if receipt.clue else None
        alert.told_by = alert.comparison_id
    await db.flush()
    return len(alerts)


@dataclass
class _Asking:
    """Rules asked once, of those whom some batches tell of."""

    id: UUID
    comparison: Comparison
    #: The batch itself, and those whose place it has taken.
    told: list[UUID]
    per: str
    #: Batches whose alerts may be others afterwards.
    open: set[UUID] = field(init=False)

    def __post_init__(self) -> None:
        self.open = set(self.told)

    @property
    def gone(self) -> list[UUID]:
        """Those that count no more."""
        return [each for each in self.told if each != self.comparison.id or self.comparison.withdrawn_at]


async def _ask(db: Writer, asking: _Asking, rule: Rule) -> None:
    windows = await Windows.of(db, rule)
    periods = windows.touched_by(asking.comparison)
    open_ = {*asking.told, *(batch for telling in periods.values() for batch in telling)}
    asking.open |= open_
    key = key_of(rule, asking.per)
    about = None
    if asking.gone or periods.keys() - {asking.comparison.period}:
        about = await _changed(db, asking, key)
    values = {
        "id": asking.comparison.id,
        "rule": rule.id,
        "asking": asking.id,
        "open": list(open_),
        "told": asking.told,
        "gone": asking.gone,
        "about": about or [],
    }
    if about is not None and asking.comparison.withdrawn_at is None:
        await db.execute(text(_KEEP.format(about=about_sql(key))), values)
    for period, telling in periods.items():
        told = Told(asking.told, telling, key, about)
        await _raise(db, rule, windows, period, told, values)
    named = about_sql(key) if about is not None else _TOLD.format(column=column_of(key))
    await db.execute(text(_DROP.format(asked=named)), values)


async def _changed(db: Writer, asking: _Asking, key: str) -> list[Any] | None:
    """Return of whom a batch is news, where they are few enough to be named."""
    values = {"id": asking.comparison.id, "told": asking.told, "most": _FEW + 1}
    rows = await db.rows(text(_CHANGED.format(column=column_of(key))), values)
    return [row.about for row in rows] if len(rows) <= _FEW else None


async def _raise(
    db: Writer, rule: Rule, windows: Windows, period: str, told: Told, values: Mapping[str, Any]
) -> None:
    on = _last_day(period, db.today)
    versions = in_force(rule.versions, on)
    if not versions:
        return
    batches, judged = windows.made_of(period), judgement(rule, versions, on)
    of_rule = {
        "window": windows.name(period),
        "risk_type": rule.risk_type,
        "outcome": DOUBT if rule.meaning == "doubt" else None,
        "telling": list(told.telling),
        "now": db.now,
    }
    async with gathered(db, rule, versions, told, batches):
        facts = asked(rule, versions, Question(on=on, gathered=told.by, batches=batches))
        statement = _RAISE.format(
            facts=facts.ctes, hit=judged.hit, version=judged.version, inputs=judged.inputs
        )
        await db.execute(text(statement), facts.values | judged.values | dict(values) | of_rule)


def _last_day(period: str, today: date) -> date:
    """Return the day whose rules hold: the period's last, or today where it is not over."""
    told = parse_period(period)
    return min(told.last, today) if told else today


def _arrival(alert: ComparisonAlert, known: Mapping[str, Rule], comparison: Comparison) -> Arrival:
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
        facts=f"{comparison.owner_name}{comparison.period} 数据：{datasets()[comparison.dataset].zh}（{reasons}）",
        reference=f"comparison:{comparison.id}",
        detail=detail,
    )
