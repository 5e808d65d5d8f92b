"""A corrected batch takes the place of the earlier one of the same sender, dataset and period."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, text
from sqlmodel import col, select

from services.monitoring.comparisons.model import PERSON, Comparison, ComparisonPart, Mode
from shared.database import Reader, Writer
from shared.domain.division import county_of

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_SUPERSEDE = text(
    """
    UPDATE comparison SET superseded_by = :id
    WHERE dataset = :dataset AND period = :period AND owner = :owner AND mode = 'commit' AND id < :id
        AND superseded_by IS NULL AND withdrawn_at IS NULL AND digest <> ''
    """
)
#: A batch that was held up (its job was tried again) finds itself corrected already.
_GIVE_WAY = text(
    """
    UPDATE comparison SET superseded_by = newer.id
    FROM (
        SELECT id FROM comparison WHERE dataset = :dataset AND period = :period AND owner = :owner AND mode = 'commit'
            AND id > :id AND effective_at IS NOT NULL AND withdrawn_at IS NULL ORDER BY id DESC LIMIT 1) newer
    WHERE comparison.id = :id
    """
)

_MAY_BE_DECIDED = select(col(ComparisonPart.number)).where(col(ComparisonPart.probable) > 0)
#: Whoever is likely meant is whom a person said to be meant: by the same name, and the same birth date or village.
_TAKE_OVER = text(
    """
    UPDATE comparison_result result SET outcome = 'matched', match = :person
    FROM comparison_result decided JOIN comparison before ON before.id = decided.comparison_id
    WHERE before.superseded_by = :id AND decided.match = :person AND decided.outcome = 'matched'
        AND result.comparison_id = :id AND result.outcome = 'probable' AND result.member_id = decided.member_id
    """
)


def counts() -> Sequence[ColumnElement[bool]]:
    """Return what holds of the batches whose rows count: of each sender and period the newest that has taken effect."""
    return (
        col(Comparison.effective_at).is_not(None),
        col(Comparison.superseded_by).is_(None),
        col(Comparison.withdrawn_at).is_(None),
    )


async def take_effect(db: Writer, comparison: Comparison) -> None:
    """Let a batch's rows count from now on, and those of the batch that it corrects no more.

    What a person said of a row without a number holds of the same row in the correction.
    """
    await alone_in_county(db, comparison)
    comparison.effective_at = db.now
    await db.flush()
    same = {name: getattr(comparison, name) for name in ("id", "dataset", "period", "owner")}
    await db.execute(_SUPERSEDE, same)
    await db.execute(_GIVE_WAY, same)
    if await db.first(_MAY_BE_DECIDED.where(col(ComparisonPart.comparison_id) == comparison.id)):
        await db.execute(_TAKE_OVER, {"id": comparison.id, "person": PERSON})


async def alone_in_county(db: Writer, comparison: Comparison) -> None:
    """Let batches of a county take effect, be withdrawn and be decided on one after another.

    Each sums up over those before it, of whatever sender and dataset.
    """
    await one_at_a_time(db, "comparison", county_of(comparison.division_code))


async def one_at_a_time(db: Writer, *what: str) -> None:
    """Wait until nobody else does the same to the same; they wait until this transaction ends."""
    await db.execute(_LOCK, {"key": " ".join(what)})


async def corrected_by(db: Reader, comparison: Comparison) -> list[UUID]:
    """Return the batch itself and all that it corrects: under which its rows may have been told."""
    return await db.all(
        select(Comparison.id).where(
            Comparison.dataset == comparison.dataset,
            Comparison.period == comparison.period,
            Comparison.owner == comparison.owner,
            Comparison.mode == Mode.COMMIT,
            col(Comparison.id) <= comparison.id,
        )
    )
