"""Doubts follow the alerts of negative lists: raised with them, and lapsed with those that nobody has decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cache
from uuid import UUID

from sqlalchemy import TextClause, text

from services.monitoring.datasets.catalog import Dataset, datasets
from services.monitoring.datasets.columns import VALUES
from shared.database import Writer

#: What an alert of a negative list becomes: it is to be explained, and no clue.
DOUBT = "doubt"
#: An explanation of the very same was accepted before.
EXPLAINED_BEFORE = "explained_before"
DOUBTS = (DOUBT, EXPLAINED_BEFORE)
#: Open doubts that rest on these batches: they are looked through, since behind a wall no index looks into arrays.
_SAID = "SELECT id FROM doubt WHERE state = 'open' AND comparison_ids && CAST(:ids AS uuid[])"
#: Alerts that a batch's news is about: its own, and those that others told of what it told, too. Both are looked up, by
#: an index each, which a join with a subquery would not be.
_CONCERNED = f"""
    alert.outcome = ANY(:doubts) AND (alert.comparison_id = ANY(:ids)
        OR alert.doubt_id = ANY(ARRAY({_SAID})))
    """
#: What several senders tell of a period is told together.
_TELLING = text(
    f"""
    SELECT telling.period, telling.id, count(*) AS alerts
    FROM comparison_alert alert JOIN comparison batch ON batch.id = alert.comparison_id
    JOIN comparison telling ON telling.dataset = batch.dataset AND telling.period = batch.period
        AND telling.effective_at IS NOT NULL AND telling.superseded_by IS NULL AND telling.withdrawn_at IS NULL
    WHERE {_CONCERNED} GROUP BY telling.period, telling.id
    """  # noqa: S608 - ours
)
#: Made of rule, window and subject, or that of the same doubt from before somebody went to another household.
_OWN_ID = """coalesce(
        (SELECT id FROM doubt own
            WHERE own.id = alert.doubt_id AND (own.rule, own."window") = (alert.rule, alert."window")
                AND coalesce(own.member_id, own.household_id) = alert.subject_id),
        CAST(md5(concat_ws('|', alert.rule, alert."window", alert.subject_id)) AS uuid))"""
# What was decided stays decided, on the facts of then; an open one about the same thing is that of this period, too. It
# is told as its own period says, or, where that does not say so any more, as the earliest that does. Of an open one a
# correction may leave no more than what was explained and accepted before: it ends.
_RAISE = f"""
    WITH alerts AS MATERIALIZED (
        SELECT {_OWN_ID} AS id, alert.*, batch.dataset, batch.period
        FROM comparison_alert alert JOIN comparison batch ON batch.id = alert.comparison_id
        WHERE batch.period = :period AND {_CONCERNED}),
    things AS (
        SELECT alerts.id, CASE WHEN bool_and({{thing}} IS NOT NULL) THEN jsonb_agg(DISTINCT {{thing}}) END AS facts
        FROM alerts
        JOIN comparison telling ON telling.id = ANY(:telling) AND telling.dataset = alerts.dataset
            AND telling.period = alerts.period
        JOIN comparison_outcome_now told ON told.comparison_id = telling.id AND told.comparison_id = ANY(:telling)
            AND told.outcome IN ('matched', 'departed')
            AND told.household_id = alerts.household_id
            AND (alerts.member_id IS NULL OR told.member_id = alerts.member_id)
        GROUP BY alerts.id),
    same AS MATERIALIZED (
        SELECT alerts.id, before.id AS before_id, before.state, before.raised_at, before.id = alerts.doubt_id AS joined
        FROM alerts JOIN things ON things.id = alerts.id
        JOIN doubt before ON before.household_id = alerts.household_id AND before.id <> alerts.id
            AND before.member_id IS NOT DISTINCT FROM alerts.member_id
            AND (before.rule, before.dataset) = (alerts.rule, alerts.dataset) AND before.facts @> things.facts
        WHERE NOT EXISTS (
            SELECT FROM doubt own WHERE own.id = alerts.id AND own.state <> 'lapsed'
                AND (own.state, before.state) <> ('open', 'explained'))),
    judged AS MATERIALIZED (
        SELECT alerts.*, things.facts,
            EXISTS (SELECT FROM same WHERE same.id = alerts.id AND same.state = 'explained') AS explained,
            coalesce((
                SELECT before_id FROM same
                WHERE same.id = alerts.id AND (same.state = 'open' OR same.joined AND same.state = 'upheld')
                ORDER BY same.joined DESC NULLS LAST, same.raised_at, before_id LIMIT 1), alerts.id) AS belongs_to
        FROM alerts LEFT JOIN things ON things.id = alerts.id),
    marked AS (
        UPDATE comparison_alert alert SET outcome = CASE WHEN explained THEN :explained_before ELSE :doubt END,
            doubt_id = CASE WHEN NOT explained THEN belongs_to END
        FROM judged
        WHERE (alert.rule, alert."window", alert.subject_id) = (judged.rule, judged."window", judged.subject_id)
            AND ((alert.outcome = :explained_before) <> explained
                OR alert.doubt_id IS DISTINCT FROM CASE WHEN NOT explained THEN belongs_to END))
    INSERT INTO doubt AS known (id, division_code, household_id, member_id, rule, rule_version, "window", inputs,
        dataset, period, facts, comparison_id, comparison_ids, raised_at, state, evidence)
    SELECT belongs_to, division_code, household_id, member_id, rule, rule_version, "window", inputs, dataset, period,
        facts, comparison_id, ARRAY[comparison_id], raised_at, 'open', '[]'
    FROM judged WHERE NOT explained AND (belongs_to = id OR NOT EXISTS (
        SELECT FROM comparison_alert alert JOIN comparison batch ON batch.id = alert.comparison_id
        WHERE alert.doubt_id = belongs_to AND ({_OWN_ID} = belongs_to OR batch.period < judged.period)))
    ORDER BY 1
    ON CONFLICT (id) DO UPDATE SET state = 'open', comparison_id = excluded.comparison_id, facts = excluded.facts,
        rule_version = excluded.rule_version, inputs = excluded.inputs, period = excluded.period
    WHERE known.state IN ('open', 'lapsed')
        AND (known.state, known.comparison_id, known.rule_version, known.inputs, known.facts) IS DISTINCT FROM
            ('open', excluded.comparison_id, excluded.rule_version, excluded.inputs, excluded.facts)
    """  # noqa: S608 - ours
_STANDS = """
    SELECT FROM comparison_alert alert
    WHERE alert.doubt_id = doubt.id OR alert.rule = doubt.rule AND alert."window" = doubt."window"
        AND alert.subject_id = coalesce(doubt.member_id, doubt.household_id)
            AND alert.outcome IS DISTINCT FROM :explained_before
    """
_LAPSE = text(
    f"""
    UPDATE doubt SET state = 'lapsed'
    WHERE state = 'open' AND comparison_ids && CAST(:ids AS uuid[]) AND NOT EXISTS ({_STANDS})
    """  # noqa: S608 - ours
)
#: Alerts and rows have just come: the planner takes them for a handful, and would look through all rows for each alert.
_IN_SETS, _AS_USUAL = text("SET LOCAL enable_nestloop = off"), text("SET LOCAL enable_nestloop = on")
#: Alerts from which on sets are quicker; of fewer, indexes find what was known of them.
_MANY = 100
#: An open doubt names all batches that say so.
_LIST = text(
    f"""
    UPDATE doubt SET comparison_ids = said.ids
    FROM (
        SELECT alert.doubt_id, array_agg(DISTINCT alert.comparison_id ORDER BY alert.comparison_id) AS ids
        FROM comparison_alert alert
        WHERE alert.doubt_id = ANY(ARRAY(
            {_SAID} UNION SELECT told.doubt_id FROM comparison_alert told WHERE told.comparison_id = ANY(:ids)))
        GROUP BY alert.doubt_id) said
    WHERE doubt.id = said.doubt_id AND doubt.state = 'open' AND doubt.comparison_ids <> said.ids
    """  # noqa: S608 - ours
)


async def follow_alerts(db: Writer, comparison_ids: Collection[UUID]) -> None:
    """Raise what batches put in doubt, and let lapse what they do not bear out any more.

    What is open about a thing stays one doubt, however many batches say so, for as long as one of them does.
    """
    values = {"ids": list(comparison_ids), "doubts": list(DOUBTS), "explained_before": EXPLAINED_BEFORE}
    # Before, so that nothing joins what is not said any more; and after, of what belongs to another one now.
    await db.execute(_LAPSE, values)
    telling: dict[str, list[UUID]] = defaultdict(list)
    found = await db.rows(_TELLING, values)
    for row in found:
        telling[row.period].append(row.id)
    if any(row.alerts >= _MANY for row in found):
        await db.execute(_IN_SETS)
    for period, batches in sorted(telling.items()):
        await db.execute(_raise(), values | {"doubt": DOUBT, "period": period, "telling": batches})
    await db.execute(_AS_USUAL)
    await db.execute(_LAPSE, values)
    await db.execute(_LIST, values)


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
