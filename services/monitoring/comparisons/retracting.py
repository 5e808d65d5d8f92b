"""Taking back what was told in the name of a batch that does not bear it out any more."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.batches.model import Comparison, ComparisonAlert, ComparisonRetraction
from services.monitoring.clues.model import UNSETTLED
from services.monitoring.clues.rules import Retraction
from services.monitoring.clues.taking_back import take_back
from services.monitoring.comparisons.following import LOOKED_INTO
from services.monitoring.comparisons.supersession import corrected_by
from services.monitoring.replicas.movers import Subject, hold_ids_of
from shared.database import Database, Reader, Writer
from shared.identity.principal import Principal

#: A few hundred at a time, since their households stay locked meanwhile.
_AT_ONCE = 200
#: What was told in a batch's name is told in another's where it holds all the same, unless it has its verdict.
_DISOWN = text(
    f"""
    WITH told AS (
        UPDATE comparison_alert alert SET told_by = NULL, news_of = :id,
            outcome = CASE WHEN clue.status = ANY(:unsettled) THEN NULL ELSE alert.outcome END,
            clue_id = CASE WHEN clue.status = ANY(:unsettled) THEN NULL ELSE clue.id END
        FROM comparison_alert before LEFT JOIN clue ON clue.id = {LOOKED_INTO.format(alert="before")}
        WHERE before.told_by = ANY(:told) AND (alert.rule, alert."window", alert.subject_id)
            = (before.rule, before."window", before.subject_id)
        RETURNING alert.rule, before.told_by, alert.subject_id, alert.household_id, alert.member_id, alert.risk_type)
    INSERT INTO comparison_retraction (comparison_id, rule, told_by, subject_id, household_id, member_id, risk_type)
    SELECT :id, rule, told_by, subject_id, household_id, member_id, risk_type FROM told
    ON CONFLICT DO NOTHING
    """  # noqa: S608 - ours
)


async def disown(db: Writer, comparison: Comparison) -> None:
    """Note that nothing is said any more in a withdrawn batch's name, nor in that of those whose place it had taken."""
    told = await corrected_by(db, comparison)
    await db.execute(_DISOWN, {"id": comparison.id, "told": told, "unsettled": sorted(UNSETTLED)})


async def take_all_back(database: Database, actor: Principal, comparison_id: UUID, *, reason: str) -> None:
    """Take back what is noted of a batch, some at a time: whoever is killed in between goes on with the rest."""
    while True:
        async with database.writing(actor, reason=reason) as db:
            comparison = await db.get(Comparison, comparison_id)
            noted = await db.all(
                select(ComparisonRetraction)
                .where(col(ComparisonRetraction.comparison_id) == comparison_id)
                .order_by(col(ComparisonRetraction.household_id), col(ComparisonRetraction.subject_id))
                .limit(_AT_ONCE)
            )
            if not noted:
                return
            await _take_back(db, comparison, noted, reason)


async def _take_back(
    db: Writer, comparison: Comparison, noted: Sequence[ComparisonRetraction], reason: str
) -> None:
    # It was told by the ids of then, and what followed people is where they are now.
    known = await hold_ids_of(db, {Subject(each.household_id, each.member_id) for each in noted})
    standing = await _standing(db, noted, [subject for ids in known.values() for subject in ids])
    retractions = [
        Retraction(*subject, each.risk_type, f"comparison:{each.told_by}", each.rule)
        for each in noted
        for subject in known[Subject(each.household_id, each.member_id)]
        if subject.id == each.subject_id or (each.rule, each.told_by, subject.id) not in standing
    ]
    done = await take_back(db, retractions, reason=reason)
    comparison.clues_taken_back += done.clues
    comparison.clues_kept += done.kept
    for each in noted:
        await db.delete(each)
    await db.flush()


async def _standing(
    db: Reader, noted: Sequence[ComparisonRetraction], subjects: Sequence[Subject]
) -> set[tuple[str, UUID, UUID]]:
    """Return what stands in the same names of another record or household, which may have become the same by now."""
    told_by, rule, subject = (
        col(ComparisonAlert.told_by),
        col(ComparisonAlert.rule),
        col(ComparisonAlert.subject_id),
    )
    told = select(rule, told_by, subject).where(
        told_by.in_({each.told_by for each in noted}), subject.in_({each.id for each in subjects})
    )
    return {(row.rule, row.told_by, row.subject_id) for row in await db.rows(told)}
