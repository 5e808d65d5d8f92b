"""What rules have hit becomes known: clues, a few hundred at a time, and of open ones other figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.batches.model import Comparison, ComparisonAlert
from services.monitoring.clues.commands import receive_many
from services.monitoring.clues.correcting import correct
from services.monitoring.clues.model import UNSETTLED
from services.monitoring.clues.rules import DEPARTMENT, Arrival
from services.monitoring.datasets.catalog import datasets
from services.monitoring.replicas.movers import Subject, ids_of
from services.monitoring.replicas.queries import lock_households
from services.monitoring.rulebook.documents import Rule, hit_of
from services.monitoring.rulebook.evaluation import thresholds_of
from services.monitoring.rulebook.queries import rules
from shared.database import Reader, Writer

#: Clues are taken a few hundred at a time, since their households stay locked meanwhile.
CLUES = 200
_KEY = {"rule", "window", "subject_id"}
_TOLD = text(
    """
    UPDATE comparison_alert alert SET outcome = told.outcome, clue_id = told.clue_id, told_by = comparison_id
    FROM jsonb_to_recordset(CAST(:told AS jsonb))
        AS told (rule text, "window" text, subject_id uuid, outcome text, clue_id uuid)
    WHERE (alert.rule, alert."window", alert.subject_id) = (told.rule, told."window", told.subject_id)
    """
)
#: Open clues that say other figures than the alert does of which they were told.
_OUTDATED = text(
    """
    SELECT DISTINCT clue.id FROM comparison_alert alert JOIN clue ON clue.id = alert.clue_id
    WHERE alert.news_of = :id AND clue.status = ANY(:unsettled)
        AND EXISTS (
            SELECT FROM jsonb_array_elements(clue.evidence) told
            WHERE told ->> 'reference' = 'comparison:' || alert.told_by AND told -> 'detail' ->> 'rule' = alert.rule
                AND (told ->> 'member_id' IS NOT DISTINCT FROM CAST(alert.member_id AS text) OR EXISTS (
                    SELECT FROM mover
                    WHERE mover.now_id = alert.member_id AND CAST(mover.id AS text) = told ->> 'member_id'))
                AND NOT jsonb_exists(told, 'taken_back_on') AND told -> 'detail' -> 'inputs' <> alert.inputs)
    ORDER BY clue.id
    """
)


async def tell_clues(db: Writer, comparison: Comparison) -> bool:
    """Make clues of the next alerts that are a batch's news, and none yet; returns whether there may be more."""
    untold = select(ComparisonAlert).where(
        ComparisonAlert.news_of == comparison.id, col(ComparisonAlert.outcome).is_(None)
    )
    following = await db.all(untold.order_by(col(ComparisonAlert.household_id)).limit(CLUES))
    # Whoever is about to go holds these: their alerts have gone along by then, and are told with the next ones.
    homes = {alert.household_id for alert in following}
    await lock_households(db, homes)
    there = untold.where(col(ComparisonAlert.household_id).in_(homes)).limit(CLUES)
    alerts = await db.all(there.execution_options(populate_existing=True))
    receipts = await receive_many(db, await _arrivals(db, alerts))
    told = [
        {
            **alert.model_dump(include=_KEY, mode="json"),
            "outcome": receipt.outcome,
            "clue_id": str(receipt.clue.id) if receipt.clue else None,
        }
        for alert, receipt in zip(alerts, receipts, strict=True)
    ]
    await db.execute(_TOLD, {"told": orjson.dumps(told).decode()})
    return len(following) == CLUES or len(alerts) < len(following)


async def outdated_clues(db: Reader, comparison_id: UUID) -> list[UUID]:
    """Return open clues of which a batch has made the figures others, the same until ``tell_figures`` has told them."""
    rows = await db.rows(_OUTDATED, {"id": comparison_id, "unsettled": sorted(UNSETTLED)})
    return [row.id for row in rows]


async def tell_figures(db: Writer, clue_ids: Sequence[UUID]) -> None:
    """Let open clues say the figures of now."""
    told = col(ComparisonAlert.clue_id).in_(clue_ids), col(ComparisonAlert.told_by).is_not(None)
    alerts = await db.all(select(ComparisonAlert).where(*told))
    arrivals: defaultdict[UUID, list[Arrival]] = defaultdict(list)
    # Of whoever moved it was told by the ids of then.
    known = await ids_of(db, {Subject(each.household_id, each.member_id) for each in alerts})
    for alert, arrival in zip(alerts, await _arrivals(db, alerts), strict=True):
        assert alert.clue_id is not None  # noqa: S101 - as was asked for
        arrivals[alert.clue_id] += [
            replace(arrival, **subject._asdict())
            for subject in known[Subject(alert.household_id, alert.member_id)]
        ]
    await correct(db, arrivals)


async def _arrivals(db: Reader, alerts: Sequence[ComparisonAlert]) -> list[Arrival]:
    known = await rules(db)
    telling = select(Comparison).where(col(Comparison.id).in_({alert.comparison_id for alert in alerts}))
    batches = {batch.id: batch for batch in await db.all(telling)}
    return [_arrival(alert, known, batches[alert.comparison_id]) for alert in alerts]


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
        reference=f"comparison:{alert.told_by or comparison.id}",
        detail=detail,
    )
