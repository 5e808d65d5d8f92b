"""A review, as a job: rules act first, then every eliminated object gets its verdict from what they hit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.monitoring.rulebook.documents import Rule
from services.monitoring.rulebook.evaluation import Question, asked, judgement
from services.monitoring.rulebook.queries import rules
from services.monitoring.rulebook.raising import raise_hits, tell_hits
from services.monitoring.stability_reviews.model import StabilityReview
from shared.database import Writer
from shared.database.places import inside_sql
from shared.domain.dated import in_force
from shared.identity.principal import system
from shared.jobs import Job, JobRun, enqueue
from shared.keys import uuid7

REVIEW = "monitoring.stability_review"
_SYSTEM = system("monitoring")
_REASON = "风险消除稳定性核查"

_VERDICTS = """
    INSERT INTO reviewed_object (review_id, monitored_id, household_id, division_code, verdict, hits, unknown,
        eliminated_on)
    SELECT :review, o.id, o.household_id, o.division_code,
        CASE WHEN hit.hits IS NULL THEN 'stable' ELSE 'doubtful' END, coalesce(hit.hits, '[]'), '[]', o.eliminated_on
    FROM monitored_object o
    LEFT JOIN (
        SELECT household_id, jsonb_agg(jsonb_build_object('rule', rule, 'version', rule_version, 'risk_type', risk_type,
            'member_id', member_id, 'inputs', inputs, 'since', since) ORDER BY rule, subject_id) AS hits
        FROM rule_hit WHERE ended_on IS NULL AND rule = ANY(:rules) GROUP BY household_id) hit
        ON hit.household_id = o.household_id
    WHERE o.status IN ('eliminated', 'retag_candidate') AND {here}
    """
#: Of whom a rule cannot say anything, since a fact is not known, is not called stable.
_LACKS = """
    WITH {facts},
    lack AS (
        SELECT household_id, jsonb_agg(DISTINCT asked.fact) AS facts
        FROM facts, LATERAL (VALUES {asked}) AS asked (fact, missing)
        WHERE {open} AND asked.missing GROUP BY household_id)
    UPDATE reviewed_object reviewed SET
        unknown = (SELECT jsonb_agg(DISTINCT fact) FROM jsonb_array_elements(reviewed.unknown || lack.facts) fact),
        verdict = CASE verdict WHEN 'stable' THEN 'unknown' ELSE verdict END
    FROM lack WHERE reviewed.review_id = :review AND reviewed.household_id = lack.household_id
    """


async def ask_for_review(db: Writer, division: str) -> StabilityReview:
    """Ask for a review of all eliminated objects of a division."""
    review = StabilityReview(id=uuid7(), division_code=division, on=db.today, asked_by=db.principal.name)
    db.add(review)
    await db.flush()
    review.job_id = await enqueue(db, REVIEW, {"review_id": str(review.id)}, division_code=division)
    await db.flush()
    return review


async def run_review(run: JobRun) -> dict[str, Any]:
    """Let the rules of stability act, tell what is new, and write everybody's verdict (payload: review_id)."""
    review_id = UUID(run.payload["review_id"])
    async with run.database.reading(_SYSTEM) as db:
        asking = [rule for rule in (await rules(db)).values() if rule.meaning == "instability"]
    if "judged" not in run.checkpoint:
        async with run.database.writing(_SYSTEM, reason=_REASON) as db:
            await _judge(db, review_id, asking)
        await run.save(judged=True)
    told = 1
    while told:
        async with run.database.writing(_SYSTEM, reason=_REASON) as db:
            told = await tell_hits(db)
    async with run.database.writing(_SYSTEM, reason=_REASON) as db:
        review = await db.get(StabilityReview, review_id)
        review.finished_at = review.finished_at or db.now
        await db.flush()
    return {"review_id": str(review_id)}


async def _judge(db: Writer, review_id: UUID, asking: list[Rule]) -> None:
    review = await db.get(StabilityReview, review_id)
    # A run that died behind this transaction has left it whole.
    if review.rules:
        return
    for rule in asking:
        await raise_hits(db, rule, division=review.division_code)
    here = inside_sql("o.division_code", review.division_code)
    names = [rule.id for rule in asking]
    await db.execute(text(_VERDICTS.format(here=here)), {"review": review_id, "rules": names})
    for rule in asking:
        await _note_lacks(db, review, rule)
    review.rules = [
        {"rule": rule.id, "version": version.version, "area": version.area}
        for rule in asking
        for version in in_force(rule.versions, db.today)
    ]
    await db.flush()


async def _note_lacks(db: Writer, review: StabilityReview, rule: Rule) -> None:
    """Note the facts that a rule asks and the registry does not have."""
    versions = in_force(rule.versions, db.today)
    if not versions:
        return
    facts = asked(rule, versions, Question(on=db.today, division=review.division_code))
    names = sorted(frozenset().union(*(version.facts for version in versions)))
    lacks = ", ".join(f"('{name}', \"{name}\" IS NULL)" for name in names)
    judged = judgement(rule, versions, db.today)
    statement = _LACKS.format(facts=facts.ctes, asked=lacks, open=judged.open)
    await db.execute(text(statement), facts.values | judged.values | {"review": review.id})


STABILITY_REVIEW = Job(REVIEW, run_review)
