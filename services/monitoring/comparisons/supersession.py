"""A corrected batch takes the place of the earlier one of the same sender, dataset and period.

The later one is whose comparison was asked for later, as the ids of jobs tell: a file's when it is received, that of
pages when they are closed, however long before the first of them came.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.batches.model import (
    Comparison,
    ComparisonPart,
    Mode,
)
from services.monitoring.batches.rows import PERSON, ComparisonResult
from shared.database import Reader, Writer
from shared.domain.division import county_of

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_SUPERSEDE = text(
    """
    UPDATE comparison SET superseded_by = :id
    WHERE dataset = :dataset AND period = :period AND owner = :owner AND mode = 'commit'
        AND job_id < :job_id AND superseded_by IS NULL AND withdrawn_at IS NULL
    """
)
#: A batch that was held up (its job was tried again) finds itself corrected already.
_GIVE_WAY = text(
    """
    UPDATE comparison SET superseded_by = newer.id
    FROM (
        SELECT id FROM comparison WHERE dataset = :dataset AND period = :period AND owner = :owner AND mode = 'commit'
            AND job_id > :job_id AND effective_at IS NOT NULL AND withdrawn_at IS NULL
        ORDER BY job_id DESC LIMIT 1) newer
    WHERE comparison.id = :id
    """
)

_MAY_BE_DECIDED = select(col(ComparisonPart.number)).where(col(ComparisonPart.probable) > 0)
#: What tells a refused row again, of which nothing else is kept: a digest of who was likely meant, and of what it said.
_TELLS_AGAIN = """
    sha256(convert_to(CAST(ROW({member}, {row}.amount, {row}.quantity, {row}.happened_on, {row}.kind,
        {row}.note, {row}.more) AS text), 'UTF8'))
    """
_OF_RESULT, _OF_CONFIRMED = (
    _TELLS_AGAIN.format(row=row, member=f"{row}.member_id") for row in ("result", "confirmed")
)
_DIGEST = text(
    f"SELECT {_OF_RESULT} FROM comparison_result result WHERE comparison_id = :id AND line = :line"  # noqa: S608 - ours
)
#: Of who is not meant, the very row, by any id that they had if they went to another household; where the same row was
#: confirmed as well, that counts.
_REFUSE_AGAIN = text(
    f"""
    WITH likely AS (
        SELECT result.line, {_TELLS_AGAIN.format(row="result", member="known.id")} AS digest
        FROM comparison_result result CROSS JOIN LATERAL (
            SELECT result.member_id AS id
            UNION ALL
            SELECT was.id FROM mover here JOIN mover was ON was.now_id = here.now_id AND was.id <> here.id
            WHERE here.id = result.member_id) known
        WHERE result.comparison_id = :id AND result.outcome = 'probable')
    UPDATE comparison_result result SET outcome = 'unmatched', match = :person, number_index = refused.number_index,
        household_id = NULL, member_id = NULL, amount = NULL, quantity = NULL, happened_on = NULL, kind = NULL,
        note = NULL, more = NULL
    FROM likely JOIN comparison_result refused ON refused.number_index = likely.digest
    JOIN comparison before ON before.id = refused.comparison_id
    WHERE before.superseded_by = :id AND refused.match = :person AND refused.outcome = 'unmatched'
        AND result.comparison_id = :id AND result.line = likely.line
        AND NOT EXISTS (
            SELECT FROM comparison_result confirmed
            WHERE confirmed.comparison_id = before.id AND confirmed.match = :person AND confirmed.outcome = 'matched'
                AND {_OF_CONFIRMED} = refused.number_index)
    """  # noqa: S608 - ours
)
#: Whoever is likely meant is whom a person said to be meant, in whatever household they are: by the same name, and the
#: same birth date or village.
_TAKE_OVER = text(
    """
    WITH decided AS (
        SELECT coalesce(mover.now_id, decided.member_id) AS who
        FROM comparison_result decided JOIN comparison before ON before.id = decided.comparison_id
        LEFT JOIN mover ON mover.id = decided.member_id
        WHERE before.superseded_by = :id AND decided.match = :person AND decided.outcome = 'matched'),
    likely AS (
        SELECT line, coalesce(mover.now_id, likely.member_id) AS who
        FROM comparison_result likely LEFT JOIN mover ON mover.id = likely.member_id
        WHERE likely.comparison_id = :id AND likely.outcome = 'probable')
    UPDATE comparison_result result SET outcome = 'matched', match = :person
    FROM likely JOIN decided ON decided.who = likely.who
    WHERE result.comparison_id = :id AND result.line = likely.line
    """
)


async def take_effect(db: Writer, comparison: Comparison) -> None:
    """Let a batch's rows count from now on, and those of the batch that it corrects no more.

    What a person said of a row without a number holds of the same row in the correction.
    """
    await alone_in_county(db, comparison)
    comparison.effective_at = db.now
    await db.flush()
    same = {name: getattr(comparison, name) for name in ("id", "job_id", "dataset", "period", "owner")}
    await db.execute(_SUPERSEDE, same)
    await db.execute(_GIVE_WAY, same)
    if await db.first(_MAY_BE_DECIDED.where(col(ComparisonPart.comparison_id) == comparison.id)):
        for take_over in (_REFUSE_AGAIN, _TAKE_OVER):
            await db.execute(take_over, {"id": comparison.id, "person": PERSON})


async def digest_of(db: Reader, result: ComparisonResult) -> bytes:
    """Return what tells a row again that is refused."""
    digest: bytes = await db.scalar(_DIGEST, {"id": result.comparison_id, "line": result.line})
    return digest


async def alone_in_county(db: Writer, comparison: Comparison) -> None:
    """Let batches of a county take effect, be withdrawn and be decided on one after another.

    Each sums up over those before it, of whatever sender and dataset. What became of the batch while others were at it
    is read anew: a correction may have taken its place.
    """
    await one_at_a_time(db, "comparison", county_of(comparison.division_code))
    present = select(Comparison).where(col(Comparison.id) == comparison.id)
    await db.one(present.execution_options(populate_existing=True))


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
            col(Comparison.job_id) <= comparison.job_id,
        )
    )
