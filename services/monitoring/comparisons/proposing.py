"""What batches say otherwise than the registry is told to it once, whatever is killed; and that it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.monitoring.batches.model import Comparison, ComparisonCorrection
from shared.contracts.comparisons import (
    ComparedCorrection,
    ComparisonCorrectionsProposed,
    ComparisonCorrectionsWithdrawn,
)
from shared.contracts.envelope import Contract
from shared.database import Writer, inside
from shared.domain.division import county_of

#: Most proposals that are told in one transaction: as many events as travel in one message, at most.
_AT_ONCE = 500


async def tell_contradictions(db: Writer, comparison: Comparison) -> bool:
    """Propose the next ones that are not told yet to the registry, one event a household; returns whether more may be.

    Those of the county's other batches of the dataset, too, which this one's withdrawal may have left to them.
    """
    of_dataset = select(Comparison.id).where(
        Comparison.dataset == comparison.dataset,
        inside(Comparison.division_code, county_of(comparison.division_code)),
    )
    untold = select(ComparisonCorrection).where(
        col(ComparisonCorrection.comparison_id).in_(of_dataset),
        col(ComparisonCorrection.told_at).is_(None),
        col(ComparisonCorrection.withdrawn_by).is_(None),
    )
    return await _tell(db, untold, "told_at", _told)


async def tell_withdrawn(db: Writer, comparison: Comparison) -> bool:
    """Tell the registry of the next ones that a batch has taken back, as ``tell_contradictions`` does."""
    untold = select(ComparisonCorrection).where(
        ComparisonCorrection.withdrawn_by == comparison.id,
        col(ComparisonCorrection.told_at).is_not(None),
        col(ComparisonCorrection.withdrawal_told_at).is_(None),
    )
    return await _tell(db, untold, "withdrawal_told_at", partial(_withdrawn, comparison))


async def _tell(
    db: Writer,
    untold: SelectOfScalar[ComparisonCorrection],
    stamp: str,
    event: Callable[[Comparison, list[ComparisonCorrection]], Contract],
) -> bool:
    """Tell the next ones, which nobody else is telling meanwhile, with a stamp; one event a household and batch."""
    order = (
        col(ComparisonCorrection.household_id),
        col(ComparisonCorrection.comparison_id),
        col(ComparisonCorrection.id),
    )
    locked = untold.order_by(*order).limit(_AT_ONCE).with_for_update(skip_locked=True)
    proposals = await db.all(locked.execution_options(populate_existing=True))
    for each in proposals:
        setattr(each, stamp, db.now)
    await db.flush()
    ids = {each.comparison_id for each in proposals}
    batches = {each.id: each for each in await db.all(select(Comparison).where(col(Comparison.id).in_(ids)))}
    for (_, batch), together in groupby(proposals, key=lambda each: (each.household_id, each.comparison_id)):
        db.record(event(batches[batch], list(together)))
    return len(proposals) == _AT_ONCE


def _told(batch: Comparison, proposals: list[ComparisonCorrection]) -> ComparisonCorrectionsProposed:
    assert batch.effective_at is not None  # noqa: S101 - told once it has taken effect
    return ComparisonCorrectionsProposed(
        **_from(batch, proposals),
        compared_at=batch.effective_at,
        proposed_by=batch.owner,
        corrections=tuple(
            ComparedCorrection.model_validate(each, from_attributes=True) for each in proposals
        ),
    )


def _withdrawn(
    comparison: Comparison, batch: Comparison, proposals: list[ComparisonCorrection]
) -> ComparisonCorrectionsWithdrawn:
    return ComparisonCorrectionsWithdrawn(
        **_from(batch, proposals),
        reason=comparison.withdrawal_reason or "报送部门更正了数据",
        corrections=tuple(each.id for each in proposals),
    )


def _from(batch: Comparison, proposals: list[ComparisonCorrection]) -> dict[str, Any]:
    """Return of which batch, and of which household, is told."""
    of_household = proposals[0].model_dump(include={"division_code", "household_id"})
    of_batch = batch.model_dump(include={"id", "version", "dataset", "period"})
    return of_household | of_batch | {"department": batch.owner_name}
