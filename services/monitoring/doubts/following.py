"""Doubts follow the alerts of negative lists: raised with them, and lapsed with those that nobody has decided."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from shared.database import Writer

# What was decided stays decided, on the facts of then.
_RAISE = text(
    """
    INSERT INTO doubt AS known (id, division_code, household_id, member_id, rule, rule_version, "window", inputs,
        dataset, period, comparison_id, raised_at, state, evidence)
    SELECT CAST(md5(concat_ws('|', alert.rule, alert."window", alert.subject_id)) AS uuid) AS id, alert.division_code,
        alert.household_id, alert.member_id, alert.rule, alert.rule_version, alert."window", alert.inputs,
        batch.dataset, batch.period, batch.id, alert.raised_at, 'open', '[]'
    FROM comparison_alert alert JOIN comparison batch ON batch.id = alert.comparison_id
    WHERE batch.id = ANY(:ids) AND alert.outcome = 'doubt' ORDER BY 1
    ON CONFLICT (id) DO UPDATE SET state = 'open', comparison_id = excluded.comparison_id,
        rule_version = excluded.rule_version, inputs = excluded.inputs
    WHERE known.state IN ('open', 'lapsed') AND (known.state, known.comparison_id, known.rule_version, known.inputs)
        IS DISTINCT FROM ('open', excluded.comparison_id, excluded.rule_version, excluded.inputs)
    """
)
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
    ids = {"ids": list(comparison_ids)}
    await db.execute(_RAISE, ids)
    await db.execute(_LAPSE, ids)
