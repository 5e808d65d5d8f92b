"""What rules have hit becomes known: clues, a few hundred at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.batches.model import Comparison, ComparisonAlert
from services.monitoring.clues.commands import receive_many
from services.monitoring.clues.rules import DEPARTMENT, Arrival
from services.monitoring.datasets.catalog import datasets
from services.monitoring.rulebook.documents import Rule, hit_of
from services.monitoring.rulebook.evaluation import thresholds_of
from services.monitoring.rulebook.queries import rules
from shared.database import Writer

#: Clues are taken a few hundred at a time, since their households stay locked meanwhile.
_CLUES = 200
_KEY = {"rule", "window", "subject_id"}
_TOLD = text(
    """
    UPDATE comparison_alert alert SET outcome = told.outcome, clue_id = told.clue_id, told_by = comparison_id
    FROM jsonb_to_recordset(CAST(:told AS jsonb))
        AS told (rule text, "window" text, subject_id uuid, outcome text, clue_id uuid)
    WHERE (alert.rule, alert."window", alert.subject_id) = (told.rule, told."window", told.subject_id)
    """
)


async def tell_clues(db: Writer, comparison: Comparison) -> bool:
    """Make clues of the next alerts that are a batch's news, and none yet; returns whether there may be more."""
    untold = select(ComparisonAlert).where(
        ComparisonAlert.news_of == comparison.id, col(ComparisonAlert.outcome).is_(None)
    )
    alerts = await db.all(untold.order_by(col(ComparisonAlert.household_id)).limit(_CLUES))
    if not alerts:
        return False
    known = await rules(db)
    telling = select(Comparison).where(col(Comparison.id).in_({alert.comparison_id for alert in alerts}))
    batches = {batch.id: batch for batch in await db.all(telling)}
    receipts = await receive_many(
        db, [_arrival(alert, known, batches[alert.comparison_id]) for alert in alerts]
    )
    told = [
        {
            **alert.model_dump(include=_KEY, mode="json"),
            "outcome": receipt.outcome,
            "clue_id": str(receipt.clue.id) if receipt.clue else None,
        }
        for alert, receipt in zip(alerts, receipts, strict=True)
    ]
    await db.execute(_TOLD, {"told": orjson.dumps(told).decode()})
    return len(alerts) == _CLUES


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
