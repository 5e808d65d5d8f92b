"""Doubts follow the alerts of negative lists: raised with them, and lapsed with those that nobody has decided."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from uuid import UUID

from sqlalchemy import TextClause, text

from services.monitoring.comparisons.catalog import Dataset, datasets
from services.monitoring.comparisons.columns import VALUES
from shared.database import Writer

#: What an alert of a negative list becomes: it is to be explained, and no clue.
DOUBT = "doubt"
#: An explanation of the very same was accepted before.
EXPLAINED_BEFORE = "explained_before"
DOUBTS = (DOUBT, EXPLAINED_BEFORE)
#: What several senders tell of a period is told together.
_TELLING = text(
    """
    SELECT DISTINCT telling.id
    FROM comparison_alert alert JOIN comparison batch ON batch.id = alert.comparison_id
    JOIN comparison telling ON telling.dataset = batch.dataset AND telling.period = batch.period
        AND telling.effective_at IS NOT NULL AND telling.superseded_by IS NULL AND telling.withdrawn_at IS NULL
    WHERE batch.id = ANY(:ids) AND alert.outcome = ANY(:doubts)
    """
)
# What was decided stays decided, on the facts of then.
_RAISE = """
    WITH alerts AS MATERIALIZED (
        SELECT CAST(md5(concat_ws('|', alert.rule, alert."window", alert.subject_id)) AS uuid) AS id, alert.*,
            batch.dataset, batch.period
        FROM comparison_alert alert JOIN comparison batch ON batch.id = alert.comparison_id
        WHERE batch.id = ANY(:ids) AND alert.outcome = ANY(:doubts)),
    things AS (
        SELECT alerts.id, CASE WHEN bool_and({thing} IS NOT NULL) THEN jsonb_agg(DISTINCT {thing}) END AS facts
        FROM alerts
        JOIN comparison telling ON telling.id = ANY(:telling) AND telling.dataset = alerts.dataset
            AND telling.period = alerts.period
        JOIN comparison_result told ON told.comparison_id = telling.id AND told.comparison_id = ANY(:telling)
            AND told.outcome IN ('matched', 'departed')
            AND told.household_id = alerts.household_id
            AND (alerts.member_id IS NULL OR told.member_id = alerts.member_id)
        GROUP BY alerts.id),
    judged AS MATERIALIZED (
        SELECT alerts.*, things.facts,
            EXISTS (
                SELECT FROM doubt before
                WHERE before.household_id = alerts.household_id AND before.state = 'explained'
                    AND before.member_id IS NOT DISTINCT FROM alerts.member_id
                    AND (before.rule, before.dataset) = (alerts.rule, alerts.dataset)
                    AND before.id <> alerts.id AND before.facts @> things.facts)
            AND NOT EXISTS (SELECT FROM doubt own WHERE own.id = alerts.id AND own.state <> 'lapsed') AS explained
        FROM alerts LEFT JOIN things ON things.id = alerts.id),
    marked AS (
        UPDATE comparison_alert alert SET outcome = CASE WHEN explained THEN :explained_before ELSE :doubt END
        FROM judged
        WHERE (alert.rule, alert."window", alert.subject_id) = (judged.rule, judged."window", judged.subject_id)
            AND (alert.outcome = :explained_before) <> explained)
    INSERT INTO doubt AS known (id, division_code, household_id, member_id, rule, rule_version, "window", inputs,
        dataset, period, facts, comparison_id, raised_at, state, evidence)
    SELECT id, division_code, household_id, member_id, rule, rule_version, "window", inputs, dataset, period, facts,
        comparison_id, raised_at, 'open', '[]'
    FROM judged WHERE NOT explained ORDER BY 1
    ON CONFLICT (id) DO UPDATE SET state = 'open', comparison_id = excluded.comparison_id, facts = excluded.facts,
        rule_version = excluded.rule_version, inputs = excluded.inputs, period = excluded.period
    WHERE known.state IN ('open', 'lapsed')
        AND (known.state, known.comparison_id, known.rule_version, known.inputs, known.facts) IS DISTINCT FROM
            ('open', excluded.comparison_id, excluded.rule_version, excluded.inputs, excluded.facts)
    """
_LAPSE = text(
    """
    UPDATE doubt SET state = 'lapsed'
    WHERE state = 'open' AND comparison_id = ANY(:ids)
        AND NOT EXISTS (
            SELECT FROM comparison_alert alert WHERE alert.rule = doubt.rule AND alert."window" = doubt."window"
                AND alert.subject_id = coalesce(doubt.member_id, doubt.household_id))
    """
)


async def follow_alerts(db: Writer, comparison_ids: Collection[UUID]) -> None:
    """Raise what batches put in doubt, and let lapse what they do not bear out any more."""
    values = {"ids": list(comparison_ids), "doubts": list(DOUBTS)}
    if telling := [row.id for row in await db.rows(_TELLING, values)]:
        outcomes = {"doubt": DOUBT, "explained_before": EXPLAINED_BEFORE}
        await db.execute(_raise(), values | outcomes | {"telling": telling})
    await db.execute(_LAPSE, values)


@cache
def _raise() -> TextClause:
    """Return the statement: what a row names is told by the columns of its dataset, if it fills any of them."""
    cases = " ".join(
        f"WHEN '{dataset.code}' THEN {_thing(dataset)}"
        for dataset in datasets().values()
        if dataset.identified_by
    )
    return text(_RAISE.format(thing=f"CASE alerts.dataset {cases} END"))


def _thing(dataset: Dataset) -> str:
    """Return what a row of a dataset names. Names of columns are those of its file, which has been checked."""
    cells = [
        f"told.{each}" if each in VALUES else f"(told.more ->> '{each}')" for each in dataset.identified_by
    ]
    filled = " OR ".join(f"{cell} IS NOT NULL" for cell in cells)
    return f"CASE WHEN {filled} THEN CAST(jsonb_build_array({', '.join(cells)}) AS text) END"
