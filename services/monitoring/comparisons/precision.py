"""How good warnings were: what people found when they looked into what a rule had hit."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import text

from services.monitoring.comparisons.following import LOOKED_INTO
from services.monitoring.comparisons.schemas import RuleVerdicts
from services.monitoring.comparisons.senders import reads_registry
from services.monitoring.doubts.following import DOUBTS
from shared.clock import CHINA
from shared.database import Reader

_VERDICTS = """
    SELECT alert.rule, count(*) AS alerts,
        count(*) FILTER (WHERE clue.status IN ('verified_at_risk', 'merged')) AS confirmed,
        count(*) FILTER (WHERE clue.status = 'dismissed') AS dismissed,
        count(*) FILTER (WHERE alert.outcome = 'already_monitored') AS covered
    FROM {alerts} alert
    LEFT JOIN clue ON clue.id = alert.clue_id
    WHERE coalesce(alert.outcome, '') <> ALL(:doubts) GROUP BY alert.rule ORDER BY alert.rule
    """
#: An alert with the clue in which it is looked into.
_ALERTS = f"""
    SELECT rule, "window", subject_id, comparison_id, raised_at, outcome, {LOOKED_INTO.format(alert="known")} AS clue_id
    FROM comparison_alert known
    """  # noqa: S608 - ours
_OF_BATCH = text(_VERDICTS.format(alerts=f"({_ALERTS} WHERE comparison_id = :batch)"))
#: Those that hold, and those that had their verdict when they ceased to. Withdrawn and sent again, the same may come to
#: the clue that it had: what people found out once about it counts once.
_EVER = f"""(
        SELECT DISTINCT ON (rule, "window", subject_id, clue_id) rule, outcome, clue_id
        FROM (
            {_ALERTS}
            UNION ALL
            SELECT rule, "window", subject_id, comparison_id, raised_at, outcome, clue_id FROM comparison_verdict
        ) ever
        JOIN comparison ON comparison.id = ever.comparison_id
        WHERE comparison.dataset = :dataset
            AND ever.raised_at >= CAST(CAST(:since AS date) AS timestamp) AT TIME ZONE '{CHINA.key}'
            AND (:all OR comparison.owner = :owner)
        ORDER BY rule, "window", subject_id, clue_id, raised_at)"""  # noqa: S608 - ours
_OF_DATASET = text(_VERDICTS.format(alerts=_EVER))


async def verdicts_of_batch(db: Reader, comparison_id: UUID) -> list[RuleVerdicts]:
    """Return, by rule, what became of a batch's warnings, as far as they hold."""
    rows = await db.rows(_OF_BATCH, {"batch": comparison_id, "doubts": list(DOUBTS)})
    return [RuleVerdicts.of(*row) for row in rows]


async def verdicts_of_dataset(db: Reader, dataset: str, since: date) -> list[RuleVerdicts]:
    """Return, by rule, what became of all warnings of a dataset since a day, in the caller's area.

    A verdict stays where its rows are corrected or withdrawn, or slips would be forgotten by whoever mends them; what
    nobody had settled by then counts no more.

    A department's own: of others' batches it learns no figures either.
    """
    seen = {"all": reads_registry(db.principal), "owner": db.principal.subject}
    rows = await db.rows(_OF_DATASET, seen | {"dataset": dataset, "since": since, "doubts": list(DOUBTS)})
    return [RuleVerdicts.of(*row) for row in rows]
