"""Taking back what a corrected or withdrawn batch does not say any more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.clues.rules import Retraction
from services.monitoring.clues.taking_back import take_back
from services.monitoring.comparisons.model import Comparison, ComparisonRetraction
from services.monitoring.comparisons.supersession import corrected_by
from services.monitoring.doubts.following import follow_alerts
from shared.database import Database, Writer
from shared.identity.principal import Principal

#: A few hundred at a time, since their households stay locked meanwhile.
_AT_ONCE = 200
_RETRACT_ALL = text(
    """
    WITH gone AS (
        DELETE FROM comparison_alert WHERE comparison_id = :id
        RETURNING household_id, subject_id, member_id, risk_type)
    INSERT INTO comparison_retraction (comparison_id, household_id, subject_id, member_id, risk_type)
    SELECT DISTINCT :id, household_id, subject_id, member_id, risk_type FROM gone WHERE risk_type IS NOT NULL
    ON CONFLICT DO NOTHING
    """
)


async def retract_all(db: Writer, comparison: Comparison) -> None:
    """Note that nothing which a batch told is said any more."""
    await db.execute(_RETRACT_ALL, {"id": comparison.id})
    await follow_alerts(db, comparison.id)


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
    db: Writer, comparison: Comparison, noted: list[ComparisonRetraction], reason: str
) -> None:
    references = {f"comparison:{each}" for each in await corrected_by(db, comparison)}
    retractions = [Retraction(each.household_id, each.member_id, each.risk_type) for each in noted]
    done: Any = await take_back(db, retractions, references, reason=reason)
    comparison.clues_taken_back += done.clues
    comparison.clues_kept += done.kept
    for each in noted:
        await db.delete(each)
    await db.flush()
