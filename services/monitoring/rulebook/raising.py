"""Letting rules act: whom they hit now, whom no more, and clues of what is new."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.clues.commands import receive_many
from services.monitoring.clues.rules import REGISTRY, Arrival
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import MonitoredStatus
from services.monitoring.rulebook.documents import Rule, hit_of
from services.monitoring.rulebook.evaluation import Question, asked, judgement, thresholds_of
from services.monitoring.rulebook.model import RuleHit
from services.monitoring.rulebook.queries import rules
from shared.database import Writer
from shared.database.places import inside_sql
from shared.domain.dated import in_force

#: Clues are taken a few hundred at a time, since their households stay locked meanwhile.
_CLUES = 200
_RAISE = """
    WITH {facts},
    hits AS MATERIALIZED (
        SELECT household_id, coalesce(member_id, household_id) AS subject_id, member_id, division_code,
            coalesce(CAST(:risk_type AS text), last_risk) AS risk_type, {version} AS rule_version, {inputs} AS inputs
        FROM facts WHERE {hit}),
    ended AS (
        UPDATE rule_hit known SET ended_on = :on
        WHERE known.rule = :rule AND known.ended_on IS NULL AND {scope} AND NOT EXISTS (
            SELECT FROM hits WHERE hits.household_id = known.household_id AND hits.subject_id = known.subject_id))
    INSERT INTO rule_hit (household_id, rule, subject_id, since, member_id, division_code, rule_version, risk_type,
        inputs)
    SELECT household_id, :rule, subject_id, :on, member_id, division_code, rule_version, risk_type, inputs
    FROM hits WHERE NOT EXISTS (
        SELECT FROM rule_hit known WHERE known.rule = :rule AND known.household_id = hits.household_id
            AND known.subject_id = hits.subject_id AND known.ended_on IS NULL)
    ON CONFLICT DO NOTHING
    """


async def raise_hits(
    db: Writer, rule: Rule, *, division: str | None = None, household_ids: Collection[UUID] | None = None
) -> int:
    """Note whom a rule hits today and did not before, and whom it hits no more; returns how many are new.

    Of all households, of those of a division, or of those that are named.
    """
    versions = in_force(rule.versions, db.today)
    if not versions:
        return 0
    question = Question(on=db.today, division=division, household_ids=household_ids)
    facts, judged = asked(rule, versions, question), judgement(rule, versions, db.today)
    scope = "true" if household_ids is None else "known.household_id = ANY(:household_ids)"
    scope += f" AND {inside_sql('known.division_code', division)}" if division else ""
    statement = _RAISE.format(
        facts=facts.ctes, hit=judged.hit, version=judged.version, inputs=judged.inputs, scope=scope
    )
    values = {"rule": rule.id, "risk_type": rule.risk_type, "on": db.today}
    done = await db.execute(text(statement), facts.values | judged.values | values)
    return done.rowcount


async def tell_hits(db: Writer, *, household_ids: Collection[UUID] | None = None) -> int:
    """Make clues of the next hits that are none yet; returns how many were taken."""
    untold = select(RuleHit).where(col(RuleHit.outcome).is_(None), col(RuleHit.ended_on).is_(None))
    if household_ids is not None:
        untold = untold.where(col(RuleHit.household_id).in_(household_ids))
    hits = await db.all(untold.order_by(col(RuleHit.household_id), col(RuleHit.rule)).limit(_CLUES))
    if not hits:
        return 0
    known = await rules(db)
    receipts = await receive_many(db, [_arrival(known[hit.rule], hit) for hit in hits])
    for hit, receipt in zip(hits, receipts, strict=True):
        hit.outcome, hit.clue_id = receipt.outcome, receipt.clue.id if receipt.clue else None
    await db.flush()
    return len(hits)


async def watch_eliminated(db: Writer, household_ids: Collection[UUID]) -> None:
    """Ask the rules of stability of those whose risk was eliminated, since the registry tells news of them."""
    eliminated = await db.all(
        select(MonitoredObject.household_id).where(
            col(MonitoredObject.household_id).in_(household_ids),
            col(MonitoredObject.status).in_([MonitoredStatus.ELIMINATED, MonitoredStatus.RETAG_CANDIDATE]),
        )
    )
    if not eliminated:
        return
    new = 0
    for rule in (await rules(db)).values():
        if rule.meaning == "instability":
            new += await raise_hits(db, rule, household_ids=eliminated)
    while new and await tell_hits(db, household_ids=eliminated):
        pass


def _arrival(rule: Rule, hit: RuleHit) -> Arrival:
    found = hit_of({rule.id: rule}, rule.id, hit.rule_version, hit.inputs)
    assert found is not None  # noqa: S101 - it was hit by a version that holds today
    detail: dict[str, Any] = {
        "rule": rule.id,
        "version": hit.rule_version,
        "source": found.version.source,
        "inputs": hit.inputs,
        "thresholds": thresholds_of(found.version),
    }
    return Arrival(
        household_id=hit.household_id,
        member_id=hit.member_id,
        risk_type=hit.risk_type,
        source=REGISTRY,
        facts=f"{rule.zh}（{'；'.join(found.explained('zh')['reasons'])}）",
        reference=f"rule:{rule.id}:{hit.since.isoformat()}",
        detail=detail,
    )
